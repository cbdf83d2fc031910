"""What the service says, as values: parsed tolerantly, kept exactly.

Tolerant means: unknown keys are ignored, documented-as-optional ones may be missing or null, numbers may be integers,
floats or strings. What cannot be done without (a task's id, its status, the number of tasks in a list) raises
`Malformed`, which the client turns into a `BadAnswer`.

Times of tasks come as `YYYY-MM-DD HH:mm:ss.SSS` in UTC+8 without saying so; times of lists as milliseconds since 1970.
Everything here is aware and in UTC. Sections "Response parameters" of the text-to-video reference, and "Manage
asynchronous tasks".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

from dashscope_client.redaction import redact

TASK_ID_LIMIT = 200  # characters; the service's are UUIDs

_WIRE_ZONE = timezone(timedelta(hours=8))


class Malformed(ValueError):
    """An answer lacks what cannot be done without."""


class TaskStatus(StrEnum):
    """The service's own words. UNKNOWN: the id never existed, or the task is older than 24 hours."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Usage:
    """What a success is billed by: `duration` seconds at the price of `resolution`. Any of it may be missing."""

    duration: Decimal | None
    output_video_duration: Decimal | None
    video_count: int | None
    resolution: str | None
    ratio: str | None


@dataclass(frozen=True)
class TaskSnapshot:
    """A task as it was at `answered_at` (our clock). `server_date` is the same moment by the service's clock.

    `usage` and `video_url` come only with SUCCEEDED, the error fields only with FAILED ("" otherwise). The URL is
    signed, needs no key and lives 24 hours; it and the prompts stay out of the repr.
    """

    task_id: str
    status: TaskStatus
    request_id: str
    submit_time: datetime | None
    scheduled_time: datetime | None
    end_time: datetime | None
    video_url: str | None = field(repr=False)
    orig_prompt: str | None = field(repr=False)
    actual_prompt: str | None = field(repr=False)
    usage: Usage | None
    error_code: str
    error_message: str
    answered_at: datetime
    server_date: datetime | None


@dataclass(frozen=True)
class TaskCreated:
    """The receipt of a create. From here on the task may be billed."""

    task_id: str
    status: TaskStatus
    request_id: str
    answered_at: datetime
    server_date: datetime | None


@dataclass(frozen=True)
class ListedTask:
    """A row of the account's list. A status this package does not know is UNKNOWN here: asking for the task tells."""

    task_id: str
    status: TaskStatus
    model_name: str
    api_key_id: str
    caller_parent_id: str
    region: str
    request_id: str
    gmt_create: datetime | None
    start_time: datetime | None
    end_time: datetime | None


@dataclass(frozen=True)
class TaskPage:
    """One page of the account's tasks of the last 24 hours. `total` counts tasks, `total_pages` pages of this size."""

    tasks: tuple[ListedTask, ...]
    total: int
    total_pages: int
    page_no: int
    page_size: int
    request_id: str
    server_date: datetime | None


@dataclass(frozen=True)
class TemporaryUpload:
    """A file the service keeps for its own use until `expires_at`, bound to the model and account it was given with."""

    url: str
    uploaded_at: datetime
    expires_at: datetime


def parse_created(payload: Mapping[str, Any], *, answered_at: datetime, server_date: datetime | None) -> TaskCreated:
    """The answer to a create. A missing or new status does not lose the id: such a task is PENDING until asked."""
    output = _mapping(payload.get("output"))
    return TaskCreated(
        task_id=_task_id(output.get("task_id")),
        status=_status(output.get("task_status")) or TaskStatus.PENDING,
        request_id=_text(payload.get("request_id")),
        answered_at=answered_at,
        server_date=server_date,
    )


def parse_snapshot(
    payload: Mapping[str, Any], *, task_id: str, answered_at: datetime, server_date: datetime | None
) -> TaskSnapshot:
    """The answer to a query for `task_id`. Malformed if it is about another task or in no known status."""
    output = _mapping(payload.get("output"))
    named = _text(output.get("task_id"))
    if named and named != task_id:
        raise Malformed("The answer is about another task.")
    status = _status(output.get("task_status"))
    if status is None:
        raise Malformed("The answer has no status this client knows.")
    return TaskSnapshot(
        task_id=task_id,
        status=status,
        request_id=_text(payload.get("request_id")),
        submit_time=_wire_time(output.get("submit_time")),
        scheduled_time=_wire_time(output.get("scheduled_time")),
        end_time=_wire_time(output.get("end_time")),
        video_url=_text(output.get("video_url")) or None,
        orig_prompt=_text(output.get("orig_prompt")) or None,
        actual_prompt=_text(output.get("actual_prompt")) or None,
        usage=_usage(payload.get("usage")),
        error_code=redact(_text(output.get("code"))),
        error_message=redact(_text(output.get("message"))),
        answered_at=answered_at,
        server_date=server_date,
    )


def parse_page(payload: Mapping[str, Any], *, page_no: int, page_size: int, server_date: datetime | None) -> TaskPage:
    """The answer to a list. The page's number and size fall back to those asked for; a missing total is Malformed."""
    rows = payload.get("data")
    total = _whole(payload.get("total"))
    if total is None or total < 0 or not isinstance(rows, list | None):
        raise Malformed("The answer is not a page of tasks.")
    size = _whole(payload.get("page_size")) or page_size
    pages = _whole(payload.get("total_page"))
    return TaskPage(
        tasks=tuple(_listed(_mapping(row)) for row in rows or ()),
        total=total,
        total_pages=-(-total // size) if pages is None else pages,
        page_no=_whole(payload.get("page_no")) or page_no,
        page_size=size,
        request_id=_text(payload.get("request_id")),
        server_date=server_date,
    )


def _listed(row: Mapping[str, Any]) -> ListedTask:
    return ListedTask(
        task_id=_task_id(row.get("task_id")),
        status=_status(row.get("status")) or TaskStatus.UNKNOWN,
        model_name=_text(row.get("model_name")),
        api_key_id=_text(row.get("api_key_id")),
        caller_parent_id=_text(row.get("caller_parent_id")),
        region=_text(row.get("region")),
        request_id=_text(row.get("request_id")),
        gmt_create=_epoch_time(row.get("gmt_create")),
        start_time=_epoch_time(row.get("start_time")),
        end_time=_epoch_time(row.get("end_time")),
    )


def _usage(value: object) -> Usage | None:
    if not isinstance(value, Mapping) or not value:
        return None
    return Usage(
        duration=_number(value.get("duration")),
        output_video_duration=_number(value.get("output_video_duration")),
        video_count=_whole(value.get("video_count")),
        resolution=_resolution(value.get("SR")),
        ratio=_text(value.get("ratio")) or None,
    )


def _resolution(value: object) -> str | None:
    """ "720P" from 720, 720.0, "720" or "720P"."""
    lines = _whole(value.strip().rstrip("pP") if isinstance(value, str) else value)
    return f"{lines}P" if lines is not None and lines > 0 else None


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Malformed("The answer lacks its main part.")
    return value


def _task_id(value: object) -> str:
    task_id = _text(value)
    if not task_id or len(task_id) > TASK_ID_LIMIT:
        raise Malformed("The answer has no usable task id.")
    return task_id


def _status(value: object) -> TaskStatus | None:
    try:
        return TaskStatus(_text(value).upper())
    except ValueError:
        return None


def _text(value: object) -> str:
    """Strings stripped, whole numbers written out, anything else as if it were missing."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def _number(value: object) -> Decimal | None:
    """A finite number of a sane size, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value).strip())
    except (ArithmeticError, ValueError):
        return None
    return number if number.is_finite() and abs(number) < 10**15 else None


def _whole(value: object) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number == number.to_integral_value() else None


def _wire_time(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(value))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=_WIRE_ZONE)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _epoch_time(value: object) -> datetime | None:
    milliseconds = _number(value)
    if milliseconds is None or milliseconds <= 0:
        return None
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(milliseconds * 1000))
    except OverflowError:
        return None
