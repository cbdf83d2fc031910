"""Counts for the metrics: collected in memory, written to rows in batches after a task, at most every few seconds.

A process that is killed loses its last few seconds of counts, and nothing else depends on them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter

from celery.signals import task_postrun, worker_process_shutdown, worker_shutdown
from django.db import DatabaseError
from django.db.models import F

from generations.models import Generation, Tally, WanAccount

logger = logging.getLogger(__name__)
EVERY = 5.0  # seconds
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
        while counts:
            (account_id, name), amount = next(iter(counts.items()))
            if account_id in known:
                _write(account_id, name, amount)
            del counts[account_id, name]
    except DatabaseError as error:
        logger.warning("Counts could not be written yet: %s", error)
        with _lock:
            _counts.update(counts)


def _write(account_id: int, name: str, amount: float) -> None:
    rows = Tally.objects.filter(account=account_id, name=name)
    if not rows.update(value=F("value") + amount):
        Tally.objects.get_or_create(account_id=account_id, name=name)
        rows.update(value=F("value") + amount)


def flush_now_and_then(**_: object) -> None:
    if _counts and time.monotonic() - _written_at > EVERY:
        flush()


def flush_at_last(**_: object) -> None:
    if _counts:
        flush()


def connect() -> None:
    """Workers write after a task and before they end."""
    task_postrun.connect(flush_now_and_then)
    worker_shutdown.connect(flush_at_last)
    worker_process_shutdown.connect(flush_at_last)
