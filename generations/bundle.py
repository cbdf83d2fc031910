"""Many clips as one ZIP that is also an offline gallery: streamed entry by entry, without a copy and with flat memory.

What is kept is a clip's key, what it was called, and the names that a ZIP lists at its end (2 kB a clip): hence a
limit.

Entries are stored, not deflated (films do not shrink), in ZIP64 where they must be. When every film lies on the local
disk all sizes are known beforehand, so the length of the whole can be told; what a bucket has is found out on the way.
A film that is not there is left out and listed in the index as missing. A storage that fails in the middle ends the
stream, so that nobody takes a part for the whole.
"""

from __future__ import annotations

import json
import logging
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils import timezone, translation
from django.utils.formats import number_format
from zipstream import ZipStream

from generations import clip_names, recipe_file, storage
from generations.bundle_index import Index, Line
from generations.models import Generation, Status
from generations.packed_clip import PackedClip

if TYPE_CHECKING:
    from accounts.models import User
    from generations.models import Scene
    from generations.models.generation import GenerationQuerySet

logger = logging.getLogger(__name__)
IN_ORDER = ("-scene__latest_take_at", "-scene", "number")  # of takes that were not put in any other
MOST_MEASURED = 10_000  # clips: to look at more takes too long before the first byte
MOST = 100_000  # clips in one ZIP
BATCH = 100  # rows in memory at once
CHANGEABLE = ("number", "derived_at", "video_width", "video_height", "video_seconds")  # while the bytes leave


def most() -> str:
    """Clips of one ZIP, for people."""
    return number_format(MOST, force_grouping=True)


@dataclass(frozen=True)
class Entry:
    """A file of the ZIP; `open` begins to read it and raises ObjectMissing at once. `size` None: not measured."""

    name: str
    size: int | None
    open: Callable[[], Iterable[bytes]]


class Bundle:
    """The clips among `takes`, in their order, that `user` sees; `title` names the folder. Costs one query."""

    def __init__(self, takes: GenerationQuerySet, *, title: str, user: User) -> None:
        keys = takes.filter(status=Status.READY).values_list("pk", flat=True)[: MOST + 1]
        self.keys = array("q", keys.iterator())
        self.title = title
        self.folder = clip_names.slug(title) or "clips"
        self.user = user
        self.made_at = timezone.now()
        self.missing: set[int] = set()
        self._scenes: dict[tuple[int, str], Scene] = {}
        self._first_read: dict[int, tuple[Scene, list[Any]]] = {}
        self.language = translation.get_language() or ""
        self.zone = timezone.get_current_timezone()

    def __bool__(self) -> bool:
        return bool(self.keys)

    @property
    def is_too_many(self) -> bool:
        """Then it must not be read."""
        return len(self.keys) > MOST

    @property
    def file_name(self) -> str:
        return f"{self.folder}.zip"

    @cached_property
    def size(self) -> int | None:
        """Bytes of the whole ZIP, by looking at each film; None when some are in a bucket, or they are very many."""
        if len(self.keys) > MOST_MEASURED or self._is_elsewhere:
            return None
        measured = ZipStream(sized=True)
        with self._as_asked():
            for entry in self._entries(is_sized=True):
                measured.add((), entry.name, size=entry.size)
        return len(measured)

    def __iter__(self) -> Iterator[bytes]:
        zipped = ZipStream(sized=self.size is not None)
        with self._as_asked():
            for entry in self._entries(is_sized=zipped.sized):
                try:
                    content = entry.open()
                except storage.ObjectMissing:
                    if zipped.sized:
                        raise  # the length that was promised can't be kept any more
                    continue
                zipped.add(content, entry.name, size=entry.size)
                yield from zipped.all_files()
        yield from zipped.finalize()

    @property
    def _is_elsewhere(self) -> bool:
        batches = (self.keys[at : at + BATCH * 5] for at in range(0, len(self.keys), BATCH * 5))
        return any(Generation.objects.filter(pk__in=keys).exclude(storage="local").exists() for keys in batches)

    @contextmanager
    def _as_asked(self) -> Iterator[None]:
        """The language and zone of the request, which is over when the last byte leaves."""
        with translation.override(self.language), timezone.override(self.zone):
            yield

    def _takes(self) -> Iterator[Generation]:
        for at in range(0, len(self.keys), BATCH):
            keys = self.keys[at : at + BATCH]
            takes = Generation.objects.visible_to(self.user).select_related("scene", "project", "audio", "account")
            found = takes.in_bulk(keys)
            yield from (self._as_first_read(found[key]) for key in keys if key in found)

    def _as_first_read(self, take: Generation) -> Generation:
        """A clip is read to be measured, packed and listed: one that is renamed or moved meanwhile keeps its name, so
        that the index finds its file and the length stays true."""
        scene = self._scenes.setdefault((take.scene_id, take.scene.name), take.scene)
        values = [getattr(take, name) for name in CHANGEABLE]
        take.scene, values = self._first_read.setdefault(take.pk, (scene, values))
        for name, value in zip(CHANGEABLE, values, strict=True):
            setattr(take, name, value)
        return take

    def _entries(self, *, is_sized: bool) -> Iterator[Entry]:
        """The films first, since only then it is known which are missing. To measure an index is to render it, which
        for very many takes minutes in which no byte leaves, so it is done only for a length that is told."""
        for take in self._takes():
            yield from self._entries_of(take)
        index = Index(self.title, self._lines, made_at=self.made_at)
        for name, render in index.files.items():
            yield Entry(f"{self.folder}/{name}", sum(map(len, render())) if is_sized else None, render)

    def _entries_of(self, take: Generation) -> Iterator[Entry]:
        name, packed = clip_names.of_entry(take), PackedClip(take)
        try:
            size = packed.size
            yield Entry(f"{self.folder}/clips/{name}.mp4", size, lambda: self._film(take, packed))
        except storage.ObjectMissing:
            self._miss(take)
        recipe = json.dumps(recipe_file.recipe_of(take), ensure_ascii=False, indent=2).encode()
        yield Entry(f"{self.folder}/clips/{name}.recipe.json", len(recipe), lambda: [recipe])
        poster = _poster(take)
        if poster:
            yield Entry(f"{self.folder}/posters/{name}.webp", len(poster), lambda: [poster])

    def _film(self, take: Generation, packed: PackedClip) -> Iterator[bytes]:
        try:
            return packed.open_part(0, packed.size)
        except storage.ObjectMissing:
            self._miss(take)
            raise

    def _miss(self, take: Generation) -> None:
        logger.error("%s is not in the storage", take.video_key)
        self.missing.add(take.pk)

    def _lines(self) -> Iterator[Line]:
        for take in self._takes():
            yield Line(take, clip_names.of_entry(take), is_missing=take.pk in self.missing)


def _poster(take: Generation) -> bytes:
    """The small one, tens of kilobytes; empty when there is none."""
    if take.derived_at is None:
        return b""
    try:
        with storage.open_object(take.storage, storage.generation_key(take.uuid, "poster-small.webp")) as chunks:
            return b"".join(chunks)
    except storage.ObjectMissing:
        return b""
