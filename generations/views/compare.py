from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from generations.access import visible_take
from generations.cards import Deck
from generations.comparison import Comparison
from generations.forms import as_uuid
from generations.neighbours import Way
from generations.views.answers import conflict, see_other
from generations.views.clip import choose_project, with_everything
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from generations.models import Generation
    from wanstudio.http import AuthenticatedRequest


MOST = 3  # takes in an address; the third says that there were more than two


@require_http_methods(["GET", "HEAD", "POST"])  # nothing is changed
def compare(request: AuthenticatedRequest) -> HttpResponse:
    """The first two of `take`; `layout=wipe` lays one over the other. `in` is the view that they were selected in. A
    selection posts, and is led to the address of what it compares."""
    if request.method == "POST":
        query = {"take": request.POST.getlist("take")[:MOST], "in": request.POST.get("view", "")}
        return see_other(f"{request.path}?{urlencode(query, doseq=True)}")
    chosen = list(dict.fromkeys(request.GET.getlist("take")))
    if len(chosen) < 2:
        return conflict(request, _("Select two clips to compare them."))
    a, b = (_take(request, uuid) for uuid in chosen[:2])
    if not (a.is_ready and b.is_ready):
        return conflict(request, _("Only finished clips can be compared."))
    choose_project(request, a)
    here = studio_of(request)
    deck = Deck([a, b], teams=here.editable_teams, payers=here.payers)
    context = {
        "comparison": Comparison(deck.card(a), deck.card(b)),
        "layout": "wipe" if request.GET.get("layout") == "wipe" else "",
        "is_more": len(chosen) > 2,
        "way": Way.of(a, request.GET.get("in", "")),
        "back": request.get_full_path(),
    }
    return TemplateResponse(request, "generations/compare.html", context)


def _take(request: AuthenticatedRequest, uuid: str) -> Generation:
    key = as_uuid(uuid)
    if key is None:
        raise Http404
    return visible_take(request.user, key, with_everything().with_favourite_of(request.user))
