"""Once a minute: the storage is probed, leftovers of killed workers are swept, moments of a wrong clock are put right;
beat's pulse.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.sessions.models import Session

from generations import clock, storage, storage_refusal
from generations.lifecycle import ahead
from generations.models import Draft, Generation, Status, Switchboard

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)
LEFTOVER_SECONDS = 3600.0
FREE_BYTES_NEEDED = 2 * 1024**3
STUCK_ARCHIVES = 20
STUCK_SECONDS = 1800.0


def sweep() -> None:
    now = clock.now()
    ahead.put_right()
    _look_for_room()
    Switchboard.objects.filter(pk=Switchboard.load().pk).update(storage_checked_at=now)
    storage.sweep_temporary(LEFTOVER_SECONDS)
    _sweep_spool()
    Draft.objects.forgotten().delete()
    Session.objects.filter(expire_date__lt=now).delete()


def pulse() -> None:
    """Beat and a worker are alive; /readyz tells when this was."""
    Switchboard.objects.filter(pk=Switchboard.load().pk).update(beat_at=clock.now())


def _look_for_room() -> None:
    """Whether what is rendered could be saved. Anything but a refused probe stops new takes at once."""
    refused = {**_probe(), **_no_room(), **_backlog()}
    for reason, words in refused.items():
        if storage_refusal.begin(reason, is_at_once=reason != storage_refusal.STORAGE):
            logger.error("The storage does not accept files: %s", words)
    storage_refusal.end(*(reason for reason in storage_refusal.REASONS if reason not in refused))


def _probe() -> dict[str, str]:
    try:
        storage.write_probe()
    except storage.StorageError as error:
        return {storage_refusal.of(error): str(error)}
    return {}


def _no_room() -> dict[str, str]:
    free = storage.free_bytes()
    is_full = free is not None and free < FREE_BYTES_NEEDED
    return {storage_refusal.DISK: "less than 2 GB are free"} if is_full else {}


def _backlog() -> dict[str, str]:
    late = clock.now() - timedelta(seconds=STUCK_SECONDS)
    stuck = Generation.objects.filter(status=Status.ARCHIVING, status_changed_at__lt=late)
    is_stuck = stuck[:STUCK_ARCHIVES].count() >= STUCK_ARCHIVES
    return {storage_refusal.BACKLOG: "20 takes wait to be saved"} if is_stuck else {}


def _sweep_spool() -> None:
    """Parts of killed downloads go; a verified file stays until its take is READY, or was deleted for good."""
    spool = settings.STUDIO_DATA_DIR / "spool"
    if not spool.is_dir():
        return
    _bring_back({path.stem for path in spool.glob("*.mp4")})
    old = [path for path in spool.iterdir() if _is_old(path)]
    unsaved = Generation.objects.filter(status__in=(Status.ARCHIVING, Status.LOST), purged_at=None)
    needed = set(unsaved.values_list("uuid", flat=True))
    for path in old:
        if path.suffix == ".part" or not any(path.name == f"{uuid}.mp4" for uuid in needed):
            path.unlink(missing_ok=True)


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > LEFTOVER_SECONDS
    except FileNotFoundError:  # stored since it was listed
        return False


def _bring_back(uuids: set[str]) -> None:
    """A spool that is there again after its takes were given up as lost: they are saved after all."""
    lost = Generation.objects.filter(status=Status.LOST, due_at=None, purged_at=None)
    found = [take.pk for take in lost.only("pk", "uuid") if str(take.uuid) in uuids] if uuids else []
    if found:
        Generation.objects.filter(pk__in=found, status=Status.LOST).update(due_at=clock.now())
