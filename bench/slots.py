"""Use of Wan's slots by a backlog: running time used against slot time available until the last take has started.

Durations (log-normal around 130 s) and our intervals are scaled down by one factor; Wan's rates are not.
"""

from __future__ import annotations

import time

from bench.options import QUICK
from bench.table import show
from bench.workbench import workbench

TAKES = 40 if QUICK else 200
SCALE = 0.05
SLOTS = 5
AIM = 0.99


def main() -> None:
    with workbench(scale=SCALE, realistic=True, time_scale=SCALE) as bench:
        from generations.models import SubmitAttempt
        from tests.generations.pressing import press_once

        user = bench.maker()
        project = user.personal_team.projects.get()
        for number in range(TAKES):
            press_once(f"take {number}", user=user, project=project)
        bench.start("control", "beat")
        deadline = time.monotonic() + 120 + TAKES / SLOTS * 130 * SCALE * 2
        records = []
        while time.monotonic() < deadline:
            ids = SubmitAttempt.objects.exclude(task_id=None).values_list("task_id", flat=True)
            records = [bench.wan.task(task_id) for task_id in ids]
            if len(records) == TAKES and all(record.scheduled_at for record in records):
                break
            time.sleep(0.5)
        assert len(records) == TAKES, f"{len(records)} of {TAKES} were sent"
        used, available, seconds = _use(records)
        counts = bench.wan.counts()
        rows = [
            ["", "measured", "aim"],
            ["running time / slot time", f"{used / available:.1%}", f"≥ {AIM:.0%}"],
            ["until the last start", f"{seconds:.0f} s, as {seconds / SCALE / 60:.0f} min", ""],
            ["running at once", f"{counts['max_running']}", f"≤ {SLOTS}"],
            ["throttled creates and queries", f"{counts['create_429'] + counts['query_429']}", "0"],
        ]
        show(f"A backlog of {TAKES} on {SLOTS} slots, time × {SCALE}", rows)


def _use(records: list) -> tuple[float, float, float]:
    """Seconds used, seconds available, both from the first start to the last."""
    first = min(record.scheduled_at for record in records)
    last = max(record.scheduled_at for record in records)
    used = sum(min(record.due_at or record.end_at, last) - record.scheduled_at for record in records)
    return used, SLOTS * (last - first), last - first


if __name__ == "__main__":
    main()
