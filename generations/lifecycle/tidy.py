"""Once a minute: the storage is probed and leftovers of killed workers are swept; beat's pulse."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from generations import clock, storage
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
    full, refused = _is_full(), _probe_refuses()
    since = (board.storage_refused_since or now) if full or refused else None
    if full and since:  # no need to wait: what is rendered now could not be saved
        since = min(since, now - REFUSED_LONG_ENOUGH - timedelta(seconds=1))
    Switchboard.objects.filter(pk=board.pk).update(storage_checked_at=now, storage_refused_since=since)
    if since and board.storage_refused_since is None:
        logger.error("The storage does not accept files: %s", full or refused)
    storage.sweep_temporary(LEFTOVER_SECONDS)
    _sweep_spool()
    Draft.objects.forgotten().delete()


def pulse() -> None:
    """Beat and a worker are alive; /readyz tells when this was."""
    Switchboard.objects.filter(pk=Switchboard.load().pk).update(beat_at=clock.now())


def _is_full() -> str:
    """Why nothing new should be rendered at once; "" when there is room."""
    free = storage.free_bytes()
    if free is not None and free < FREE_BYTES_NEEDED:
        return "less than 2 GB are free"
    late = clock.now() - timedelta(seconds=STUCK_SECONDS)
    stuck = Generation.objects.filter(status=Status.ARCHIVING, status_changed_at__lt=late)
    return "20 takes wait to be saved" if stuck[:STUCK_ARCHIVES].count() >= STUCK_ARCHIVES else ""


def _probe_refuses() -> str:
    """Why the storage does not take a file; "" when it does. Five minutes of it stop new takes."""
    try:
        storage.write_probe()
    except storage.StorageError as error:
        return str(error)
    return ""


def _sweep_spool() -> None:
    """Parts of killed downloads go; a verified file stays as long as its take is not READY."""
    spool = settings.STUDIO_DATA_DIR / "spool"
    if not spool.is_dir():
        return
    old = [path for path in spool.iterdir() if time.time() - path.stat().st_mtime > LEFTOVER_SECONDS]
    needed = set(
        Generation.objects.filter(Q(status=Status.ARCHIVING) | Q(status=Status.LOST)).values_list("uuid", flat=True)
    )
    for path in old:
        if path.suffix == ".part" or not any(path.name == f"{uuid}.mp4" for uuid in needed):
            path.unlink(missing_ok=True)
