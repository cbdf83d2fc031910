"""From Wan's end_time until the clip is READY, and how often Wan was asked: all workers, durations as in reality."""

from __future__ import annotations

import time

from bench.options import QUICK
from bench.table import share, show
from bench.workbench import workbench

TAKES = 30 if QUICK else 60
SLOTS = 15  # of the account, so that the measurement does not take an hour
SCALE = 0.25 if QUICK else 1.0
PATIENCE = 3600.0


def main() -> None:
    from dashscope_simulator import Limits

    limits = Limits(running=SLOTS)
    with workbench(scale=SCALE, render="small", realistic=True, time_scale=SCALE, seed=1, limits=limits) as bench:
        from bench.rows import queued
        from generations.models import Generation, WanAccount

        queued(bench.maker(), TAKES)
        WanAccount.objects.update(running_limit=SLOTS)
        bench.start("control", "media", "beat")
        deadline = time.monotonic() + PATIENCE
        while Generation.objects.unfinished().exists() and time.monotonic() < deadline:
            time.sleep(0.5)
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


if __name__ == "__main__":
    main()
