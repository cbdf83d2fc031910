"""Hints to the workers after a commit. They may be lost: the next tick, a second later at most, does the same."""

from __future__ import annotations

import logging
from contextlib import suppress

from kombu.exceptions import OperationalError

from wanstudio.celery import app

logger = logging.getLogger(__name__)


def submit() -> None:
    _send("submit_due", "submit")


def archive() -> None:
    _send("archive_due", "media")


def _send(name: str, queue: str) -> None:
    with suppress(OperationalError, OSError):
        app.send_task(f"generations.tasks.{name}", queue=queue, retry=False, expires=5, ignore_result=True)
