"""The simulator as one object: what tests start in their own process and `__main__` serves from the command line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from dashscope_simulator.engine import Engine, Timing
from dashscope_simulator.faults import FaultBook
from dashscope_simulator.journal import Journal
from dashscope_simulator.records import LedgerEntry, Limits, Status, TaskRecord
from dashscope_simulator.results import ResultStore
from dashscope_simulator.server import SimulatorServer
from dashscope_simulator.service import Service
from dashscope_simulator.studio import Studio
from dashscope_simulator.throttle import Throttle
from dashscope_simulator.uploads import UploadSpace

RENDER_MODES = ("full", "small", "none")


class Simulator:
    """Starts nothing until `start`. After `stop` it can be started again and finds its tasks in `data_dir`.

    `render`: full (true picture), small (a tiny film of the true length), none (one placeholder for all).
    `render_seconds` is how long a task is RUNNING at least; `realistic` draws it from a log-normal distribution with a
    median of 130 s instead; `time_scale` multiplies it. `now` is the clock of everything: limits, times, expiry.
    """

    def __init__(
        self,
        data_dir: Path | str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        render: str = "small",
        render_seconds: float = 0.0,
        schedule_seconds: float = 0.04,
        realistic: bool = False,
        time_scale: float = 1.0,
        limits: Limits | None = None,
        usage: str = "int",
        strict: bool = False,
        seed: int | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        _check_mode(render)
        self.faults = FaultBook(seed)
        self._data_dir, self._host, self._port, self._render = Path(data_dir).absolute(), host, port, render
        self._timing = Timing(render_seconds, realistic, time_scale, schedule_seconds)
        self._limits, self._usage, self._is_strict = limits or Limits(), usage, strict
        self._seed, self._now = seed, now
        self._server: SimulatorServer | None = None

    def start(self) -> Self:
        self._data_dir.mkdir(parents=True, exist_ok=True)
        self._journal = Journal(self._data_dir)
        secret = self._journal.secret()
        self._throttle = Throttle(self._limits, self._now)
        self.uploads = UploadSpace(
            self._data_dir, self._journal, self._throttle, self.faults, secret=secret, now=self._now
        )
        self._studio = Studio(self._data_dir, mode=self._render, find_upload=self.uploads.find, seed=self._seed)
        self._engine = Engine(
            self._journal, self._studio, limits=self._limits, timing=self._timing, now=self._now, seed=self._seed
        )
        self.results = ResultStore(self._engine, self.faults, secret=secret, now=self._now)
        self.service = Service(
            self._engine,
            self._throttle,
            self.faults,
            now=self._now,
            video_url=self.results.url,
            is_strict=self._is_strict,
            float_usage=self._usage == "float",
        )
        self._listen()
        self._engine.start()
        return self

    def _listen(self) -> None:
        try:
            self._server = SimulatorServer((self._host, self._port), self)
        except OSError:
            self._studio.stop()
            self._journal.close()
            raise
        self._port = self._server.server_port
        self.uploads.origin = self.results.origin = self.origin
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="simulator-http", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Ends connections, renderers and threads. Tasks stay in the data directory."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._server.close_connections()
        self._server = None
        self._engine.stop()
        self._studio.stop()
        self._journal.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def draw(self, render: str) -> None:
        """From now on films of this kind, also for what runs already; raises ValueError for one that there is not."""
        _check_mode(render)
        self._render = self._studio.mode = render

    @property
    def origin(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def base_url(self) -> str:
        return f"{self.origin}/api/v1"

    def ledger(self) -> list[LedgerEntry]:
        """Every task ever accepted, in order; also those a query no longer finds."""
        with self._engine.lock:
            self._engine.advance()
            return [LedgerEntry.of(record) for record in self._engine.tasks.values()]

    def counts(self) -> dict[str, int]:
        """Requests since the start: `create` counts all that came, `create_429` those refused, `accepted` the tasks."""
        names = ("create", "accepted", "query", "list", "cancel", "upload_policy")
        zeros = {name: 0 for base in names for name in (base, f"{base}_429") if name != "accepted_429"}
        return {**zeros, "upload": 0, "download": 0, **self._throttle.counts, "max_running": self._engine.max_running}

    def count(self, name: str) -> None:
        self._throttle.count(name)

    def task(self, task_id: str) -> TaskRecord:
        """Raises KeyError."""
        record = self._engine.task(task_id)
        if record is None:
            raise KeyError(task_id)
        return record

    def video_bytes(self, task_id: str) -> bytes:
        """The result file of a task. Raises KeyError while there is none."""
        record = self.task(task_id)
        if record.video_path is None:
            raise KeyError(task_id)
        return Path(record.video_path).read_bytes()

    def expire(self, task_id: str) -> None:
        """The service forgets the task: queries answer UNKNOWN from now on. Raises KeyError."""
        record = self.task(task_id)
        with self._engine.lock:
            record.is_expired = True
            self._engine.save(record)

    def expire_urls(self) -> None:
        """All result URLs signed so far have expired; a query goes on to answer the same, expired URL."""
        with self._engine.lock:
            for record in self._engine.tasks.values():
                if record.status is Status.SUCCEEDED:
                    record.url_expires_at = int(self._now()) - 1
                    self._engine.save(record)


def _check_mode(render: str) -> None:
    if render not in RENDER_MODES:
        raise ValueError(f"render is one of {', '.join(RENDER_MODES)}")
