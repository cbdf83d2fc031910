"""Moving a library between local files and a bucket, row by row (`manage.py move_storage`).

Each object is copied, and size and checksum are verified, before its row names the new place by compare-and-set; the
source goes last, and only when asked for. So it may be interrupted at any byte and repeated.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F, Sum

from generations import storage
from generations.models import AudioUpload, Generation, Status
from wanstudio.logs import about

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from django.db.models import QuerySet

logger = logging.getLogger(__name__)
BATCH = 200
CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".webp": "image/webp",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".json": "application/json",
}


class Differs(Exception):
    """The source is not what its row says: it is left where it is, for a person to look at."""


class Changed(Exception):
    """Somebody worked on the row meanwhile: it is taken up by the next run."""


@dataclass
class Moved:
    rows: int = 0
    size: int = 0
    left: int = 0


@dataclass(frozen=True)
class Plan:
    rows: int
    size: int
    busy: int


def plan(target: str) -> Plan:
    """What a run would move: rows, bytes of clips and audio, and clips that must wait as a worker has them."""
    takes, audio = _takes(target), _audio(target)
    size = sum(rows.aggregate(total=Sum(name))["total"] or 0 for rows, name in ((takes, "video_size"), (audio, "size")))
    busy = _stored_elsewhere(target).exclude(due_at=None).count()
    return Plan(takes.count() + audio.count(), size, busy)


def move_all(
    target: str, *, limit: int | None = None, delete_source: bool = False, say: Callable[[str], None] = logger.info
) -> Moved:
    """Move every clip and audio that is elsewhere to the storage `target`, at most `limit` rows.

    A row that can't be moved is said and left; the storage being away altogether raises StorageError.
    """
    done = Moved()
    storage.write_probe(target)
    for row in _rows(target):
        if limit is not None and done.rows + done.left >= limit:
            break
        try:
            with about(row.uuid):
                size = _move(row, target, delete_source=delete_source)
        except (storage.ObjectMissing, Differs, Changed) as error:
            done.left += 1
            say(f"{row.uuid} stays in {row.storage}: {error}")
            continue
        done.rows += 1
        done.size += size
        if done.rows % 100 == 0:
            say(f"{done.rows} moved …")
    return done


def _rows(target: str) -> Iterator[Generation | AudioUpload]:
    """By primary key in batches: no cursor is open while objects are copied."""
    last = 0
    while takes := list(_takes(target).filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield from takes
        last = takes[-1].pk
    last = 0
    while audio := list(_audio(target).filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield from audio
        last = audio[-1].pk


def _takes(target: str) -> QuerySet[Generation]:
    """Settled ones: whom a worker has, or will have, is still written to in the old place."""
    return _stored_elsewhere(target).filter(due_at=None)


def _stored_elsewhere(target: str) -> QuerySet[Generation]:
    return Generation.objects.filter(status=Status.READY, purged_at=None).exclude(storage=target)


def _audio(target: str) -> QuerySet[AudioUpload]:
    return AudioUpload.objects.exclude(storage=target)


def _move(row: Generation | AudioUpload, target: str, *, delete_source: bool) -> int:
    """Copy, verify, tell the row, and then delete. Returns the bytes of all objects of the row."""
    source = row.storage
    main, sha256 = (row.video_key, row.video_sha256) if isinstance(row, Generation) else (row.key, row.sha256)
    folder = f"{main.rpartition('/')[0]}/"
    objects = {found.key: found.size for found in storage.iter_objects(source, folder)}
    if main not in objects:
        raise storage.ObjectMissing(f"{main} is not there.", transient=False)
    try:
        for key in sorted(objects, key=lambda key: key == main):  # the one that matters last, as it is verified last
            _copy(key, source, target, sha256=sha256 if key == main else "")
        if not _tell(row, target):
            raise Changed("somebody is working on it.")
    except (storage.ObjectMissing, Changed):
        _leave_nothing(row, target, objects)
        raise
    if delete_source:
        for key in objects:
            storage.delete(source, key)
    return sum(objects.values())


def _leave_nothing(row: Generation | AudioUpload, target: str, keys: Iterable[str]) -> None:
    """Of what was deleted for good while it was copied: who deleted it could not see the copy in hand."""
    rows: QuerySet[Any] = AudioUpload.objects.all()
    if isinstance(row, Generation):
        rows = Generation.objects.filter(purged_at=None)
    if not rows.filter(pk=row.pk).exists():
        for key in keys:
            storage.delete(target, key)


def _copy(key: str, source: str, target: str, *, sha256: str) -> None:
    """`sha256`: what the row says that it must be; "" for objects that can be made again."""
    with storage.workspace() as directory:
        path = directory / "object"
        storage.fetch_file(source, key, path)
        if sha256 and _sha256(path) != sha256:
            raise Differs(f"{key} is damaged: its checksum is not the one of its row.")
        content_type = CONTENT_TYPES.get(f".{key.rpartition('.')[2]}", "application/octet-stream")
        storage.put_file(path, key, content_type=content_type, storage=target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tell(row: Generation | AudioUpload, target: str) -> bool:
    """Compare-and-set: a row that anybody has touched since it was read is left alone."""
    if isinstance(row, Generation):
        same = Generation.objects.filter(pk=row.pk, storage=row.storage, version=row.version, due_at=None)
        return bool(same.update(storage=target, version=F("version") + 1))
    return bool(AudioUpload.objects.filter(pk=row.pk, storage=row.storage).update(storage=target))
