"""Keeps a studio's processes running until the runner is told to stop, then ends them all."""

from __future__ import annotations

import os
import selectors
import signal
import time
from typing import TYPE_CHECKING

from wanstudio.runner.output import say
from wanstudio.runner.process import Process, Watchdog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wanstudio.runner.services import Service

STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 8.0  # seconds of stopping without a word; idle workers need five


class Supervisor:
    """One thread and one loop: signals, ended children and their output all wake the same `select`."""

    def __init__(self, services: Sequence[Service], environment: dict[str, str]) -> None:
        self.processes = [Process(service, environment) for service in services]
        self._selector = selectors.DefaultSelector()
        self._stops = 0
        self._wake, self._waker = os.pipe()
        self._watchdog = Watchdog()

    def run(self) -> None:
        """Return when a signal asked for the end and every process is gone."""
        self._listen()
        try:
            while not self._stops:
                self._start_due()
                self._wait()
                self._bury(restart=True)
            self._stop()
        finally:
            self._kill_rest()

    def _listen(self) -> None:
        for end in (self._wake, self._waker):
            os.set_blocking(end, False)
        self._selector.register(self._wake, selectors.EVENT_READ)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only so that it wakes the loop
        for sign in STOP:
            signal.signal(sign, self._ask_to_stop)

    def _ask_to_stop(self, *_: object) -> None:
        self._stops += 1

    def _start_due(self) -> None:
        now = time.monotonic()
        for process in self.processes:
            if process.start_at is not None and process.start_at <= now:
                process.start()
                self._watchdog.tell(f"+{process.pid}")
                self._selector.register(process.output, selectors.EVENT_READ, process)

    def _wait(self, seconds: float = 30.0) -> None:
        """Relay output until something else may have to be done."""
        starts = [process.start_at for process in self.processes if process.start_at is not None]
        if starts and not self._stops:
            seconds = max(0.0, min(starts) - time.monotonic())
        for key, _ in self._selector.select(seconds):
            if not isinstance(key.data, Process):
                self._drain_wakes()
            elif not key.data.relay_output():
                self._selector.unregister(key.fileobj)

    def _drain_wakes(self) -> None:
        try:
            while os.read(self._wake, 512):
                pass
        except BlockingIOError:
            pass

    def _bury(self, *, restart: bool) -> None:
        for process in self.processes:
            if not process.has_ended():
                continue
            self._watchdog.tell(f"-{process.pid}")
            if process.output in self._selector.get_map():
                self._selector.unregister(process.output)
            status = process.forget()
            if restart and not self._stops:
                ending = f"by signal {-status}" if status < 0 else f"with status {status}"
                say(f"{process.service.name} ended {ending}; starting it again in {process.start_later():g} s.")

    def _alive(self) -> list[Process]:
        return [process for process in self.processes if process.pid]

    def _stop(self) -> None:
        """SIGTERM, wait as long as each service's grace lasts; a second Ctrl-C ends the waiting."""
        say("Stopping …")
        asked, has_spoken = time.monotonic(), False
        for process in self.processes:
            process.terminate()
        while self._alive() and self._stops < 2:
            self._wait(0.25)
            self._bury(restart=False)
            waited = time.monotonic() - asked
            for process in self._alive():
                if waited > process.service.grace:
                    process.kill()
            if waited > PATIENCE and self._alive() and not has_spoken:
                has_spoken = True
                names = ", ".join(process.service.name for process in self._alive())
                say(f"Waiting for {names} to finish what is under way; press Ctrl-C again to stop at once.")

    def _kill_rest(self) -> None:
        for process in self._alive():
            process.kill()
        while self._alive():
            self._wait(0.25)
            self._bury(restart=False)
        self._watchdog.close()
