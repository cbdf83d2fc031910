"""What the nightly search found, kept as one file in the data directory: counts, bytes, and the first of each kind."""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from django.conf import settings

from generations import clock, orphans

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

logger = logging.getLogger(__name__)
EXAMPLES = 100
SEARCH_SECONDS = 2 * 3600.0  # a worker that saves clips does this; a million clips take minutes


def path() -> Path:
    return settings.STUDIO_DATA_DIR / "reports" / "orphans.json"


def search() -> dict[str, Any]:
    """Search all storages and write the report; a missing video is an alarm. Raises StorageError."""
    report = summary(orphans.find(until=time.monotonic() + SEARCH_SECONDS))
    path().parent.mkdir(parents=True, exist_ok=True)
    fresh = path().with_suffix(".new")
    fresh.write_text(json.dumps(report, indent=1))
    fresh.replace(path())
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
    """The last report of this machine; None when there is none that can be read."""
    try:
        return json.loads(path().read_text())
    except (OSError, ValueError):
        return None
