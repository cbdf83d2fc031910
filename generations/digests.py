"""The digests of a file while it arrives."""

from __future__ import annotations

import hashlib
from queue import Queue
from threading import Thread
from typing import Self

AHEAD = 32  # blocks that may wait to be read


class Digests:
    """SHA-256 and MD5 of blocks, read in a thread of their own while the next ones are fetched.

    Used as a context; both are whole after its end. Holds at most AHEAD blocks.
    """

    def __init__(self) -> None:
        self._sha256, self._md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        self._blocks: Queue[bytes | None] = Queue(AHEAD)
        self._reader = Thread(target=self._read, name="digests", daemon=True)

    def __enter__(self) -> Self:
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._blocks.put(None)
        self._reader.join()

    def add(self, block: bytes) -> None:
        self._blocks.put(block)

    def _read(self) -> None:
        while (block := self._blocks.get()) is not None:
            self._sha256.update(block)
            self._md5.update(block)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    @property
    def md5(self) -> str:
        return self._md5.hexdigest()
