"""`python -m dashscope_simulator`: Wan at http://127.0.0.1:8787/api/v1; any key but an empty one is accepted."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from dashscope_simulator.simulator import RENDER_MODES, Simulator


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dashscope_simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    parser.add_argument("--port", type=int, default=8787)
    parser.add_argument("--data-dir", type=Path, default=Path("var/simulator"), help="tasks and films live here")
    parser.add_argument("--render-seconds", type=float, default=8.0, help="shortest time a task is RUNNING")
    parser.add_argument("--realistic", action="store_true", help="minutes as in reality: log-normal, median 130 s")
    parser.add_argument("--time-scale", type=float, default=1.0, help="multiplies simulated durations (0.1: faster)")
    parser.add_argument("--render", choices=RENDER_MODES, default="full")
    parser.add_argument("--usage", choices=("int", "float"), default="int", help="numbers in usage: 5 or 5.0")
    parser.add_argument("--seed", type=int, help="makes durations, fault rates and unseeded films repeatable")
    parser.add_argument("--strict", action="store_true", help="judge the fields at submit instead of in the task")
    parser.add_argument("--die-with-parent", action="store_true", help="exit when the starting process is gone")
    parser.add_argument("--verbose", action="store_true", help="log every request (never the key)")
    return parser.parse_args()


def main() -> int:
    options = vars(_arguments())
    logging.basicConfig(level=logging.DEBUG if options.pop("verbose") else logging.WARNING)
    dies_with_parent, parent = options.pop("die_with_parent"), os.getppid()
    simulator = Simulator(**options)
    try:
        simulator.start()
    except OSError as error:
        sys.stderr.write(f"Cannot listen on {options['host']}:{options['port']}: {error.strerror}\n")
        return 1
    signal.signal(signal.SIGTERM, _exit_at_once)
    signal.signal(signal.SIGINT, _exit_at_once)
    sys.stdout.write(f"Simulator ready: {simulator.base_url}\n")
    sys.stdout.flush()
    while not dies_with_parent or os.getppid() == parent:
        if dies_with_parent:
            time.sleep(0.5)
        else:
            threading.Event().wait()
    return 0


def _exit_at_once(*_: Any) -> None:
    """All that was answered is on disk already; renderers end with their parent."""
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
