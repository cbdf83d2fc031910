from __future__ import annotations

import uuid as uuids
from typing import TYPE_CHECKING, Any

from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from generations.access import can_edit, visible_take
from generations.cards import Deck
from generations.clip import Clip
from generations.models import Generation
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from uuid import UUID

    from generations.models.generation import GenerationQuerySet
    from wanstudio.http import AuthenticatedRequest


@require_safe
def detail(request: AuthenticatedRequest, uuid: UUID) -> TemplateResponse:
    take = visible_take(request.user, uuid, with_everything())
    return TemplateResponse(request, "generations/detail.html", clip_context(request, take))


def with_everything() -> GenerationQuerySet:
    """Takes with all that the page of one reads."""
    return Generation.objects.select_related(
        "team", "project", "scene", "owner", "account", "audio", "parent__scene"
    ).prefetch_related("children")


def clip_context(request: AuthenticatedRequest, take: Generation) -> dict[str, Any]:
    """`token` makes a retry that is sent twice one take."""
    studio = studio_of(request)
    here = [project for project in studio.projects if project.pk == take.project_id]
    if here:
        studio.choose(here[0])
    may_edit = can_edit(request.user, take)
    card = Deck([take], can_edit=may_edit).card(take)
    return {
        "take": take,
        "clip": Clip(take, can_edit=may_edit),
        "card": card,
        "can_edit": may_edit,
        "token": uuids.uuid4(),
    }
