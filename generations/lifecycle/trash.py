"""The trash is a flag beside the status: a take in it goes on, is archived, and can be restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from generations import clock
from generations.lifecycle import moves
from generations.models import Generation

if TYPE_CHECKING:
    from accounts.models import User


def trash(generation: Generation, *, by: User) -> bool:
    """False when it is there already."""
    now = clock.now()
    with transaction.atomic():
        if not Generation.objects.filter(pk=generation.pk, trashed_at=None).update(trashed_at=now):
            return False
        moves.note(generation, "trashed", actor=by)
    generation.trashed_at = now
    return True


def restore(generation: Generation, *, by: User) -> bool:
    """False when it is not in the trash."""
    with transaction.atomic():
        if not Generation.objects.filter(pk=generation.pk, trashed_at__isnull=False).update(trashed_at=None):
            return False
        moves.note(generation, "restored", actor=by)
    generation.trashed_at = None
    return True
