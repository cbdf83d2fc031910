"""From Wan's end_time until the clip is READY, and how often Wan was asked: all workers, durations as in reality."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from bench.options import QUICK
from bench.table import share, show
from bench.workbench import workbench

if TYPE_CHECKING:
    from bench.workbench import Workbench

TAKES = 30 if QUICK else 60
SLOTS = 15  # of the account, so that the measurement does not take an hour
SCALE = 0.25 if QUICK else 1.0
PATIENCE = 900.0 if QUICK else 3600.0  # seconds
WORKERS = ("control", "media", "beat")


def main() -> None:
    from dashscope_simulator import Limits

    limits = Limits(running=SLOTS)
    with workbench(scale=SCALE, render="small", realistic=True, time_scale=SCALE, seed=1, limits=limits) as bench:
        from bench.rows import queued
        from generations.models import Generation, WanAccount

        queued(bench.maker(), TAKES)
        WanAccount.objects.update(running_limit=SLOTS)
        bench.start(*WORKERS)
        _wait(bench)
        ends = {task.task_id: task.end_at for task in bench.tasks()}
        ready = Generation.objects.filter(status="ready").order_by("ready_at")
        lags = [take.ready_at.timestamp() - ends[take.task_id] for take in ready]
        first, later = lags[:SLOTS], lags[SLOTS:]
        rows = [["", "p50", "p95"]]
        for name, values in [("without a history", first), ("with a history", later), ("all", lags)]:
            rows.append([name, *(f"{share(values, part):.2f} s" for part in (0.5, 0.95))])
        asked = bench.wan.counts()["query"] / len(lags)
        title = f"From Wan's end_time to READY, {len(lags)} takes, durations and intervals times {SCALE}"
        show(title, rows, note=f"{asked:.1f} queries per video.")


def _wait(bench: Workbench) -> None:
    """Until no take is unfinished. What will never end is said at once, with the ends of the logs."""
    from generations.models import Generation

    deadline = time.monotonic() + PATIENCE
    while Generation.objects.unfinished().exists():
        dead = [name for name in WORKERS if bench.fleet.members[name].has_ended()]
        if dead or time.monotonic() > deadline:
            left = Counter(Generation.objects.values_list("status", "waiting_for"))
            sys.exit(f"Ended: {dead}; takes: {dict(left)}\n{bench.fleet.tails()}")
        time.sleep(0.5)


if __name__ == "__main__":
    main()
