"""Compares rows with the objects they speak of, in both directions, and repairs what can be repaired.

Rows and listings are walked side by side in the order of their UUIDs, a few hundred at a time, so a library of any size
needs little memory. Objects younger than a day are left out: their rows may be about to be written.
"""

from __future__ import annotations

import hashlib
import time
import uuid as uuids
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from django.core.exceptions import SuspiciousFileOperation

from generations import clock, storage
from generations.models import AudioUpload, Generation, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BATCH = 500
YOUNG = timedelta(days=1)
DERIVED = ("poster.webp", "poster-small.webp", "preview.mp4", "strip.webp")


class Kind(Enum):
    STRAY = "object without a row"
    COPY = "copy left behind by a move"
    MISSING = "row without its object"
    DIFFERS = "object of another size than its row says"
    UNDERIVED = "clip without poster, preview or strip"


@dataclass(frozen=True)
class Orphan:
    kind: Kind
    storage: str
    key: str
    size: int = 0

    @property
    def uuid(self) -> str:
        return self.key.split("/")[1]


@dataclass(frozen=True)
class Row:
    """What a row says: of a clip or of an audio."""

    uuid: str
    key: str
    size: int
    may_lack_derived: bool


Files = dict[str, storage.Listed]


class OutOfTime(Exception):
    """The search was to end by now; what it has not come to is unknown."""


def find(names: Iterable[str] | None = None, *, until: float = float("inf")) -> Iterator[Orphan]:
    """Everything that does not fit together in these storages (default: all). Reads only.

    `until` is a moment of time.monotonic. Raises StorageError and OutOfTime.
    """
    for name in names or storage.names():
        takes = Generation.objects.filter(status=Status.READY, storage=name, purged_at=None)
        yield from _compare(name, "generations/", _rows(takes, "video_key", "video_size", "due_at"), until)
        yield from _compare(name, "audio/", _rows(AudioUpload.objects.filter(storage=name), "key", "size"), until)
        yield from _old_probes(name)


def _rows(rows: Any, *fields: str) -> Iterator[Row]:
    """All rows in the order of their UUIDs; read in batches, so that no cursor stays open."""
    last = uuids.UUID(int=0)
    while batch := list(rows.filter(uuid__gt=last).order_by("uuid").values_list("uuid", *fields)[:BATCH]):
        for uuid, key, size, *due in batch:
            yield Row(str(uuid), key, size or 0, may_lack_derived=not due or due[0] is not None)
        last = batch[-1][0]


def _compare(name: str, prefix: str, rows: Iterator[Row], until: float) -> Iterator[Orphan]:
    unknown: list[Files] = []
    for row, files in _side_by_side(rows, _folders(name, prefix)):
        if time.monotonic() > until:
            raise OutOfTime
        if row is not None:
            yield from _of_row(name, row, files)
        else:
            unknown.append(files)
        if len(unknown) == BATCH:
            yield from _of_files(name, prefix, unknown)
            unknown = []
    yield from _of_files(name, prefix, unknown)


def _folders(name: str, prefix: str) -> Iterator[tuple[str, Files]]:
    """Without files that lie beside the folders: nothing of ours does."""
    objects = (found for found in storage.iter_objects(name, prefix) if "/" in found.key.removeprefix(prefix))
    for folder, files in groupby(objects, key=lambda found: found.key.removeprefix(prefix).partition("/")[0]):
        yield folder, {found.key: found for found in files}


def _side_by_side(rows: Iterator[Row], folders: Iterator[tuple[str, Files]]) -> Iterator[tuple[Row | None, Files]]:
    """Each row with its files (none: {}), and files that no row of this storage claims, with None."""
    row, folder = next(rows, None), next(folders, None)
    while row or folder:
        if row and (folder is None or row.uuid < folder[0]):
            yield row, {}
            row = next(rows, None)
        elif folder and (row is None or folder[0] < row.uuid):
            yield None, folder[1]
            folder = next(folders, None)
        elif row and folder:
            yield row, folder[1]
            row, folder = next(rows, None), next(folders, None)


def _of_row(name: str, row: Row, files: Files) -> Iterator[Orphan]:
    size = files[row.key].size if row.key in files else storage.size(name, row.key)  # it may have come since
    if size is None:
        yield Orphan(Kind.MISSING, name, row.key, row.size)
    elif size != row.size:
        yield Orphan(Kind.DIFFERS, name, row.key, size)
    elif not row.may_lack_derived and not all(f"{row.key.rpartition('/')[0]}/{file}" in files for file in DERIVED):
        yield Orphan(Kind.UNDERIVED, name, row.key)


def _of_files(name: str, prefix: str, folders: list[Files]) -> Iterator[Orphan]:
    """Files in folders that no row of this storage claims: of unfinished takes, of rows elsewhere, or of nobody."""
    border = clock.now() - YOUNG
    elsewhere = _rows_elsewhere(prefix, [next(iter(files)).split("/")[1] for files in folders])
    for files in folders:
        place = elsewhere.get(next(iter(files)).split("/")[1])
        for found in files.values():
            if found.modified_at < border and place in (None, *storage.names()) and place != name:
                yield Orphan(Kind.STRAY if place is None else Kind.COPY, name, found.key, found.size)


def _rows_elsewhere(prefix: str, folders: list[str]) -> dict[str, str]:
    """The storage that a row of this UUID names, "" while it has none; no entry where no row has a file any more."""
    known = [folder for folder in folders if _is_uuid(folder)]
    takes = Generation.objects.exclude(purged_at__isnull=False, video_size=None)  # those that purge is done with
    rows: Any = takes if prefix == "generations/" else AudioUpload.objects
    return {str(uuid): place for uuid, place in rows.filter(uuid__in=known).values_list("uuid", "storage")}


def _is_uuid(folder: str) -> bool:
    try:
        return str(uuids.UUID(folder)) == folder
    except ValueError:
        return False


def _old_probes(name: str) -> Iterator[Orphan]:
    border = clock.now() - YOUNG
    for found in islice(storage.iter_objects(name, "probe/"), BATCH):
        if found.modified_at < border:
            yield Orphan(Kind.STRAY, name, found.key, found.size)


# Repair --------------------------------------------------------------------------------------------------------------


def repair(orphan: Orphan) -> str:
    """Do what can be done, after looking again, and say it; "" when only a person can help."""
    if orphan.kind is Kind.UNDERIVED:
        takes = Generation.objects.filter(uuid=orphan.uuid, status=Status.READY, due_at=None)
        return "made again soon" if takes.update(due_at=clock.now(), tries=0) else "nothing left to do"
    if orphan.kind is Kind.MISSING:
        return _find_again(orphan)
    if orphan.kind is Kind.DIFFERS:
        return ""
    if not _is_superfluous(orphan):
        return "nothing left to do"
    try:
        storage.delete(orphan.storage, orphan.key)
    except SuspiciousFileOperation:
        return "left alone, as no name of ours"
    return "deleted"


def _is_superfluous(orphan: Orphan) -> bool:
    """Still nobody's, and still old: a move may be writing it anew. Of a copy, its row's own object is there, too."""
    if not _is_old(orphan):
        return False
    folder, _, rest = orphan.key.partition("/")
    if folder == "probe":
        return True
    place = _rows_elsewhere(f"{folder}/", [rest.partition("/")[0]]).get(orphan.uuid)
    if orphan.kind is Kind.STRAY:
        return place is None
    return place not in (None, "", orphan.storage) and storage.size(str(place), orphan.key) == orphan.size


def _is_old(orphan: Orphan) -> bool:
    border = clock.now() - YOUNG
    listed = storage.iter_objects(orphan.storage, orphan.key)
    return any(found.key == orphan.key and found.modified_at < border for found in listed)


def _find_again(orphan: Orphan) -> str:
    """The same object in another storage, whole: the row is told. A move that was undone by a restore leaves this."""
    rows: Any = Generation.objects if orphan.key.startswith("generations/") else AudioUpload.objects
    row = rows.filter(uuid=orphan.uuid, storage=orphan.storage).first()
    if row is None:
        return "nothing left to do"
    sha256 = row.video_sha256 if isinstance(row, Generation) else row.sha256
    for name in storage.names():
        if name != orphan.storage and _holds(name, orphan, sha256):
            rows.filter(pk=row.pk, storage=orphan.storage).update(storage=name)
            return f"found in {name}"
    return ""


def _holds(name: str, orphan: Orphan, sha256: str) -> bool:
    if storage.size(name, orphan.key) != orphan.size:
        return False
    digest = hashlib.sha256()
    with storage.open_object(name, orphan.key) as chunks:
        for chunk in chunks:
            digest.update(chunk)
    return digest.hexdigest() == sha256
