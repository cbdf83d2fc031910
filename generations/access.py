"""Fetching is checking: views get a take here or not at all. Invisible is 404, visible but not allowed is 403."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404

from generations.models import Generation
from teams.access import OnlyWatches

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User
    from generations.models.generation import GenerationQuerySet


def visible_take(user: User, uuid: UUID, takes: GenerationQuerySet | None = None) -> Generation:
    """`takes` brings what the caller wants joined."""
    takes = Generation.objects.all() if takes is None else takes
    return get_object_or_404(takes.visible_to(user), uuid=uuid)


def editable_take(user: User, uuid: UUID, takes: GenerationQuerySet | None = None) -> Generation:
    take = visible_take(user, uuid, takes)
    if not can_edit(user, take):
        raise OnlyWatches
    return take


def can_edit(user: User, take: Generation) -> bool:
    return Generation.objects.editable_by(user).filter(pk=take.pk).exists()
