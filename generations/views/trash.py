"""The trash of a team: what is in it, for how long still, and how much room it takes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, Sum
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from generations import cursor
from generations.cards import Deck
from generations.lifecycle.purge import KEPT_FOR
from generations.models import Generation
from generations.payers import JOINED
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from generations.models.generation import GenerationQuerySet
    from teams.models import Team
    from wanstudio.http import AuthenticatedRequest

PAGE = 60
MOST_COUNTED = 10_000


@require_safe
def trash(request: AuthenticatedRequest) -> TemplateResponse:
    """Of the team of `project`, or of the last used one; latest first."""
    here = studio_of(request)
    here.choose_named(request.GET.get("project", ""))
    team = here.here.team
    keys = cursor.read(f"trash {team.pk}", request.GET.get("before", ""))
    takes = _page(request, team, keys)
    deck = Deck(takes[:PAGE], can_edit=here.can_edit, payers=here.payers)
    in_trash = _in_trash(request, team)
    counted = in_trash.filter(pk__in=in_trash.values("pk")[:MOST_COUNTED])
    context = {
        "project": here.here,
        "cards": [deck.card(take) for take in takes[:PAGE]],
        "can_edit": here.can_edit,
        "bytes": counted.aggregate(total=Sum("video_size"))["total"] or 0,
        "older": _cursor(team, takes[PAGE - 1]) if len(takes) > PAGE else "",
        "view": f"trash={team.uuid}",
        "days": KEPT_FOR.days,
        "is_lost": bool(request.GET.get("before")) and not keys,
    }
    return TemplateResponse(request, "generations/trash.html", context)


def _in_trash(request: AuthenticatedRequest, team: Team) -> GenerationQuerySet:
    takes: GenerationQuerySet = Generation.objects.visible_to(request.user)
    return takes.in_trash().filter(team=team)


def _page(request: AuthenticatedRequest, team: Team, keys: list[Any] | None) -> list[Generation]:
    """One more than is shown."""
    takes = _in_trash(request, team)
    if keys:
        at, key = datetime.fromisoformat(keys[0]), int(keys[1])
        takes = takes.filter(Q(trashed_at__lte=at) & ~Q(trashed_at=at, pk__gte=key))
    return list(takes.select_related("account", "scene", *JOINED).order_by("-trashed_at", "-pk")[: PAGE + 1])


def _cursor(team: Team, take: Generation) -> str:
    return cursor.write(f"trash {team.pk}", [take.trashed_at.isoformat() if take.trashed_at else "", take.pk])
