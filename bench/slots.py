"""How much of Wan's slots a backlog on one account uses, durations and our intervals scaled down by one factor."""

from __future__ import annotations

import time

from bench.options import QUICK
from bench.table import show
from bench.workbench import workbench

TAKES = 60 if QUICK else 200
SCALE = 0.05 if QUICK else 0.1
SLOTS = 5
PATIENCE = 1800.0


def main() -> None:
    with workbench(scale=SCALE, realistic=True, time_scale=SCALE, seed=1) as bench:
        from bench.rows import queued

        queued(bench.maker(), TAKES)
        bench.start("control", "beat")
        deadline = time.monotonic() + PATIENCE
        while bench.unscheduled(TAKES) and time.monotonic() < deadline:
            time.sleep(0.5)
        tasks = bench.tasks()
        began, ended = min(task.submitted_at for task in tasks), max(task.scheduled_at or 0 for task in tasks)
        now = time.time()
        used = sum(max(0.0, min(task.end_at or now, ended) - task.scheduled_at) for task in tasks if task.scheduled_at)
        share = used / (SLOTS * (ended - began))
        counts = bench.wan.counts()
        show(
            f"Slots of one account, backlog of {TAKES}, log-normal σ 0.25, everything times {SCALE}",
            [
                ["", "measured", "aim"],
                ["slot time used until the last take began", f"{share:.2%}", "≥ 99 %"],
                ["seconds", ended - began, ""],
                ["queries per video", counts["query"] / len(tasks), ""],
                ["creates refused with 429", counts["create_429"], 0],
            ],
        )


if __name__ == "__main__":
    main()
