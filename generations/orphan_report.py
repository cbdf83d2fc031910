"""What the daily search found, kept in the database for every machine: counts, bytes, and the first of each kind."""

from __future__ import annotations

import logging
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from generations import clock, orphans
from generations.models import OrphanSearch

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger(__name__)
EXAMPLES = 100
EVERY = timedelta(days=1)
BROKEN_OFF = timedelta(hours=3)  # none takes longer
SEARCH_SECONDS = 2 * 3600.0  # a worker that saves clips does this; a million clips take minutes


def sweep() -> None:
    """Search once a day, one worker at a time, whenever beat was started; one that broke off is begun again."""
    OrphanSearch.objects.get_or_create(pk=1)
    now = clock.now()
    is_old = Q(ended_at=None) | Q(ended_at__lte=now - EVERY)
    is_free = Q(began_at=None) | Q(began_at__lte=now - BROKEN_OFF)
    if OrphanSearch.objects.filter(is_old, is_free, pk=1).update(began_at=now):
        search()


def search() -> dict[str, Any]:
    """Search all storages and keep the report; a missing video is an alarm. Raises StorageError."""
    report = summary(orphans.find(until=time.monotonic() + SEARCH_SECONDS))
    OrphanSearch.objects.update_or_create(pk=1, defaults={"ended_at": clock.now(), "report": report})
    alarming = report["counts"].get(orphans.Kind.MISSING.name, 0) + report["counts"].get(orphans.Kind.DIFFERS.name, 0)
    level = logging.ERROR if alarming else logging.WARNING if report["counts"] else logging.INFO
    logger.log(level, "Searched for orphans: %s", report["counts"] or "everything fits together")
    if not report["complete"]:
        logger.warning("The search for orphans ran out of time: run manage.py find_orphans for the rest")
    return report


def summary(found: Iterable[orphans.Orphan]) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    is_complete = True
    try:
        for orphan in found:
            name = orphan.kind.name
            counts[name] += 1
            sizes[name] += orphan.size
            if counts[name] <= EXAMPLES:
                examples.setdefault(name, []).append(f"{orphan.storage}:{orphan.key}")
    except orphans.OutOfTime:
        is_complete = False
    about = {"at": clock.now().isoformat(), "complete": is_complete}
    return about | {"counts": dict(counts), "bytes": dict(sizes), "examples": examples}


def latest() -> dict[str, Any] | None:
    """The last report; None before the first search has ended."""
    return OrphanSearch.objects.filter(ended_at__isnull=False).values_list("report", flat=True).first()
