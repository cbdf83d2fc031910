"""A clip as it leaves the studio: the stored original with its recipe behind it, streamed, never copied."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from generations import recipe_file, storage

if TYPE_CHECKING:
    from generations.models import Generation


class PackedClip:
    """Of a READY take with `audio` joined. What the storage cannot give is a StorageError."""

    def __init__(self, take: Generation, *, with_recipe: bool = True) -> None:
        self.take = take
        self.box = recipe_file.box(take) if with_recipe else b""

    @cached_property
    def video_size(self) -> int:
        """Of the original, in bytes. Files on the disk are looked at, so that a missing one is known before it is due.

        Raises ObjectMissing.
        """
        take = self.take
        if take.storage != "local" and take.video_size is not None:
            return take.video_size
        size = storage.size(take.storage, take.video_key)
        if size is None:
            raise storage.ObjectMissing("", transient=False)
        return size

    @property
    def size(self) -> int:
        return self.video_size + len(self.box)

    @property
    def etag(self) -> str:
        return f"{self.take.video_sha256 or self.take.uuid}-{hashlib.sha256(self.box).hexdigest()[:16]}"

    def open_part(self, start: int, stop: int) -> Iterator[bytes]:
        """Bytes `start` up to `stop`, in chunks. A missing object is said at once."""
        size = self.video_size
        tail = self.box[max(0, start - size) : max(0, stop - size)]
        if start >= size:
            return iter([tail])
        return _Joined(storage.open_part(self.take.storage, self.take.video_key, start, min(stop, size)), tail)


class _Joined(Iterator[bytes]):
    """A class, for the `close` that ends the reading of the original."""

    def __init__(self, original: storage.Part, tail: bytes) -> None:
        self.original = original
        self.chunks = chain(original, [tail] if tail else [])

    def __next__(self) -> bytes:
        return next(self.chunks)

    def close(self) -> None:
        self.original.close()
