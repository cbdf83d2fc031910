"""What the simulator remembers: tasks, uploads, limits, and the ledger line of a task.

Times are seconds since the epoch; the wire formats (UTC+8 text, epoch milliseconds) are made in answers.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

DEFAULT_RESOLUTION = "1080P"
DEFAULT_RATIO = "16:9"
DEFAULT_DURATION = 5

SIZES: dict[str, dict[str, tuple[int, int]]] = {
    "720P": {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (960, 960), "4:3": (1104, 832), "3:4": (832, 1104)},
    "1080P": {
        "16:9": (1920, 1080),
        "9:16": (1080, 1920),
        "1:1": (1440, 1440),
        "4:3": (1648, 1248),
        "3:4": (1248, 1648),
    },
}
MODELS = ("wan2.7-t2v", "wan2.7-t2v-2026-04-25", "wan2.7-t2v-2026-06-12")

LIFETIME = 24 * 3600
"""A finished task and its result URL can be asked for this long; then the id is UNKNOWN and the URL answers 403."""


class Status(StrEnum):
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    UNKNOWN = "UNKNOWN"

    @property
    def is_final(self) -> bool:
        return self not in (Status.PENDING, Status.RUNNING)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one account. Rates are per sliding second; above them the answer is 429."""

    creates_per_second: int = 5
    running: int = 5
    pending: int = 500
    queries_per_second: int = 20
    lists_per_second: int = 20
    cancels_per_second: int = 20
    uploads_per_second: int = 100

    UNLIMITED: ClassVar[int] = 1_000_000

    @classmethod
    def unlimited(cls, *, running: int = UNLIMITED) -> Limits:
        """Nothing is throttled; `running` still bounds the tasks at work at once."""
        many = cls.UNLIMITED
        return cls(many, running, many, many, many, many, many)


@dataclass(slots=True)
class TaskRecord:
    """One accepted task. `request` is the body as parsed; `faults` are those attached when it was accepted."""

    task_id: str
    account: str
    request_id: str
    request_sha256: str
    model: str
    request: dict[str, Any]
    submitted_at: float
    resolves_oss: bool = False
    key_id: str = ""
    faults: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: Status = Status.PENDING
    scheduled_at: float | None = None
    due_at: float | None = None
    end_at: float | None = None
    code: str | None = None
    message: str | None = None
    audio_path: str | None = None
    audio_sha256: str | None = None
    video_path: str | None = None
    video_sha256: str | None = None
    billed_seconds: float | None = None
    billed_at: float | None = None
    url_expires_at: int | None = None
    is_expired: bool = False

    @property
    def input(self) -> dict[str, Any]:
        value = self.request.get("input")
        return value if isinstance(value, dict) else {}

    @property
    def parameters(self) -> dict[str, Any]:
        value = self.request.get("parameters")
        return value if isinstance(value, dict) else {}

    @property
    def prompt(self) -> str:
        """The prompt as the service keeps it: silently cut after 5000 characters."""
        value = self.input.get("prompt")
        return value[:5000] if isinstance(value, str) else ""

    @property
    def resolution(self) -> str:
        return self.parameters.get("resolution") or DEFAULT_RESOLUTION

    @property
    def ratio(self) -> str:
        return self.parameters.get("ratio") or DEFAULT_RATIO

    @property
    def duration(self) -> int:
        value = self.parameters.get("duration")
        return DEFAULT_DURATION if value is None else value

    @property
    def size(self) -> tuple[int, int]:
        return SIZES[self.resolution][self.ratio]

    def status_at(self, now: float) -> Status:
        """The status a query sees: UNKNOWN once the task has been kept for its 24 hours."""
        if self.is_expired or (self.end_at is not None and now >= self.end_at + LIFETIME):
            return Status.UNKNOWN
        return self.status


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in the temporary space, usable for 48 hours with one model by one account."""

    key: str
    account: str
    model: str
    path: str
    uploaded_at: float


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What the service accepted and what it charged: the truth tests compare a client's books with."""

    task_id: str
    account: str
    request_sha256: str
    prompt: str
    accepted_at: float
    status: str
    billed_seconds: float | None
    billed_at: float | None
    audio_sha256: str | None
    video_sha256: str | None
    watermark_explicit: bool

    @classmethod
    def of(cls, record: TaskRecord) -> LedgerEntry:
        return cls(
            task_id=record.task_id,
            account=record.account,
            request_sha256=record.request_sha256,
            prompt=record.prompt,
            accepted_at=record.submitted_at,
            status=str(record.status),
            billed_seconds=record.billed_seconds,
            billed_at=record.billed_at,
            audio_sha256=record.audio_sha256,
            video_sha256=record.video_sha256,
            watermark_explicit="watermark" in record.parameters,
        )
