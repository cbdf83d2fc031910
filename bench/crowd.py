"""Many accounts with five running each, one control worker; beside it a thread per video in the vendor's SDK.

Durations are as in reality: log-normal, two minutes. Lag is from Wan's end_time until it is known here.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import dataclass

from bench.options import QUICK
from bench.table import share, show
from bench.workbench import Workbench, cpu_seconds, memory, workbench
from tests.run import ROOT

ACCOUNTS = 20 if QUICK else 200
SLOTS = 5
SECONDS = 300.0 if QUICK else 780.0  # the first rendering included
SETTLED = 180.0  # from then on the durations are known, and ends are spread
WARM = 15.0  # from its first pulse the worker ticks and sends nothing: idle, with all that it needs loaded
PATIENCE = 300.0  # for that pulse
TAKES = 5 + int(SECONDS / 100) * 5  # per account: never fewer than fit


@dataclass
class Measured:
    lags: list[float]
    queries: float  # per video
    refused: int
    in_flight: float
    idle_memory: float
    full_memory: float
    cpu: float  # cores

    @property
    def memory_per_video(self) -> float:
        return (self.full_memory - self.idle_memory) * 1024 / self.in_flight


class Watcher(threading.Thread):
    """Samples one process and the simulator while they work."""

    def __init__(self, bench: Workbench, pid: int) -> None:
        super().__init__(daemon=True)
        self._bench, self._pid, self._done = bench, pid, threading.Event()
        self.idle_memory, self.full_memory, self.in_flight = memory(pid), 0.0, 0.0
        self._before, self._began, self._cpu = bench.wan.counts(), time.time(), cpu_seconds(pid)
        self._after, self._used = self._before, 0.0

    def run(self) -> None:
        while not self._done.wait(2.0):
            self.full_memory = max(self.full_memory, memory(self._pid))
            running = sum(task.status == "RUNNING" for task in self._bench.tasks())
            self.in_flight = max(self.in_flight, float(running))

    def stop(self) -> None:
        self._used = (cpu_seconds(self._pid) - self._cpu) / (time.time() - self._began)
        self._after = self._bench.wan.counts()
        self._done.set()
        self.join()

    def result(self, seen: dict[str, float]) -> Measured:
        """`seen`: when a task was known to be done, by its id."""
        ends = {task.task_id: task.end_at or 0.0 for task in self._bench.tasks() if task.submitted_at >= self._began}
        mine = [task_id for task_id in seen if task_id in ends]
        late = [task_id for task_id in mine if ends[task_id] > self._began + SETTLED]
        more = {name: self._after[name] - self._before[name] for name in self._after}
        return Measured(
            lags=[seen[task_id] - ends[task_id] for task_id in late],
            queries=more["query"] / max(1, len(mine)),
            refused=more["create_429"] + more["query_429"] + more["list_429"],
            in_flight=self.in_flight,
            idle_memory=self.idle_memory,
            full_memory=self.full_memory,
            cpu=self._used,
        )


def main() -> None:
    with workbench(servers=True, realistic=True, seed=1) as bench:
        ours = _ours(bench)
        bench.fleet.stop(20.0)
        theirs = _theirs(bench)
        _tell(ours, theirs)


def _ours(bench: Workbench) -> Measured:
    from bench.rows import crowd
    from generations.models import Event, Switchboard

    crowd(ACCOUNTS, TAKES, origin=bench.wan.base_url)  # takes minutes, which are not of the work
    Switchboard.objects.update_or_create(pk=1, defaults={"submitting": False})
    bench.start("control", "beat")
    _wait_for_pulse(bench)
    time.sleep(WARM)
    watcher = Watcher(bench, bench.fleet.members["control"].popen.pid)
    Switchboard.objects.update(submitting=True)
    watcher.start()
    time.sleep(SECONDS)
    watcher.stop()
    moved = Event.objects.filter(to_status="archiving").values_list("generation__task_id", "at")
    return watcher.result({task_id: at.timestamp() for task_id, at in moved})


def _wait_for_pulse(bench: Workbench) -> None:
    """A worker that is still loading would look small, and what it loads like memory of videos."""
    from generations.models import Switchboard

    deadline = time.monotonic() + PATIENCE
    while not Switchboard.objects.filter(beat_at__isnull=False).exists():
        if time.monotonic() > deadline:
            sys.exit(f"The control worker has no pulse.\n{bench.fleet.tails()}")
        time.sleep(0.5)


def _theirs(bench: Workbench) -> Measured:
    command = [sys.executable, "-m", "bench.vendor", bench.wan.base_url, str(ACCOUNTS), str(SLOTS), str(SECONDS)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        process.stdout.readline()
        watcher = Watcher(bench, process.pid)
        watcher.start()
        process.stdin.write("\n")
        process.stdin.flush()
        time.sleep(SECONDS - 1)
        watcher.stop()
        seen = dict(line.split() for line in process.stdout)
    return watcher.result({task_id: float(moment) for task_id, moment in seen.items()})


def _tell(ours: Measured, theirs: Measured) -> None:
    rows: list[list[object]] = [["", "one control worker", "a thread per video", "ratio", "aim"]]

    def row(name: str, mine: float, other: float, aim: str, form: str = "{:.2f}") -> None:
        rows.append([name, form.format(mine), form.format(other), f"{mine / other:.2f}" if other else "", aim])

    row("lag p50, s", share(ours.lags, 0.5), share(theirs.lags, 0.5), "")
    row("lag p95, s", share(ours.lags, 0.95), share(theirs.lags, 0.95), "≤ 1.05")
    row("queries per video", ours.queries, theirs.queries, "≤ 0.5", "{:.1f}")
    row("memory per video, kB above idle", ours.memory_per_video, theirs.memory_per_video, "≤ 0.1", "{:.0f}")
    row("memory in all, MB", ours.full_memory, theirs.full_memory, "", "{:.0f}")
    row("CPU, cores", ours.cpu, theirs.cpu, "")
    row("429s", ours.refused, theirs.refused, "0", "{:.0f}")
    row("most in flight", ours.in_flight, theirs.in_flight, "", "{:.0f}")
    row("videos counted", len(ours.lags), len(theirs.lags), "", "{:.0f}")
    show(f"{ACCOUNTS} accounts with {SLOTS} running each, PostgreSQL and Redis, {SECONDS / 60:.0f} min", rows)


if __name__ == "__main__":
    main()
