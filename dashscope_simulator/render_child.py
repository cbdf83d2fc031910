"""`python -m dashscope_simulator.render_child`: renders the Film that comes as JSON on its input, at low priority.

It ends with its parent, however that ends.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time

from dashscope_simulator.render import Film, render


def _end_with_parent() -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def main() -> None:
    os.nice(10)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    render(Film(**json.loads(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
