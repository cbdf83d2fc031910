"""ARCHIVING → READY: download, verify, store, verify. A half-stored object is never READY.

The verified file waits in `$STUDIO_DATA_DIR/spool/` until the storage has it (the row names the host), so a storage
that refuses costs no second download and no lost video.
"""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F

from dashscope_client import (
    BadAnswer,
    DashScopeError,
    ResultExpired,
    ResultRefused,
    TaskStatus,
    stream_result,
)
from generations import clock, deadline, limiter, media, pricing, storage, storage_refusal, tally, wan
from generations.digests import Digests
from generations.lifecycle import derive, unrecognised
from generations.lifecycle.moves import back_off, claim, move, note, put_back, renew
from generations.lifecycle.shift import Shift, carry_on
from generations.lifecycle.unrecognised import LOST_EVERY
from generations.models import Event, Generation, Status
from wanstudio.logs import about

logger = logging.getLogger(__name__)
LARGEST = 2 * 1024**3  # bytes; a 15 s clip has about 40 MB
PROGRESS_EVERY = 1.0  # seconds
QUARANTINE_BEFORE = timedelta(hours=1)  # the deadline
SLOWEST_STORAGE = 200_000  # bytes per second that a put is given
LOOK_AFTER_LOST = timedelta(days=2)
AWAY_FOR = timedelta(days=3)  # after the deadline, that the worker which has the file may be away


class _NoVideo(BadAnswer):
    """What came whole is no video."""


class LostClaim(Exception):
    """Another worker has the take: stop quietly."""


@dataclass(frozen=True)
class Spooled:
    """A file that came whole and is a video."""

    path: Path
    sha256: str
    md5: str
    facts: media.VideoFacts | None = None  # None when an earlier worker looked at it


def sweep() -> None:
    """Archive due takes one by one, for at most settings.SWEEP_SECONDS (the one in hand is finished)."""
    shift = Shift()
    while shift.goes_on:
        batch = claim((Status.ARCHIVING, Status.LOST), 1)
        for generation in batch:
            with about(generation.uuid), carry_on():
                archive(generation)
        if not batch:
            return


def archive(generation: Generation) -> None:
    """The whole way for one take. A failure puts it back with its reason; running it twice changes nothing."""
    try:
        spooled = _spooled(generation) or _stored_before(generation) or _download(generation)
        _store(generation, spooled)
    except LostClaim:
        logger.info("Another worker archives this take")
    except (ResultExpired, ResultRefused, BadAnswer) as error:
        _refresh(generation, error)
    except DashScopeError as error:
        _again(generation, "download_again", error)
    except media.MediaRefused as refused:
        _refuse_bytes(generation, refused)
    except media.MediaCrashed as error:
        _again(generation, "download_again", error)
    except (storage.StorageError, OSError) as error:
        _again(generation, "store_again" if spool_path(generation).is_file() else "spool_again", error)


def _spooled(generation: Generation) -> Spooled | None:
    """The file that an earlier try has left here; it gets its name only when it is verified."""
    path = spool_path(generation)
    if not path.is_file():
        return None
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            sha256.update(block)
            md5.update(block)
    return Spooled(path, sha256.hexdigest(), md5.hexdigest())


def _stored_before(generation: Generation) -> Spooled | None:
    """What a storage has of a take that Wan has no more: it was saved, and then an older database was restored."""
    if generation.status != Status.LOST and not _is_overdue(generation):
        return None
    key = storage.generation_key(generation.uuid, "video.mp4")
    place = storage.find(key)
    if place is None:
        return None
    target = spool_path(generation)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{generation.lease_token}.part")
    try:
        storage.fetch_file(place, key, part)
        media.probe_video(part)
        _synchronise(part)
        part.rename(target)
    except media.MediaRefused:
        return None
    finally:
        part.unlink(missing_ok=True)
    if not renew(generation, spool_host=socket.gethostname()):
        raise LostClaim
    return _spooled(generation)


def spool_path(generation: Generation) -> Path:
    return settings.STUDIO_DATA_DIR / "spool" / f"{generation.uuid}.mp4"


def _download(generation: Generation) -> Spooled:
    """To a temporary file; into the spool once it came whole and is a video."""
    if not generation.result_url:
        raise ResultExpired("no URL is known")
    target = spool_path(generation)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{generation.lease_token}.part")
    digests = Digests()
    try:
        with (
            stream_result(generation.result_url, allowed=wan.result_hosts(generation.account)) as stream,
            part.open("wb") as file,
            digests,
        ):
            progress = _Progress(generation, stream.content_length)
            for block in stream.chunks():
                file.write(block)
                digests.add(block)
                progress.add(len(block))
        with ThreadPoolExecutor(1) as disk:
            written = disk.submit(_synchronise, part)
            facts = media.probe_video(part)
            written.result()
        part.rename(target)
    except media.MediaRefused:
        _quarantine(generation, part)
        raise
    finally:
        part.unlink(missing_ok=True)
    if not renew(generation, spool_host=socket.gethostname()):
        raise LostClaim
    return Spooled(target, digests.sha256, digests.md5, facts)


def _synchronise(path: Path) -> None:
    """A name in the spool means that the bytes would outlive the machine's power."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


class _Progress:
    """Writes received bytes to the row once a second, which also renews the claim."""

    def __init__(self, generation: Generation, expected: int | None) -> None:
        self.generation, self.received, self.written_at = generation, 0, time.monotonic()
        if not renew(generation, archived_bytes=0, expected_bytes=expected, version=F("version") + 1):
            raise LostClaim

    def add(self, count: int) -> None:
        self.received += count
        if self.received > LARGEST:
            raise media.MediaRefused("too_large", f"more than {LARGEST} bytes")
        if time.monotonic() - self.written_at >= PROGRESS_EVERY:
            self.written_at = time.monotonic()
            if not renew(self.generation, archived_bytes=self.received, version=F("version") + 1):
                raise LostClaim


def _store(generation: Generation, spooled: Spooled) -> None:
    """Put and verify, then READY: the 24-hour clock stops. The local file serves the derivations first."""
    key = storage.generation_key(generation.uuid, "video.mp4")
    if not renew(generation, seconds=settings.WORK_LEASE + spooled.path.stat().st_size / SLOWEST_STORAGE):
        raise LostClaim
    stored = storage.put_file(spooled.path, key, content_type="video/mp4", sha256=spooled.sha256, md5=spooled.md5)
    now = clock.now()
    fields: dict[str, Any] = {}
    if generation.cost is None:  # it had been given up as lost without a seen success
        fields = pricing.settled(generation, None) | pricing.cleared(generation)
    elif not generation.cost:  # Wan's list had shown nothing of it: a video is a success all the same
        fields = pricing.settled(generation, None)
    moved = move(
        generation,
        Status.READY,
        "archived",
        data={"bytes": stored.size, "storage": stored.storage},
        storage=stored.storage,
        video_key=stored.key,
        video_size=stored.size,
        video_sha256=stored.sha256,
        archived_bytes=stored.size,
        ready_at=now,
        due_at=now + timedelta(seconds=derive.lease()),
        result_url="",
        waiting_for="",
        spool_host="",
        **fields,
    )
    if moved:
        storage_refusal.stored()
        tally.archived(generation)
        derive.derive(generation, spooled.path, spooled.facts)
        spooled.path.unlink(missing_ok=True)  # else somebody was first, and may need it; tidy knows


def _again(generation: Generation, kind: str, error: Exception) -> None:
    logger.warning("Archiving is repeated: %s", error)
    if generation.tries == 0:
        note(generation, kind, error=type(error).__name__)
    reason = "" if kind == "download_again" else storage_refusal.of(error)
    if reason:
        storage_refusal.begin(reason)
    back_off(generation, waiting_for=reason)


def _refresh(generation: Generation, error: DashScopeError) -> None:
    """The URL is refused: ask Wan for a fresh one. LOST only when the 24 hours are over and Wan knows nothing."""
    logger.warning("The result URL does not work: %s", error)
    if generation.tries == 0:
        note(generation, "download_again", error=type(error).__name__)
    if isinstance(error, ResultRefused):
        logger.error("Take %s: its result host or file is refused: %s", generation.uuid, error)
    if not limiter.wait_for_turn(generation.account, "query"):
        back_off(generation)
        return
    try:
        snapshot = wan.client_for(generation.account).get_task(generation.task_id)
    except DashScopeError as failure:
        logger.warning("No fresh result URL: %s", failure)
        back_off(generation)
        return
    if generation.status == Status.LOST and snapshot.status in (TaskStatus.FAILED, TaskStatus.CANCELED):
        unrecognised.free_after_all(generation)
        return
    is_refused = isinstance(error, ResultExpired | ResultRefused)
    if snapshot.status == TaskStatus.UNKNOWN and is_refused and _is_overdue(generation):
        _lose(generation)
    else:
        reason = _why_refused(error)
        back_off(generation, result_url=snapshot.video_url or generation.result_url, waiting_for=reason)


def _why_refused(error: DashScopeError) -> str:
    """A word of words.REFUSED, which raises an alarm; "" for what a fresh URL may mend."""
    if isinstance(error, ResultRefused):
        return "host"
    return "file" if isinstance(error, _NoVideo) else ""


def _is_overdue(generation: Generation) -> bool:
    end = deadline.of(generation)
    return end is not None and clock.now() > end


def _lose(generation: Generation) -> None:
    if generation.status == Status.LOST:
        is_hopeless = generation.finished_at and clock.now() > generation.finished_at + LOOK_AFTER_LOST
        put_back(generation, LOST_EVERY.total_seconds(), **({"due_at": None} if is_hopeless else {}))
    elif _may_be_elsewhere(generation):
        logger.error("Take %s: its file is on the media worker %s", generation.uuid, generation.spool_host)
        back_off(generation, longest=600, waiting_for="away")
    elif move(generation, Status.LOST, "lost", reserved=0, spool_host="", due_at=clock.now() + LOST_EVERY):
        level = logging.WARNING if generation.account.is_demo else logging.ERROR
        logger.log(level, "Take %s is lost: Wan's 24 hours ran out", generation.uuid)


def _may_be_elsewhere(generation: Generation) -> bool:
    """Another worker has the verified file and may come back with it; tidy brings it back even after that."""
    end = deadline.of(generation)
    is_elsewhere = generation.spool_host not in ("", socket.gethostname())
    return is_elsewhere and end is not None and clock.now() < end + AWAY_FOR


def _refuse_bytes(generation: Generation, refused: media.MediaRefused) -> None:
    """What came is no video: ask again, fetch again."""
    logger.error("Take %s: what Wan delivered is no video: %s", generation.uuid, refused.reason)
    _refresh(generation, _NoVideo(f"not a video: {refused.reason}"))


def _quarantine(generation: Generation, part: Path) -> None:
    """Shortly before the deadline strange bytes are kept aside, in case a person can make something of them.

    The event says that it is done: a worker that died before it puts them there again.
    """
    end = deadline.of(generation)
    if end is None or clock.now() < end - QUARANTINE_BEFORE or not part.exists():
        return
    if not Event.objects.filter(generation=generation, kind="quarantined").exists():
        key = storage.generation_key(generation.uuid, "quarantine.bin")
        storage.put_file(part, key, content_type="application/octet-stream")
        note(generation, "quarantined")
