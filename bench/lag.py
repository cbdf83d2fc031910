"""From Wan's end_time to READY with real workers, and how often Wan was asked."""

from __future__ import annotations

import time

from bench.options import QUICK
from bench.table import share, show
from bench.workbench import workbench

TAKES = 10 if QUICK else 40
SECONDS = 8.0


def main() -> None:
    with workbench(render="small", render_seconds=SECONDS) as bench:
        from generations.models import Generation, Status
        from tests.generations.pressing import press_once

        user = bench.maker()
        bench.start("control", "media", "beat")
        project = user.personal_team.projects.get()
        _remember(press_once("earlier", user=user, project=project))
        for number in range(TAKES):
            press_once(f"take {number}", user=user, project=project)
        ready = Generation.objects.filter(status=Status.READY, task_id__gt="")
        deadline = time.monotonic() + 60 + TAKES * SECONDS
        while ready.count() < TAKES + 1 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert ready.count() == TAKES + 1, list(Generation.objects.values_list("status", flat=True))
        ends = {take: bench.wan.task(take.task_id).end_at for take in ready}
        lags = [take.ready_at.timestamp() - end for take, end in ends.items()]
        rows = [["p50", "p95"], [f"{share(lags, 0.5):.2f} s", f"{share(lags, 0.95):.2f} s"]]
        counts = bench.wan.counts()
        note = f"{counts['query'] / (TAKES + 1):.1f} queries per video, {counts['query_429']} of them throttled."
        show(f"From Wan's end_time to READY, {TAKES + 1} takes of {SECONDS:.0f} s on 5 slots", rows, note=note)


def _remember(take) -> None:
    """Give the account a history of such takes: without one Wan is first asked after half a stated default."""
    from tests.factories import ReadyFactory

    alike = {"scene": take.scene, "account": take.account, "resolution": take.resolution, "duration": take.duration}
    for number in range(10):
        ReadyFactory(**alike, number=1000 + number, render_seconds=SECONDS, rendered_at=take.created_at)


if __name__ == "__main__":
    main()
