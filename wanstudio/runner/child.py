"""`python child.py <parent's pid> <program> …` becomes the program, and is told to stop when that parent dies.

Run as a file, not as a module: it needs nothing of the project, so the detour costs milliseconds. On Linux the kernel
sends the SIGTERM, also after a `kill -9` of the parent; elsewhere only the watchdog does.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def become(parent: int, command: list[str]) -> None:
    # Ctrl-C reaches the whole process group; only the runner answers it, by SIGTERM. The program may install its own.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the line above
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606  # no shell is the point


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2:])
