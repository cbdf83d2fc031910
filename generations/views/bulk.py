"""The bulk bar: one thing done to the selected takes, or to all that a view shows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generations import bulk as bulking
from generations.bulk_choices import Choices
from generations.bulk_form import MOST_IDS, BulkForm
from generations.bulk_report import Report
from generations.cards import Deck
from generations.forms import as_uuid
from generations.models import BulkAction, Generation
from generations.views.answers import asked_for, conflict, see_other
from teams.models import Project
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from uuid import UUID

    from wanstudio.http import AuthenticatedRequest

MOST_TILES = 200  # that one answer brings up to date; a page that shows more of them draws itself anew


@require_POST
def bulk(request: AuthenticatedRequest) -> HttpResponse:
    """`take` ids, or `all` with `view`; ids of others are ignored and counted, never acted on."""
    form = BulkForm(request.POST, user=request.user)
    uuids = request.POST.getlist("take")
    if not form.is_valid():
        return _refused(request, form.complaint)
    verb, values = form.cleaned_data["verb"], form.cleaned_data["values"]
    if form.cleaned_data["all"]:
        action = bulking.start(verb, values, by=request.user, takes=None, view=form.cleaned_data["view"])
        return answer(request, action)
    if not uuids:
        return _refused(request, _("Select some takes first."))
    if len(uuids) > MOST_IDS:
        words = _("One action does up to %(most)s takes. Select fewer.")
        return _refused(request, words % {"most": number_format(MOST_IDS, force_grouping=True)})
    if form.is_forbidden(uuids):
        raise PermissionDenied(_("You can watch and comment here. Ask an owner of the team to make you an editor."))
    keys, ignored = form.takes(uuids)
    return answer(request, bulking.start(verb, values, by=request.user, takes=keys, ignored=ignored))


@require_safe
def bulk_choices(request: AuthenticatedRequest) -> HttpResponse:
    """The menu of the bar; without script a page with the same forms, for the takes of the address."""
    projects = Project.objects.editable_by(request.user)
    project = get_object_or_404(projects, uuid=as_uuid(request.GET.get("here", "")))
    context = {
        "choices": Choices(project, request.user),
        "takes": request.GET.getlist("take")[:MOST_IDS],
        "view": request.GET.get("view", ""),
        "is_all": "all" in request.GET,
    }
    template = "generations/_bulk_choices.html" if request.htmx else "generations/bulk_choices.html"
    return TemplateResponse(request, template, context)


@require_safe
def bulk_count(request: AuthenticatedRequest) -> HttpResponse:
    """How many "all that match" are, counted up to what one action does."""
    found = bulking.shown_by(request.GET.get("view", ""), request.user)[: bulking.MOST + 1].count()
    words = number_format(min(found, bulking.MOST), force_grouping=True) + ("+" if found > bulking.MOST else "")
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


@require_safe
def bulk_progress(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """How far it is; a page of its own without script."""
    report = Report(_own(request, uuid))
    if not request.htmx:
        return TemplateResponse(request, "generations/bulk.html", {"report": report})
    response = TemplateResponse(request, "generations/_bulk_toast.html", {"report": report})
    if report.action.is_finished:
        response["HX-Trigger"] = "redraw"
    return response


@require_POST
def bulk_undo(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    action = _own(request, uuid)
    if not bulking.undo(action):
        return _refused(request, _("It cannot be undone any more."))
    return answer(request, action)


def _own(request: AuthenticatedRequest, uuid: UUID) -> BulkAction:
    return get_object_or_404(BulkAction.objects.select_related("person"), uuid=uuid, person=request.user)


def answer(request: AuthenticatedRequest, action: BulkAction) -> HttpResponse:
    """Tiles as they are now and a toast; without script the action's own page, or where the form wants to be.

    After what was done to a whole view nobody knows which of its tiles the page has: it draws itself anew.
    """
    if not request.htmx:
        return see_other(asked_for(request) or reverse("generations:bulk_progress", args=[action.uuid]))
    is_on_page = not action.view and action.total <= MOST_TILES
    tiles = _tiles(request, action) if action.is_finished and is_on_page else {"cards": [], "gone": []}
    response = TemplateResponse(request, "generations/_bulk_done.html", {"report": Report(action), **tiles})
    if action.is_finished and not is_on_page:
        response["HX-Trigger"] = "redraw"
    return response


def _tiles(request: AuthenticatedRequest, action: BulkAction) -> dict[str, object]:
    """Those that the page shows now, and those that left it: the trash shows what others don't."""
    visible = Generation.objects.visible_to(request.user).filter(pk__in=action.takes or [])
    takes = list(visible.with_favourite_of(request.user).select_related("account", "scene", "project"))
    deck = Deck(takes, teams=studio_of(request).editable_teams)
    cards = [deck.card(take) for take in takes]
    moved = action.verb in ("project", "scene") and not action.is_undo
    in_trash = urlsplit(request.htmx.current_url or "").path == reverse("generations:trash_list")
    shown = [not moved and _is_in(card.take, trash=in_trash) for card in cards]
    return {
        "cards": [card for card, is_shown in zip(cards, shown, strict=True) if is_shown],
        "gone": [card.take for card, is_shown in zip(cards, shown, strict=True) if not is_shown],
    }


def _is_in(take: Generation, *, trash: bool) -> bool:
    if trash:
        return take.trashed_at is not None and take.purged_at is None
    return take.trashed_at is None


def _refused(request: AuthenticatedRequest, sentence: str) -> HttpResponse:
    if request.htmx:
        return TemplateResponse(request, "generations/_toast.html", {"sentence": sentence}, status=422)
    return conflict(request, sentence)
