"""One poll per page: what has changed of the takes it shows, and of the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from generations import news, scheduling
from generations import promise as promises
from generations.cards import Deck
from generations.forms import as_uuid
from generations.models import Generation, Status
from generations.payers import JOINED
from generations.queue import Queue
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from generations.cards import Card
    from wanstudio.context import Studio
    from wanstudio.http import AuthenticatedRequest

MOST = 60  # takes of one poll; a page that shows more asks for the rest as these are done


@require_safe
@never_cache
def status(request: AuthenticatedRequest) -> HttpResponse:
    """`ids` are the unfinished takes on the page, `v` what it knows: the top bar's hash and one per id, with dots.

    `view` and `mark` are the grid's: what came into it since comes along. `promised` is a hash of what stands at the
    composer's button for `resolution`, `duration` and `takes`; where takes come, news of that waits for the next poll.
    """
    here = studio_of(request)
    asked = request.GET.get("ids", "").split(",")[:MOST]
    known = _known(asked, request.GET.get("v", ""))
    takes = _takes(request, asked)
    _choose_project(request, here, takes)
    if here.project is None:
        return HttpResponse(status=204)
    summary = scheduling.queue_summary(request.user, here.project)
    came = news.asked(request.GET, here.project, request.user)
    shown = [*takes, *(came.takes if came else []), *summary.rows]
    deck = Deck(shown, teams=here.editable_teams, usual=summary.usual, payers=here.payers)
    here.queue = Queue(summary, deck)
    promise = {} if came else _promise(request, here)
    cards = [deck.card(take) for take in takes]
    changed = [card for card in cards if known.get(str(card.take.uuid)) != card.digest]
    if not changed and not came and not promise and known.get("") == here.digest:
        return HttpResponse(status=204)
    if came:
        came.deal(deck)
    context = {
        "project": here.project,
        "news": came,
        "can_edit": here.can_edit,
        "queue": here.queue,
        "changed": changed,
        **promise,
        "is_polling": any(card.is_live for card in [*cards, *(came.cards if came else [])]) or not here.queue.is_empty,
        "announced": " ".join(filter(None, map(_news, changed))),
    }
    response = TemplateResponse(request, "generations/_status.html", context)
    if came or any(not card.is_live for card in changed):
        response["HX-Trigger"] = "recount"
    return response


def _known(asked: list[str], versions: str) -> dict[str, str]:
    """Hashes by id, the top bar's under ""; nothing when they don't fit, so that everything is sent."""
    parts = versions.split(".")
    names = ["", *(name for name in asked if name)]
    return dict(zip(names, parts, strict=True)) if len(parts) == len(names) else {"": parts[0]}


def _takes(request: AuthenticatedRequest, asked: list[str]) -> list[Generation]:
    uuids = [uuid for uuid in map(as_uuid, asked) if uuid]
    if not uuids:
        return []
    takes = Generation.objects.visible_to(request.user).kept().filter(uuid__in=uuids)
    return list(takes.with_favourite_of(request.user).with_prints().select_related("account", "scene", *JOINED))


def _promise(request: AuthenticatedRequest, here: Studio) -> dict[str, Any]:
    """What the composer does not know yet of what stands at its button; nothing when it knows all."""
    if "promised" not in request.GET or not here.can_edit:
        return {}
    asked = [request.GET.get(name, "") for name in promises.ASKED]
    lines = promises.words(here.account, *asked, user=request.user, project=here.here)
    digest = promises.digest(lines, here.purse, here.account)
    return {} if digest == request.GET["promised"] else {"promise": lines, "digest": digest, "asked": " ".join(asked)}


def _choose_project(request: AuthenticatedRequest, here: Studio, takes: list[Generation]) -> None:
    named = as_uuid(request.GET.get("project", "")) or (takes[0].project.uuid if takes else None)
    project = here.find(named)
    if project is not None:
        here.choose(project)


def _news(card: Card) -> str:
    """For the live region: what is worth interrupting somebody for."""
    take = card.take
    if card.is_live:
        return ""
    words = {
        Status.READY: _("Take %(number)s is ready."),
        Status.CANCELED: _("Take %(number)s was canceled."),
        Status.LOST: _("Take %(number)s is lost."),
    }.get(Status(take.status), _("Take %(number)s failed."))
    return words % {"number": take.number}
