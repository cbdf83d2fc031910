"""A worker's shift: how long a sweep may go on, and that one bad take doesn't end it for the others."""

from __future__ import annotations

import logging
import mmap
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)
_stopping = mmap.mmap(-1, 1)  # shared with forked children: Celery tells the parent alone that the worker ends


def stop(**_: object) -> None:
    """The worker was told to end: what is in hand is finished, nothing more is claimed."""
    _stopping[0] = 1


def is_stopping() -> bool:
    return _stopping[0] == 1


class Shift:
    """Goes on for settings.SWEEP_SECONDS, or until the worker is told to end."""

    def __init__(self) -> None:
        self._ends = time.monotonic() + settings.SWEEP_SECONDS

    @property
    def goes_on(self) -> bool:
        return not is_stopping() and time.monotonic() < self._ends


@contextmanager
def carry_on() -> Iterator[None]:
    """Log an error of ours and go on with the next take: the claim of this one runs out, and it is tried again."""
    try:
        yield
    except Exception:
        logger.exception("A step of the way broke; it is tried again")
