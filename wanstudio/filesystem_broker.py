"""Celery's filesystem broker with whole messages: a reader never sees half of one, whenever a process is killed.

Kombu's own opens a message's file under its final name and fills it afterwards. A worker that reads between the two
ends with a JSON error, and a binding table cut by a kill ends every later start.
"""

from __future__ import annotations

import os
import time
import uuid
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps, loads

PART, TAKEN = ".part", ".taken"  # endings of files that nobody reads: a writer or a reader is at work, or was killed


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # as in kombu's
        path = Path(self.data_folder_out) / f"{time.time_ns()}_{uuid.uuid4().hex}.{queue}.msg"
        part = path.with_suffix(PART)
        part.write_bytes(str_to_bytes(dumps(payload)))
        part.rename(path)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """The oldest message, which no other reader gets. Raises Empty."""
        for path in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            taken = path.with_suffix(TAKEN)
            try:
                path.rename(taken)
            except FileNotFoundError:
                continue  # another worker was faster
            content = taken.read_bytes()
            taken.unlink()
            with suppress(ValueError):  # cut by a power failure: the next tick says the same
                return loads(content)
        raise Empty

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        """Nothing to remember: every message of ours names its queue."""


class Transport(filesystem.Transport):
    Channel = Channel


def forget_messages(directory: Path) -> None:
    """Empty the broker: messages of an earlier run are hints about rows that are looked at anyway."""
    for file in os.scandir(directory):
        if file.name.endswith((".msg", PART, TAKEN)):
            with suppress(FileNotFoundError):
                os.unlink(file.path)


def install() -> None:
    """filesystem:// means this broker."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
