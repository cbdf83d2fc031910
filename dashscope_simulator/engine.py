"""The life of tasks: FIFO slots per account, the passing of time, the making of the film, success and its charge.

One lock guards all of it. `advance` plays every event that is due by the (injectable) clock; it is called by a ticker
thread and before every look at a task, so that with a frozen clock nothing moves and with a moved one everything has.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import math
import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from dashscope_simulator.errors import TaskFailure, throttled
from dashscope_simulator.journal import Journal
from dashscope_simulator.records import LIFETIME, Limits, Status, TaskRecord
from dashscope_simulator.studio import Footage, Studio
from dashscope_simulator.validation import check_fields, check_moderation

logger = logging.getLogger(__name__)

GIVE_UP_SECONDS = 3 * 3600
REALISTIC_MEDIAN, REALISTIC_SIGMA = 130.0, 0.25
_FAIL_FAST = 0.05


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take. `scale` multiplies every simulated duration (0.1 is ten times faster)."""

    render_seconds: float = 8.0
    realistic: bool = False
    scale: float = 1.0
    schedule_seconds: float = 0.04

    def schedule_delay(self) -> float:
        return self.schedule_seconds * self.scale

    def render_delay(self, rng: random.Random) -> float:
        seconds = self.render_seconds
        if self.realistic:
            seconds = rng.lognormvariate(math.log(REALISTIC_MEDIAN), REALISTIC_SIGMA)
        return seconds * self.scale


@dataclass(slots=True)
class _Slots:
    pending: deque[str] = field(default_factory=deque)
    busy: set[str] = field(default_factory=set)


class Engine:
    def __init__(
        self,
        journal: Journal,
        studio: Studio,
        *,
        limits: Limits,
        timing: Timing,
        now: Callable[[], float],
        seed: int | None,
    ) -> None:
        self.lock = threading.RLock()
        self.tasks: dict[str, TaskRecord] = {}
        self.max_running = 0
        self._journal, self._studio = journal, studio
        self._limits, self._timing, self._now = limits, timing, now
        self._random = random.Random(seed)
        self._slots: dict[str, _Slots] = {}
        self._events: list[tuple[float, int, str, str]] = []
        self._number = itertools.count()
        self._wake = threading.Condition(self.lock)
        self._footage: dict[str, Footage] = {}
        self._awaited: set[str] = set()
        self._running = 0
        self._is_stopped = False
        self._thread = threading.Thread(target=self._tick, name="simulator-engine", daemon=True)

    def start(self) -> None:
        """Takes up where the journal left off: running tasks keep their slot and are filmed again."""
        with self.lock:
            for record in self._journal.tasks():
                self.tasks[record.task_id] = record
                if record.status is Status.RUNNING:
                    self._slots_of(record).busy.add(record.task_id)
                    self._count_running(1)
                    self._film(record)
                elif record.status is Status.PENDING:
                    self._slots_of(record).pending.append(record.task_id)
            for slots in self._slots.values():
                self._fill(slots)
        self._thread.start()

    def stop(self) -> None:
        with self.lock:
            self._is_stopped = True
            self._wake.notify_all()
        self._thread.join()

    # What the service asks

    def accept(self, record: TaskRecord) -> None:
        """Queues the task and makes it durable. Raises Refusal (429) when the account's queue is full."""
        with self.lock:
            slots = self._slots_of(record)
            if len(slots.pending) >= self._limits.pending:
                raise throttled()
            self._journal.save_task(record)
            self.tasks[record.task_id] = record
            slots.pending.append(record.task_id)
            self._fill(slots)

    def task(self, task_id: str) -> TaskRecord | None:
        with self.lock:
            self.advance()
            return self.tasks.get(task_id)

    def cancel(self, record: TaskRecord) -> bool:
        """True if it was still PENDING and now is CANCELED."""
        with self.lock:
            self.advance()
            if record.status is not Status.PENDING:
                return False
            record.status, record.end_at = Status.CANCELED, self._now()
            self._journal.save_task(record)
            slots = self._slots_of(record)
            slots.busy.discard(record.task_id)
            if record.task_id in slots.pending:
                slots.pending.remove(record.task_id)
            self._fill(slots)
            return True

    def save(self, record: TaskRecord) -> None:
        with self.lock:
            self._journal.save_task(record)

    # Events

    def advance(self) -> None:
        with self.lock:
            now = self._now()
            while self._events and self._events[0][0] <= now and not self._is_stopped:
                due, _, event, task_id = heapq.heappop(self._events)
                record = self.tasks[task_id]
                if event == "start" and record.status is Status.PENDING:
                    self._begin(record, due)
                elif event == "end" and record.status is Status.RUNNING:
                    self._end(record, due)

    def _tick(self) -> None:
        with self.lock:
            while not self._is_stopped:
                self.advance()
                wait = self._events[0][0] - self._now() if self._events else 0.5
                self._wake.wait(min(max(wait, 0.001), 0.05 if self._events else 0.5))

    def _at(self, moment: float, event: str, record: TaskRecord) -> None:
        heapq.heappush(self._events, (moment, next(self._number), event, record.task_id))
        self._wake.notify_all()

    def _slots_of(self, record: TaskRecord) -> _Slots:
        return self._slots.setdefault(record.account, _Slots())

    def _fill(self, slots: _Slots) -> None:
        while slots.pending and len(slots.busy) < self._limits.running:
            task_id = slots.pending.popleft()
            slots.busy.add(task_id)
            self._at(self._now() + self._timing.schedule_delay(), "start", self.tasks[task_id])

    def _begin(self, record: TaskRecord, moment: float) -> None:
        record.status, record.scheduled_at = Status.RUNNING, moment
        self._count_running(1)
        failure = self._early_failure(record)
        if failure:
            record.code, record.message, record.due_at = failure.code, failure.message, moment + _FAIL_FAST
            self._at(record.due_at, "end", record)
        else:
            record.due_at = moment + self._duration(record)
            self._film(record)
        self._journal.save_task(record)

    def _early_failure(self, record: TaskRecord) -> TaskFailure | None:
        fault = record.faults.get("fail_fast")
        if fault is not None:
            return TaskFailure(fault.get("code", "InternalError"), fault.get("message"))
        try:
            check_fields(record.request)
        except TaskFailure as failure:
            return failure
        objection = check_moderation(record.prompt)
        if objection and objection.message.startswith("Output"):
            record.faults.setdefault("fail", {"code": objection.code, "message": objection.message})
            return None
        return objection

    def _duration(self, record: TaskRecord) -> float:
        if "hang" in record.faults:
            return GIVE_UP_SECONDS
        if "slow" in record.faults:
            return float(record.faults["slow"].get("seconds", 30.0))
        return self._timing.render_delay(self._random)

    def _film(self, record: TaskRecord) -> None:
        """Orders the film; the task ends when it is there and the rendering time has passed, whichever is later."""
        if record.code is None and "hang" not in record.faults:
            self._awaited.add(record.task_id)
            self._studio.order(record, self._on_footage)
        self._at(record.due_at or self._now(), "end", record)

    def _on_footage(self, task_id: str, footage: Footage) -> None:
        with self.lock:
            if self._is_stopped:
                return
            record = self.tasks[task_id]
            self._awaited.discard(task_id)
            self._footage[task_id] = footage
            record.audio_path, record.audio_sha256 = footage.audio_path, footage.audio_sha256
            now = self._now()
            if footage.failure or (record.due_at or 0) <= now:
                self._end(record, now)

    def _end(self, record: TaskRecord, moment: float) -> None:
        if record.status is not Status.RUNNING or record.task_id in self._awaited:
            return
        footage = self._footage.pop(record.task_id, None)
        failure = self._late_failure(record, footage)
        record.end_at = moment
        if failure:
            record.status, record.code, record.message = Status.FAILED, failure.code, failure.message
        elif footage:
            self._succeed(record, footage, moment)
        self._journal.save_task(record)
        self._count_running(-1)
        slots = self._slots_of(record)
        slots.busy.discard(record.task_id)
        self._fill(slots)

    def _late_failure(self, record: TaskRecord, footage: Footage | None) -> TaskFailure | None:
        if record.code is not None:
            return TaskFailure(record.code, record.message)
        if footage and footage.failure:
            return footage.failure
        if "fail" in record.faults:
            return TaskFailure(record.faults["fail"].get("code", "InternalError"), record.faults["fail"].get("message"))
        return TaskFailure("InternalError.Timeout") if footage is None else None

    @staticmethod
    def _succeed(record: TaskRecord, footage: Footage, moment: float) -> None:
        record.status = Status.SUCCEEDED
        record.video_path, record.video_sha256 = footage.video_path, footage.video_sha256
        record.billed_seconds, record.billed_at = float(record.duration), moment
        record.url_expires_at = int(moment) + LIFETIME - 2  # the real one is signed a little before the task ends

    def _count_running(self, change: int) -> None:
        self._running += change
        self.max_running = max(self.max_running, self._running)
