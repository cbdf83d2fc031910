"""The bodies of the service, compact and in the key order of its documentation.

Times are texts in UTC+8 without a zone marker in task answers and epoch milliseconds in the list of tasks.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum, auto
from typing import Any
from xml.sax.saxutils import escape

from dashscope_simulator.errors import Refusal
from dashscope_simulator.records import Status, TaskRecord

BEIJING = timezone(timedelta(hours=8))
JSON = "application/json"


class Wire(Enum):
    SEND = auto()
    DROP = auto()
    """Close the connection without a byte."""
    RESET = auto()
    """The same, but by RST."""


@dataclass(slots=True)
class Answer:
    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    wire: Wire = Wire.SEND


def new_id() -> str:
    return str(uuid.uuid4())


def as_json(payload: object, status: int = 200) -> Answer:
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    request_id = payload.get("request_id") if isinstance(payload, dict) else None
    return Answer(status, body, headers={"x-request-id": request_id} if request_id else {})


def refused(refusal: Refusal) -> Answer:
    return as_json({"code": refusal.code, "message": refusal.message, "request_id": new_id()}, refusal.status)


def oss_error(status: int, code: str, message: str) -> Answer:
    """An error of the object storage, which speaks XML."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n'
        f"  <Code>{escape(code)}</Code>\n  <Message>{escape(message)}</Message>\n"
        f"  <RequestId>{uuid.uuid4().hex[:24].upper()}</RequestId>\n  <HostId>localhost</HostId>\n</Error>\n"
    )
    return Answer(status, body.encode(), "application/xml")


def created(record: TaskRecord) -> Answer:
    return as_json(
        {"output": {"task_status": str(Status.PENDING), "task_id": record.task_id}, "request_id": record.request_id}
    )


def only_status(task_id: str, status: Status) -> dict[str, Any]:
    return {"request_id": new_id(), "output": {"task_id": task_id, "task_status": str(status)}}


def task(record: TaskRecord, status: Status, *, video_url: str, float_usage: bool) -> Answer:
    """The answer to a query. `video_url` is used only for a success."""
    payload = only_status(record.task_id, status)
    output = payload["output"]
    if status in (Status.RUNNING, Status.SUCCEEDED, Status.FAILED):
        for name, moment in (
            ("submit_time", record.submitted_at),
            ("scheduled_time", record.scheduled_at),
            ("end_time", record.end_at),
        ):
            if moment is not None:
                output[name] = local_text(moment)
    if status is Status.FAILED:
        output.update(code=record.code, message=record.message)
    if status is Status.SUCCEEDED:
        output["orig_prompt"] = record.prompt
        if "actual_prompt" in record.faults:
            output["actual_prompt"] = record.faults["actual_prompt"].get("text") or f"{record.prompt}, cinematic light"
        output["video_url"] = video_url
        payload["usage"] = _usage(record, float_usage or "usage_float" in record.faults)
    if "unknown_keys" in record.faults:
        output["task_metrics"] = {"TOTAL": 1, "SUCCEEDED": 1, "FAILED": 0}
        payload["trace"] = {"cluster": "simulator"}
    return as_json(payload)


def _usage(record: TaskRecord, as_float: bool) -> dict[str, Any]:
    kind = float if as_float else int
    seconds = kind(record.billed_seconds or 0)
    usage: dict[str, Any] = {
        "duration": seconds,
        "input_video_duration": kind(0),
        "output_video_duration": seconds,
        "video_count": 1,
        "ratio": record.ratio,
        "SR": int(record.resolution.rstrip("P")),
    }
    if "no_ratio" in record.faults:
        del usage["ratio"]
    if "unknown_keys" in record.faults:
        usage["fps"] = 30
    return usage


def listed(record: TaskRecord, status: Status) -> dict[str, Any]:
    """One entry of the list of tasks. It has `status`, not `task_status`, and never the result."""
    times = {"gmt_create": record.submitted_at, "start_time": record.scheduled_at, "end_time": record.end_at}
    return {
        "api_key_id": record.key_id,
        "caller_parent_id": record.account,
        "caller_uid": record.account,
        **{name: int(moment * 1000) for name, moment in times.items() if moment is not None},
        "model_name": record.model,
        "region": "cn-beijing",
        "request_id": record.request_id,
        "status": str(status),
        "task_id": record.task_id,
        "user_api_unique_key": f"apikey:v1:aigc:video-generation:video-synthesis:{record.model}",
    }


def local_text(moment: float) -> str:
    return datetime.fromtimestamp(moment, BEIJING).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def local_date(moment: float) -> str:
    return datetime.fromtimestamp(moment, BEIJING).strftime("%Y%m%d")


def local_moment(text: str) -> float:
    """The moment of a `YYYYMMDDhhmmss` in UTC+8. Raises ValueError."""
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=BEIJING).timestamp()


def utc_text(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
