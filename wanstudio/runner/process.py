from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from wanstudio.environment import ROOT
from wanstudio.runner.output import relay

if TYPE_CHECKING:
    from wanstudio.runner.services import Service

HERE = Path(__file__).resolve().parent
BACK_OFF = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before the next start, by crashes in a row
STEADY = 60.0  # a process that ran this long starts with a fresh back-off
CHUNK = 65_536


class Process:
    """One service: started without a shell, started again after a crash, its output relayed line by line.

    Used from the main thread only: the kernel ties a child's life to the thread that made it.
    """

    def __init__(self, service: Service, environment: dict[str, str]) -> None:
        self.service = service
        self._environment = {**environment, **service.environment}
        self._popen: subprocess.Popen[bytes] | None = None
        self._rest = b""
        self._crashes = 0
        self.started_at = 0.0
        self.start_at: float | None = (
            time.monotonic() + service.delay
        )  # on the monotonic clock; None while it runs or once it shall not
        self.output = -1

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    def start(self) -> None:
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        detour = [sys.executable, "-I", "-S", str(HERE / "child.py"), str(os.getpid())]
        self._popen = subprocess.Popen(  # noqa: S603  # a fixed command, no shell
            [*detour, *self.service.command],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=writing if self.service.is_talkative else subprocess.DEVNULL,
            stderr=writing,
        )
        os.close(writing)
        self.output, self.start_at, self.started_at = reading, None, time.monotonic()

    def has_ended(self) -> bool:
        """Whether it ran and runs no more; asked once per end."""
        return self._popen is not None and self._popen.poll() is not None

    def forget(self) -> int:
        """Close a process that has ended and return its exit status (negative: the signal that ended it)."""
        status = self._popen.wait() if self._popen else 0
        self.relay_output()
        os.close(self.output)
        self._popen, self.output = None, -1
        return status

    def start_later(self) -> float:
        """Plan the next start and return the seconds until then."""
        self._crashes = 0 if time.monotonic() - self.started_at > STEADY else self._crashes
        delay = BACK_OFF[min(self._crashes, len(BACK_OFF) - 1)]
        self._crashes += 1
        self.start_at = time.monotonic() + delay
        return delay

    def relay_output(self) -> bool:
        """Pass on the complete lines that are there; False when no more can come."""
        while True:
            try:
                data = os.read(self.output, CHUNK)
            except BlockingIOError:
                return True
            if not data:
                return False
            *lines, self._rest = (self._rest + data).split(b"\n")
            for line in lines:
                if line.strip():
                    relay(self.service.name, line.decode(errors="replace").rstrip())

    def terminate(self) -> None:
        if self._popen:
            self._popen.terminate()

    def kill(self) -> None:
        if self._popen:
            self._popen.kill()


class Watchdog:
    """The helper that ends the processes it was told of when this process dies without having ended them."""

    def __init__(self) -> None:
        reading, writing = os.pipe()
        self._popen = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", str(HERE / "watchdog.py")],
            stdin=reading,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(reading)
        self._pipe = writing

    def tell(self, line: str) -> None:
        try:
            os.write(self._pipe, f"{line}\n".encode())
        except BrokenPipeError:
            pass  # it was killed; on Linux the kernel does its work

    def close(self) -> None:
        """To be called when all are gone: it has nothing left to do."""
        os.close(self._pipe)
        self._popen.wait()
