"""What the runner prints: its own sentences, and its children's lines behind their names."""

from __future__ import annotations

import sys

WIDTH = len("simulator")


def say(text: str = "") -> None:
    """Print, unless the terminal is gone: that must not keep the runner from ending its children."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError:
        pass


def relay(name: str, line: str) -> None:
    say(f"{name:<{WIDTH}} | {line}")
