"""The bulk bar: one thing done to the selected takes, or to all that a view shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import bulk as bulking
from generations.bulk_choices import Choices
from generations.bulk_form import MOST_IDS, BulkForm
from generations.bulk_report import Report
from generations.cards import Deck
from generations.forms import as_uuid
from generations.models import BulkAction, Collected, Generation
from generations.payers import JOINED
from generations.views.answers import asked_for, conflict, see_other
from teams.access import OnlyWatches
from wanstudio.context import studio_of
from wanstudio.http import parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence
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
        raise OnlyWatches
    keys, ignored = form.takes(uuids)
    return answer(request, bulking.start(verb, values, by=request.user, takes=keys, ignored=ignored))


@require_http_methods(["GET", "HEAD", "POST"])  # nothing is changed; many ids are too long for an address
def bulk_choices(request: AuthenticatedRequest) -> HttpResponse:
    """The menu of the bar; without script a page with the same forms, for the takes that were selected. `find` narrows
    down what they can be put into."""
    asked = request.POST if request.method == "POST" else request.GET
    here = studio_of(request)
    here.choose_named(asked.get("here", ""))
    if not here.is_editor:
        raise Http404
    context = {
        "choices": Choices(here.here, request.user, find=asked.get("find", "")),
        "takes": asked.getlist("take")[:MOST_IDS],
        "view": asked.get("view", ""),
        "is_all": "all" in asked,
        "project": here.here,
        "back": bulking.page_of(asked.get("view", ""), here.here),
    }
    template = "generations/_bulk_choices.html" if request.htmx else "generations/bulk_choices.html"
    if request.htmx.target == "bulk-goals":  # something is looked for
        template = "generations/_bulk_goals.html"
    return TemplateResponse(request, template, context)


@require_safe
def bulk_count(request: AuthenticatedRequest) -> HttpResponse:
    """How many "all that match" are, counted up to what one action does."""
    found = bulking.shown_by(request.GET.get("view", ""), request.user).order_by()[: bulking.MOST + 1].count()
    return HttpResponse(bulking.words(found), content_type="text/plain; charset=utf-8")


@require_safe
def bulk_progress(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """How far it is; without script a page of its own, which leads back to the `view` of the project `here`."""
    report = Report(_own(request, uuid))
    if not request.htmx:
        here, view = studio_of(request), request.GET.get("view", "")
        here.choose_named(request.GET.get("here", ""))
        context = {"report": report, "project": here.here, "view": view, "back": bulking.page_of(view, here.here)}
        return TemplateResponse(request, "generations/bulk.html", context)
    context = {"report": report, "here": as_uuid(request.GET.get("here", "")) or ""}
    response = TemplateResponse(request, "generations/_bulk_toast.html", context)
    if report.action.is_finished:
        response["HX-Trigger"] = "redraw"
    return response


@require_POST
def bulk_undo(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    action = _own(request, uuid)
    if not bulking.undo(action):
        return _refused(request, _("It can't be undone any more."))
    return answer(request, action)


def _own(request: AuthenticatedRequest, uuid: UUID) -> BulkAction:
    return get_object_or_404(BulkAction.objects.select_related("person"), uuid=uuid, person=request.user)


def answer(request: AuthenticatedRequest, action: BulkAction, *, here: str = "", view: str = "") -> HttpResponse:
    """Tiles as they are now and a toast; without script the action's own page, or where the form wants to be. That page
    leads back to `view` in the project `here`, which the form names, too.

    After what was done to a whole view nobody knows which of its tiles the page has, nor after an undo that left some
    alone which of them belong there: it draws itself anew.
    """
    if not request.htmx:
        came_from = {"here": here or request.POST.get("here", ""), "view": view or request.POST.get("view", "")}
        query = urlencode({name: value for name, value in came_from.items() if value})
        address = reverse("generations:bulk_progress", args=[action.uuid])
        return see_other(asked_for(request) or (f"{address}?{query}" if query else address))
    stays = action.is_undo and action.ignored
    is_on_page = not action.view and action.total <= MOST_TILES and not stays
    tiles = _tiles(request, action) if action.is_finished and is_on_page else {"cards": [], "gone": []}
    named = as_uuid(here or request.POST.get("here", "")) or ""
    context = {"report": Report(action), "here": named, **tiles}
    response = TemplateResponse(request, "generations/_bulk_done.html", context)
    if action.is_finished:
        response["HX-Trigger"] = "recount" if is_on_page else "redraw"
    return response


def _tiles(request: AuthenticatedRequest, action: BulkAction) -> dict[str, object]:
    """Those that the page shows now, and those that left it: the trash shows what others don't."""
    visible = Generation.objects.visible_to(request.user).filter(pk__in=action.takes or [])
    takes = list(visible.with_favourite_of(request.user).with_prints().select_related("account", "scene", *JOINED))
    here = studio_of(request)
    deck = Deck(takes, teams=here.editable_teams, payers=here.payers)
    cards = [deck.card(take) for take in takes]
    shown = _shown(request, action, takes)
    return {
        "cards": [card for card in cards if card.take.pk in shown],
        "gone": [take for take in takes if take.pk not in shown],
    }


def _shown(request: AuthenticatedRequest, action: BulkAction, takes: Sequence[Generation]) -> set[int]:
    """Those that belong on the page that it was done on: in a collection it is the same whether they move."""
    page = _page(request)
    kept = {
        take.pk for take in takes if _is_in(take, trash=page is not None and page.view_name == "generations:trash_list")
    }
    if page is not None and page.view_name == "generations:collection":
        collected = Collected.objects.filter(collection__uuid=page.kwargs["uuid"], generation__in=kept)
        return set(collected.values_list("generation", flat=True))
    has_left = action.verb in ("project", "scene") and not action.is_undo
    return set() if has_left else kept


def _page(request: AuthenticatedRequest) -> ResolverMatch | None:
    try:
        return resolve(parts_of(request.htmx.current_url).path)
    except Resolver404:
        return None


def _is_in(take: Generation, *, trash: bool) -> bool:
    if trash:
        return take.trashed_at is not None and take.purged_at is None
    return take.trashed_at is None


def _refused(request: AuthenticatedRequest, sentence: str) -> HttpResponse:
    if request.htmx:
        return TemplateResponse(request, "generations/_toast.html", {"sentence": sentence}, status=422)
    return conflict(request, sentence)
