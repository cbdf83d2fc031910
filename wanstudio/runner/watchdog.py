"""`python watchdog.py` ends what a dead runner has left: the end of its standard input is the runner's death.

Standard input tells which processes run: a line `+123` for a start, `-123` for an end. Those left at the end of input
get SIGTERM (which finishes a request to Wan in flight) and, GRACE seconds later, SIGKILL.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

GRACE = 150.0  # longer than the one POST's deadline
PAUSE = 0.1


def running(lines: Iterable[str]) -> set[int]:
    """The processes that were started and have not ended, by the time the input ends."""
    pids: set[int] = set()
    for line in lines:
        pid = int(line[1:])
        pids = pids | {pid} if line.startswith("+") else pids - {pid}
    return pids


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(") ")[2][:1] != "Z"  # an unreaped process answers kill, too
    except OSError:
        return not stat.parent.parent.joinpath("self").exists()


def send(pids: Iterable[int], sign: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            pass


def end(pids: set[int]) -> None:
    send(pids, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while pids and time.monotonic() < deadline:
        time.sleep(PAUSE)
        pids = {pid for pid in pids if is_alive(pid)}
    send(pids, signal.SIGKILL)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    end(running(sys.stdin))
