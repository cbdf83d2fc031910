"""Collections of a team: their list, one with its clips in order, and what an editor does with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from generations import collecting
from generations.cards import Deck
from generations.forms import as_uuid
from generations.models import Collection, Generation
from generations.models.collection import NAME_LENGTH
from generations.views.answers import conflict, see_other
from teams.activity import record
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from uuid import UUID

    from wanstudio.http import AuthenticatedRequest

MOST = 200  # collections of a list
MOST_CLIPS = 500  # shown of one


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
    here = studio_of(request)
    here.choose_named(request.GET.get("project", ""))
    shown = Collection.objects.filter(team=here.here.team_id).select_related("created_by")
    counted = shown.annotate(clips=Count("collected", filter=Q(collected__generation__trashed_at=None)))
    context = {
        "project": here.here,
        "collections": list(counted.order_by("-created_at", "-pk")[:MOST]),
        "can_edit": here.can_edit,
    }
    return TemplateResponse(request, "generations/collections.html", context)


@require_POST
def collection_create(request: AuthenticatedRequest) -> HttpResponse:
    """In the team of `project`."""
    here = studio_of(request)
    here.choose_named(request.POST.get("project", ""))
    if not here.can_edit:
        raise PermissionDenied(_("You can watch and comment here. Ask an owner of the team to make you an editor."))
    form = NameForm(request.POST)
    if not form.is_valid():
        return conflict(request, str(form.errors["name"][0]))
    with transaction.atomic():
        made = Collection.objects.create(team=here.here.team, name=form.cleaned_data["name"], created_by=request.user)
        record("collection_made", made.team, by=request.user, name=made.name)
    return see_other(made.get_absolute_url())


@require_safe
def collection(request: AuthenticatedRequest, uuid: UUID) -> TemplateResponse:
    shown = get_object_or_404(Collection.objects.visible_to(request.user).select_related("team"), uuid=uuid)
    can_edit = Collection.objects.editable_by(request.user).filter(pk=shown.pk).exists()
    kept = Generation.objects.visible_to(request.user).kept().with_favourite_of(request.user)
    rows = kept.filter(collected__collection=shown).select_related("account", "scene", "project")
    takes = list(rows.order_by("collected__place", "collected__pk")[:MOST_CLIPS])
    deck = Deck(takes, can_edit=can_edit)
    context = {
        "collection": shown,
        "cards": [deck.card(take) for take in takes],
        "can_edit": can_edit,
        "project": studio_of(request).project,
        "steps": [(-1, "chevron-left", _("Earlier")), (1, "chevron-right", _("Later"))],
        "is_first_part": len(takes) == MOST_CLIPS,
    }
    return TemplateResponse(request, "generations/collection.html", context)


@require_POST
def collection_rename(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    changed = _editable(request, uuid)
    form = NameForm(request.POST)
    if not form.is_valid():
        return conflict(request, str(form.errors["name"][0]))
    Collection.objects.filter(pk=changed.pk).update(name=form.cleaned_data["name"])
    return see_other(changed.get_absolute_url())


@require_POST
def collection_delete(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """The clips stay where they are."""
    gone = _editable(request, uuid)
    with transaction.atomic():
        record("collection_deleted", gone.team, by=request.user, name=gone.name)
        gone.delete()
    messages.success(request, _("The collection “%(name)s” is gone. Its clips are still there.") % {"name": gone.name})
    return see_other(reverse("generations:collections"))


@require_POST
def collection_arrange(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """`move` with `by` for one take, or `order` with all that were dragged into a new one."""
    arranged = _editable(request, uuid)
    order = [key for key in map(as_uuid, request.POST.getlist("order")) if key]
    moved, by = as_uuid(request.POST.get("move", "")), request.POST.get("by", "")
    if moved and by in ("-1", "1"):
        collecting.shift(arranged, moved, int(by))
    elif order:
        collecting.arrange(arranged, order[:MOST_CLIPS])
    else:
        return conflict(request, _("There is nothing to arrange."))
    return HttpResponse(status=204) if request.htmx else see_other(arranged.get_absolute_url())


def _editable(request: AuthenticatedRequest, uuid: UUID) -> Collection:
    found = get_object_or_404(Collection.objects.visible_to(request.user).select_related("team"), uuid=uuid)
    if not Collection.objects.editable_by(request.user).filter(pk=found.pk).exists():
        raise PermissionDenied(_("You can watch and comment here. Ask an owner of the team to make you an editor."))
    return found
