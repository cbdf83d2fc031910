"""Whether this installation can do its work, part by part and in words. No network call but to the broker."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError
from kombu.exceptions import OperationalError

from generations import clock, storage_refusal
from generations.models import Switchboard
from wanstudio.celery import app

if TYPE_CHECKING:
    from datetime import datetime

BEAT_PULSE = timedelta(seconds=30)
STORAGE_PROBE = timedelta(minutes=5)
REFUSED_FOR = {
    storage_refusal.STORAGE: "Accepts no files",
    storage_refusal.DISK: "A machine's disk has been full",
    storage_refusal.BACKLOG: "20 rendered takes or more have waited to be saved",
}


@dataclass(frozen=True)
class Part:
    name: str
    is_ok: bool
    says: str


def parts() -> list[Part]:
    """Database, broker, beat and storage; what cannot be known without the database is not ok."""
    try:
        board = Switchboard.objects.filter(pk=1).first() or Switchboard()
        now = clock.now()
    except DatabaseError:
        unknown = "Not known while the database does not answer."
        return [
            Part("database", False, "The database does not answer."),
            broker(),
            Part("beat", False, unknown),
            Part("storage", False, unknown),
        ]
    return [Part("database", True, "Answers."), broker(), beat(board, now), storage(board, now)]


def broker() -> Part:
    if settings.CELERY_BROKER_URL.startswith("filesystem"):
        is_ok = Path(settings.BROKER_DIR).is_dir() and os.access(settings.BROKER_DIR, os.W_OK)
        return Part("broker", is_ok, "Takes messages." if is_ok else "Its directory can't be written to.")
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=1.0)
    except (OperationalError, OSError):
        return Part("broker", False, "Can't be reached.")
    return Part("broker", True, "Takes messages.")


def beat(board: Switchboard, now: datetime) -> Part:
    if board.beat_at is None:
        return Part("beat", False, "Has never been seen: are beat and the control worker running?")
    seconds = max(0, round((now - board.beat_at).total_seconds()))
    is_ok = now - board.beat_at < BEAT_PULSE
    return Part("beat", is_ok, f"Last seen {seconds} s ago.")


def storage(board: Switchboard, now: datetime) -> Part:
    """By the rows that the media worker's probe leaves."""
    if board.storage_refused_since is not None:
        said = REFUSED_FOR[storage_refusal.why()]
        return Part("storage", False, f"{said} since {board.storage_refused_since:%Y-%m-%d %H:%M} UTC.")
    if board.storage_checked_at is None:
        return Part("storage", False, "Has not been checked yet: is the media worker running?")
    if now - board.storage_checked_at > STORAGE_PROBE:
        return Part("storage", False, f"Was last checked {board.storage_checked_at:%Y-%m-%d %H:%M} UTC.")
    return Part("storage", True, "Accepts files.")
