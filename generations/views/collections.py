"""Collections of a team: their list, one with its clips in order, and what an editor does with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from generations import bulk, collecting
from generations.cards import Deck
from generations.collection_page import CollectionPage
from generations.forms import as_uuid
from generations.models import Collection
from generations.models.collection import NAME_LENGTH
from generations.offers import Offer, named, words_of
from generations.views.answers import asked_for, conflict, see_other
from teams.access import OnlyWatches
from teams.activity import record
from teams.models import EDITS, Membership
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from uuid import UUID

    from teams.models import Project
    from wanstudio.http import AuthenticatedRequest


class NameForm(forms.Form):
    name = forms.CharField(
        max_length=NAME_LENGTH,
        error_messages={
            "required": gettext_lazy("Write a name first."),
            "max_length": gettext_lazy("A name has at most %s characters.") % NAME_LENGTH,
        },
    )


@require_safe
def collections(request: AuthenticatedRequest) -> TemplateResponse:
    """Of the team of `project`, the newest first; `find` looks for others by their name."""
    here = studio_of(request)
    here.choose_named(request.GET.get("project", ""))
    find = words_of(request.GET.get("find", ""))
    shown = named(Collection.objects.filter(team=here.here.team_id), find).select_related("created_by")
    kept = Q(collected__generation__trashed_at=None, collected__generation__project__deleted_at=None)
    counted = shown.annotate(clips=Count("collected", filter=kept))
    context = {
        "project": here.here,
        "collections": Offer.of(counted.order_by("-created_at", "-pk")),
        "find": find,
        "can_edit": here.can_edit,
    }
    template = "_collections" if request.htmx.target == "collections-found" else "collections"
    return TemplateResponse(request, f"generations/{template}.html", context)


@require_POST
def collection_create(request: AuthenticatedRequest) -> HttpResponse:
    """In the team of `project`."""
    here = studio_of(request)
    here.choose_named(request.POST.get("project", ""))
    if not here.can_edit:
        raise OnlyWatches
    form = NameForm(request.POST)
    if not form.is_valid():
        return conflict(request, str(form.errors["name"][0]), back=_list_in(here.here))
    with transaction.atomic():
        made = Collection.objects.create(team=here.here.team, name=form.cleaned_data["name"], created_by=request.user)
        record("collection_made", made.team, by=request.user, name=made.name)
    return see_other(_address(made, here.here))


@require_safe
def collection(request: AuthenticatedRequest, uuid: UUID) -> TemplateResponse:
    """Its clips in their order, seen from `project`; `before` is where the page before ended."""
    shown, can_edit = _visible(request, uuid)
    here = studio_of(request)
    here.choose_in(shown.team_id, request.GET.get("project", ""))
    page = CollectionPage(shown, request.user, before=request.GET.get("before", ""))
    if request.htmx.target == "many":  # it may have become more or fewer
        counted = _counted(page) | {"address": _address(shown, here.here)}
        return TemplateResponse(request, "generations/_collection_many.html", counted)
    deck = Deck(page.takes, can_edit=can_edit, payers=here.payers)
    context = {
        "collection": shown,
        "page": page,
        "project": here.here,
        "view": f"{page.query}&project={here.here.uuid}",
        "address": _address(shown, here.here),
        "cards": [deck.card(take) for take in page.takes],
        "can_edit": can_edit,
        "steps": [(-1, "chevron-left", _("Earlier")), (1, "chevron-right", _("Later"))],
    }
    if request.htmx and request.GET.get("before") and not request.htmx.history_restore_request:
        return TemplateResponse(request, "generations/_collected.html", context)
    return TemplateResponse(request, "generations/collection.html", context | _counted(page))


@require_POST
def collection_rename(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    changed = _editable(request, uuid)
    form = NameForm(request.POST)
    if not form.is_valid():
        return conflict(request, str(form.errors["name"][0]), back=asked_for(request) or changed.get_absolute_url())
    Collection.objects.filter(pk=changed.pk).update(name=form.cleaned_data["name"])
    return see_other(asked_for(request) or changed.get_absolute_url())


@require_POST
def collection_delete(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """The clips stay where they are."""
    gone = _editable(request, uuid)
    with transaction.atomic():
        record("collection_deleted", gone.team, by=request.user, name=gone.name)
        gone.delete()
    messages.success(request, _("The collection “%(name)s” is gone. Its clips are still there.") % {"name": gone.name})
    here = studio_of(request)
    here.choose_in(gone.team_id, request.POST.get("project", ""))
    return see_other(_list_in(here.here))


@require_POST
def collection_arrange(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """`move` is put one step `by`, or right before or behind the take that `before` or `behind` names."""
    arranged = _editable(request, uuid)
    moved, by = as_uuid(request.POST.get("move", "")), request.POST.get("by", "")
    before, behind = as_uuid(request.POST.get("before", "")), as_uuid(request.POST.get("behind", ""))
    other = before or behind
    if moved and by in ("-1", "1"):
        collecting.step(arranged, moved, int(by))
    elif moved and other:
        collecting.put(arranged, moved, other, behind=before is None)
    else:
        return conflict(request, _("There is nothing to arrange."))
    return HttpResponse(status=204) if request.htmx else see_other(asked_for(request) or arranged.get_absolute_url())


def _counted(page: CollectionPage) -> dict[str, Any]:
    many = page.all[: bulk.MOST + 1].count()
    return {"many": many, "number": bulk.words(many)}


def _address(collection: Collection, project: Project) -> str:
    return f"{collection.get_absolute_url()}?project={project.uuid}"


def _list_in(project: Project) -> str:
    return f"{reverse('generations:collections')}?project={project.uuid}"


def _visible(request: AuthenticatedRequest, uuid: UUID) -> tuple[Collection, bool]:
    """And whether the person may change it, in one query; 404 for a stranger."""
    role = Membership.objects.role_in("team", request.user)
    seen = Collection.objects.visible_to(request.user).annotate(role=role).select_related("team")
    found = get_object_or_404(seen, uuid=uuid)
    return found, getattr(found, "role", None) in EDITS


def _editable(request: AuthenticatedRequest, uuid: UUID) -> Collection:
    found, can_edit = _visible(request, uuid)
    if not can_edit:
        raise OnlyWatches
    return found
