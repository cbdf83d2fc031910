"""Once a minute: the storage is probed and leftovers of killed workers are swept; beat's pulse."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from generations import clock, storage, storage_refusal
from generations.models import Draft, Generation, Status, Switchboard
from generations.models.switch import REFUSED_LONG_ENOUGH

logger = logging.getLogger(__name__)
LEFTOVER_SECONDS = 3600.0
FREE_BYTES_NEEDED = 2 * 1024**3
STUCK_ARCHIVES = 20
STUCK_SECONDS = 1800.0


def sweep() -> None:
    board = Switchboard.load()
    now = clock.now()
    reason, words = _no_room() or _probe_refuses() or ("", "")
    since = (board.storage_refused_since or now) if reason else None
    if since and reason != storage_refusal.STORAGE:  # no need to wait: what is rendered now could not be saved
        since = min(since, now - REFUSED_LONG_ENOUGH - timedelta(seconds=1))
    Switchboard.objects.filter(pk=board.pk).update(storage_checked_at=now, storage_refused_since=since)
    if reason:
        storage_refusal.remember(reason)
    if reason and board.storage_refused_since is None:
        logger.error("The storage does not accept files: %s", words)
    storage.sweep_temporary(LEFTOVER_SECONDS)
    _sweep_spool()
    Draft.objects.forgotten().delete()


def pulse() -> None:
    """Beat and a worker are alive; /readyz tells when this was."""
    Switchboard.objects.filter(pk=Switchboard.load().pk).update(beat_at=clock.now())


def _no_room() -> tuple[str, str] | None:
    """Why nothing new should be rendered at once, as a word and for the log; None when there is room."""
    free = storage.free_bytes()
    if free is not None and free < FREE_BYTES_NEEDED:
        return storage_refusal.DISK, "less than 2 GB are free"
    late = clock.now() - timedelta(seconds=STUCK_SECONDS)
    stuck = Generation.objects.filter(status=Status.ARCHIVING, status_changed_at__lt=late)
    is_stuck = stuck[:STUCK_ARCHIVES].count() >= STUCK_ARCHIVES
    return (storage_refusal.BACKLOG, "20 takes wait to be saved") if is_stuck else None


def _probe_refuses() -> tuple[str, str] | None:
    """Why the storage does not take a file; None when it does. Five minutes of it stop new takes."""
    try:
        storage.write_probe()
    except storage.StorageError as error:
        return storage_refusal.of(error), str(error)
    return None


def _sweep_spool() -> None:
    """Parts of killed downloads go; a verified file stays as long as its take is not READY."""
    spool = settings.STUDIO_DATA_DIR / "spool"
    if not spool.is_dir():
        return
    _bring_back({path.stem for path in spool.glob("*.mp4")})
    old = [path for path in spool.iterdir() if time.time() - path.stat().st_mtime > LEFTOVER_SECONDS]
    needed = set(
        Generation.objects.filter(Q(status=Status.ARCHIVING) | Q(status=Status.LOST)).values_list("uuid", flat=True)
    )
    for path in old:
        if path.suffix == ".part" or not any(path.name == f"{uuid}.mp4" for uuid in needed):
            path.unlink(missing_ok=True)


def _bring_back(uuids: set[str]) -> None:
    """A spool that is there again after its takes were given up as lost: they are saved after all."""
    lost = Generation.objects.filter(status=Status.LOST, due_at=None, purged_at=None)
    found = [take.pk for take in lost.only("pk", "uuid") if str(take.uuid) in uuids] if uuids else []
    if found:
        Generation.objects.filter(pk__in=found, status=Status.LOST).update(due_at=clock.now())
