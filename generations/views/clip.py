from __future__ import annotations

import uuid as uuids
from typing import TYPE_CHECKING

from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from generations import family
from generations.access import can_edit, visible_take
from generations.cards import Deck
from generations.clip import Clip
from generations.models import Generation, Origin
from generations.proof import Pair
from generations.recall import shot_number
from screenings import review
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from uuid import UUID

    from generations.models.generation import GenerationQuerySet
    from wanstudio.http import AuthenticatedRequest


@require_safe
def detail(request: AuthenticatedRequest, uuid: UUID) -> TemplateResponse:
    """`token` makes a retry that is sent twice one take; with an empty `back` the actions lead here again."""
    take = visible_take(request.user, uuid, with_everything().with_favourite_of(request.user))
    may_edit = can_edit(request.user, take)
    choose_project(request, take)
    context = {
        "take": take,
        "clip": Clip(
            take,
            can_edit=may_edit,
            version=request.GET.get("prompt", ""),
            marked=shot_number(request.GET),
            family=family.tree(take, request.user),
        ),
        "pair": Pair(take),
        "review": review.Review(take, member=request.user),
        "answered": review.answered_by(take, request.user) if take.origin == Origin.RETAKE else None,
        "card": Deck([take], can_edit=may_edit).card(take),
        "can_edit": may_edit,
        "token": uuids.uuid4(),
        "back": "",
    }
    return TemplateResponse(request, "generations/detail.html", context)


def with_everything() -> GenerationQuerySet:
    """Takes with the rows that they point to."""
    return Generation.objects.select_related("team", "project", "scene", "owner", "account", "audio", "parent")


def choose_project(request: AuthenticatedRequest, take: Generation) -> None:
    """The top bar names the take's project."""
    studio = studio_of(request)
    project = studio.find(take.project.uuid)
    if project:
        studio.choose(project)
