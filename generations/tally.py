"""Counts for the metrics: collected in memory, written to rows in batches after a task or a request, at most every few
seconds.

A process that is killed loses its last few seconds of counts, and nothing else depends on them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from celery.signals import task_postrun, worker_process_shutdown, worker_shutdown
from django.core.signals import request_finished
from django.db import DatabaseError, connection

from generations.models import WanAccount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generations.models import Generation

logger = logging.getLogger(__name__)
EVERY = 5.0  # seconds
AT_ONCE = 200  # rows of one statement
ADD = (
    "INSERT INTO generations_tally (account_id, name, value) VALUES {} "
    "ON CONFLICT (account_id, name) DO UPDATE SET value = generations_tally.value + excluded.value"
)
_lock = threading.Lock()
_counts: Counter[tuple[int, str]] = Counter()
_written_at = time.monotonic()


def add(name: str, account_id: int, amount: float = 1) -> None:
    """Costs no query: may be called anywhere, as often as one likes."""
    with _lock:
        _counts[account_id, name] += amount  # type: ignore[assignment]  # a Counter may hold fractions


def archived(generation: Generation) -> None:
    """A clip was saved: how long that took from Wan's end of rendering, and how many bytes it has."""
    if generation.ready_at and generation.rendered_at:
        seconds = max(0.0, (generation.ready_at - generation.rendered_at).total_seconds())
        add("archive_seconds", generation.account_id, seconds)
    add("archived_bytes", generation.account_id, generation.video_size or 0)


def flush() -> None:
    """Write what has been counted; what can't be written is kept for the next time."""
    global _written_at
    with _lock:
        counts = dict(_counts)
        _counts.clear()
        _written_at = time.monotonic()
    try:
        known = set(WanAccount.objects.filter(pk__in={pk for pk, _ in counts}).values_list("pk", flat=True))
        rows = sorted((*key, amount) for key, amount in counts.items() if key[0] in known)
        while rows:
            _write(rows[:AT_ONCE])
            for account_id, name, _ in rows[:AT_ONCE]:
                del counts[account_id, name]
            del rows[:AT_ONCE]
    except DatabaseError as error:
        logger.warning("Counts could not be written yet: %s", error)
        with _lock:
            _counts.update(counts)


def _write(rows: Sequence[tuple[int, str, float]]) -> None:
    """Add to the rows of an account and a name, or begin them: one statement, whose order no two writers differ in."""
    values = ", ".join(["(%s, %s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(ADD.format(values), [column for row in rows for column in row])


def flush_now_and_then(**_: object) -> None:
    if _counts and time.monotonic() - _written_at > EVERY:
        flush()


def flush_at_last(**_: object) -> None:
    if _counts:
        flush()


def connect() -> None:
    """Workers write after a task and before they end, web processes after a request: people cancel and choose there."""
    task_postrun.connect(flush_now_and_then)
    request_finished.connect(flush_now_and_then)
    worker_shutdown.connect(flush_at_last)
    worker_process_shutdown.connect(flush_at_last)
