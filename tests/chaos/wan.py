"""The simulator in a process of its own, and what a test may ask it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.run import ROOT


class Wan:
    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._control = base_url.replace("/api/v1", "/simulator/")

    def ask(self, what: str) -> list | dict:
        return requests.get(self._control + what, timeout=60).json()

    def add_fault(self, name: str) -> None:
        """For one occasion."""
        requests.post(self._control + "faults", json={"name": name, "times": 1}, timeout=60).raise_for_status()


@contextmanager
def running(directory: Path, *options: str):
    """The simulator until the block ends, and with this process at the latest."""
    command = [sys.executable, "-m", "dashscope_simulator", "--port", "0", "--data-dir", str(directory)]
    process = subprocess.Popen(
        [*command, "--die-with-parent", *options], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )
    try:
        yield Wan(process.stdout.readline().rpartition(" ")[2].strip())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
