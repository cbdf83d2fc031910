"""What was in the trash for 30 days is deleted for good, or earlier by hand: its objects go, its row stays.

The row is marked first, so that nobody restores a clip whose file is being deleted; a worker that dies in between
leaves a marked row that still has a size, which the next sweep takes up. Recipe, family and money stay as they were.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F

from generations import clock, storage
from generations.lifecycle import moves
from generations.models import UNFINISHED, Generation
from teams.activity import record
from wanstudio.logs import about

if TYPE_CHECKING:
    from accounts.models import User

logger = logging.getLogger(__name__)
KEPT_FOR = timedelta(days=30)
AT_ONCE = 500


def sweep() -> int:
    """What is due, at most AT_ONCE takes. Answers the bytes that were freed."""
    freed = 0
    begun = Generation.objects.filter(purged_at__isnull=False, video_size__isnull=False)
    old = Generation.objects.in_trash().filter(trashed_at__lt=clock.now() - KEPT_FOR).order_by("trashed_at")
    for take in [*begun[:AT_ONCE], *old[:AT_ONCE]]:
        with about(take.uuid):
            try:
                freed += purge(take) or 0
            except storage.StorageError as error:
                logger.warning("Not deleted yet, it is tried again: %s", error)
    if freed:
        logger.info("The trash was emptied: %s bytes are free again", freed)
    return freed


def purge(take: Generation, *, by: User | None = None) -> int | None:
    """Bytes that were freed; None when it may not go yet: not in the trash, or a worker has it. Raises StorageError."""
    if take.purged_at is None and not _mark(take, by):
        return None
    freed = 0
    for name in storage.places(take.storage):
        for key, size in list(storage.iter_keys(name, f"generations/{take.uuid}/")):
            storage.delete(name, key)
            freed += size
    gone = Generation.objects.filter(pk=take.pk)
    gone.update(storage="", video_size=None, archived_bytes=0, derived_at=None, version=F("version") + 1)
    return freed


def _mark(take: Generation, by: User | None) -> bool:
    idle = Generation.objects.in_trash().filter(pk=take.pk, due_at=None).exclude(status__in=UNFINISHED)
    now = clock.now()
    if not idle.update(purged_at=now):
        return False
    moves.note(take, "purged", actor=by)
    record("purged_by" if by else "purged", take, by=by)
    take.purged_at = now
    return True
