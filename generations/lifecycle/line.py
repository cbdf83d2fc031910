"""The line of takes that still wait here: paused, resumed and reordered by the people they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Min

from generations import clock, nudge
from generations.lifecycle.moves import note
from generations.models import Generation, Status

if TYPE_CHECKING:
    from accounts.models import User


def pause(take: Generation, *, by: User) -> bool:
    """Keep a waiting take here until it is resumed; False when it has left the line."""
    waiting = Generation.objects.filter(pk=take.pk, status=Status.QUEUED, paused_at=None)
    if not waiting.update(paused_at=clock.now(), version=F("version") + 1):
        return False
    note(take, "paused", actor=by)
    return True


def resume(take: Generation, *, by: User) -> bool:
    paused = Generation.objects.filter(pk=take.pk, status=Status.QUEUED, paused_at__isnull=False)
    if not paused.update(paused_at=None, due_at=clock.now(), version=F("version") + 1):
        return False
    note(take, "resumed", actor=by)
    nudge.submit()
    return True


def put_first(take: Generation, *, by: User) -> bool:
    """Move a waiting take to the head of its owner's line on its account; turns between people stay as they are."""
    line = Generation.objects.filter(account=take.account_id, owner=take.owner_id, status=Status.QUEUED)
    with transaction.atomic():
        lowest = line.aggregate(rank=Min("queue_rank"))["rank"]
        if lowest is None:
            return False
        moved = line.filter(pk=take.pk).update(queue_rank=lowest - 1, version=F("version") + 1)
        others = line.exclude(pk=take.pk).update(version=F("version") + 1)
    if moved:
        note(take, "put_first", actor=by, others=others)
    return bool(moved)
