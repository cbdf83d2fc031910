"""The service as a Python object: create a video, ask for it, list, cancel, and hand over a file.

Every method raises `DashScopeError`s and nothing of the HTTP library. What a call costs: only `create_video` can be
billed, and it is not idempotent: the service knows no idempotency key, so each call is a new video.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, Self
from urllib.parse import quote

from dashscope_client.errors import BadAnswer, Cause, Rejected
from dashscope_client.redaction import redact
from dashscope_client.results import ResultHosts
from dashscope_client.snapshots import (
    Malformed,
    TaskCreated,
    TaskPage,
    TaskSnapshot,
    TemporaryUpload,
    parse_created,
    parse_page,
    parse_snapshot,
)
from dashscope_client.transport import Answer, Connections, Received, Transport, refusal
from dashscope_client.video_request import VideoRequest

UPLOAD_DEADLINE = 300.0  # seconds; as long as the permission to upload is valid
UPLOAD_LIFETIME = timedelta(hours=48)

_CREATE_PATH = "/services/aigc/video-generation/video-synthesis"
_FORM_FIELDS = (
    ("OSSAccessKeyId", "oss_access_key_id"),
    ("Signature", "signature"),
    ("policy", "policy"),
    ("x-oss-object-acl", "x_oss_object_acl"),
    ("x-oss-forbid-overwrite", "x_oss_forbid_overwrite"),
)
_XML_CODE = re.compile(r"<Code>([^<]{1,200})</Code>")
_XML_MESSAGE = re.compile(r"<Message>([^<]{1,2000})</Message>")


class DashScopeClient:
    """One account's access to the service. Safe to use from several threads; close it when done.

    `base_url` ends in /api/v1 (see `catalogue.base_url`). `workspace` is only for a main account's key that works in a
    sub-workspace. `timeout` is the total time in seconds any call but create and upload may take. `connections`, to the
    same base URL, are shared with others and stay open. ValueError for a key or URL that could not be sent; its text
    does not quote the key.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        workspace: str | None = None,
        timeout: float = 20.0,
        connections: Connections | None = None,
    ) -> None:
        self._base_url = base_url
        self._timeout = timeout
        self._transport = Transport(base_url=base_url, api_key=api_key, workspace=workspace, connections=connections)

    def __repr__(self) -> str:
        return f"DashScopeClient(base_url={self._base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def create_video(self, request: VideoRequest, *, deadline: float = 120.0) -> TaskCreated:
        """Have a video made. Exactly one POST; `deadline` is the total time in seconds.

        Whatever this raises, look at `may_have_landed`: if it is True the task may exist and be billed, and must not be
        created again blindly. Errors in the request's fields usually do not show here but as a FAILED task.
        """
        headers = {"X-DashScope-Async": "enable"}
        if request.needs_oss_resolve:
            headers["X-DashScope-OssResourceResolve"] = "enable"
        answer = self._transport.call(
            "POST", _CREATE_PATH, body=request.body(), headers=headers, deadline=deadline, creates=True
        )
        try:
            return parse_created(answer.payload, answered_at=answer.answered_at, server_date=answer.server_date)
        except Malformed as error:
            raise _bad_answer(answer, error, may_have_landed=True) from error

    def get_task(self, task_id: str) -> TaskSnapshot:
        """The task as it is now. An id the service does not know, or no longer, is a snapshot with status UNKNOWN."""
        answer = self._transport.call("GET", f"/tasks/{_segment(task_id)}", deadline=self._timeout)
        try:
            return parse_snapshot(
                answer.payload, task_id=task_id, answered_at=answer.answered_at, server_date=answer.server_date
            )
        except Malformed as error:
            raise _bad_answer(answer, error) from error

    def list_tasks(
        self, *, page_no: int = 1, page_size: int = 50, status: str | None = None, model: str | None = None
    ) -> TaskPage:
        """One page of the account's tasks of the last 24 hours, whichever key or program created them.

        The service's time parameters are not offered, as their time zone is undocumented. `page_size` is what is asked
        for; the page says what it is.
        """
        params = {"page_no": str(page_no), "page_size": str(page_size)}
        if model:
            params["model_name"] = model
        if status:
            params["status"] = str(status)
        answer = self._transport.call("GET", "/tasks", params=params, deadline=self._timeout)
        try:
            return parse_page(answer.payload, page_no=page_no, page_size=page_size, server_date=answer.server_date)
        except Malformed as error:
            raise _bad_answer(answer, error) from error

    def cancel_task(self, task_id: str) -> None:
        """Cancel a task that is still PENDING. Rejected with `Cause.CANCEL_TOO_LATE` once it has begun."""
        self._transport.call("POST", f"/tasks/{_segment(task_id)}/cancel", deadline=self._timeout)

    def check_model(self, model: str) -> None:
        """Nothing, if the account may use the model; else Rejected. Asks for an upload credential, which is free."""
        self._upload_policy(model)

    def upload_file(self, *, model: str, filename: str, content: BinaryIO, size: int) -> TemporaryUpload:
        """Hand a file of `size` bytes to the service for 48 hours, for use with `model` by the same account.

        `filename` becomes part of the URL; choose one that is random and safe. Rejected with `Cause.AUDIO_SIZE` before
        anything is sent if the service takes no files that large; ValueError if `content` has another size. ("Upload a
        local file to get a temporary URL".)
        """
        _checked_filename(filename)
        answer = self._upload_policy(model)
        policy = _upload_policy(answer)
        _check_upload_size(policy, size, answer)
        host = _upload_host(policy, self._base_url, answer)
        data = content.read(size + 1)
        if len(data) != size:
            raise ValueError("The content does not have the stated size.")
        key = f"{policy['upload_dir']}/{filename}"
        fields = [(name, str(policy[source])) for name, source in _FORM_FIELDS if policy.get(source) is not None]
        fields.insert(3, ("key", key))
        fields.append(("success_action_status", "200"))
        uploaded_at = datetime.now(UTC)
        received = self._transport.post_form(host, fields, file=(filename, data), deadline=UPLOAD_DEADLINE)
        _check_stored(received)
        return TemporaryUpload(f"oss://{key}", uploaded_at, uploaded_at + UPLOAD_LIFETIME)

    def _upload_policy(self, model: str) -> Answer:
        query = {"action": "getPolicy", "model": model}
        return self._transport.call("GET", "/uploads", params=query, deadline=self._timeout)

    def close(self) -> None:
        """Close the connections that are kept open, unless others share them."""
        self._transport.close()


def _bad_answer(answer: Answer, error: Malformed, *, may_have_landed: bool = False) -> BadAnswer:
    return BadAnswer(
        str(error),
        http_status=200,
        request_id=answer.request_id,
        may_have_landed=may_have_landed,
        server_date=answer.server_date,
    )


def _segment(task_id: str) -> str:
    if task_id.strip(".") == "":
        raise ValueError("A task id must not be empty.")
    return quote(task_id, safe="")


def _checked_filename(filename: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", filename):
        raise ValueError("A file name for uploading consists of at most 100 letters, digits, dots, hyphens and _.")


def _upload_policy(answer: Answer) -> dict[str, Any]:
    policy = answer.payload.get("data")
    needed = ("policy", "signature", "upload_dir", "upload_host", "oss_access_key_id")
    if not isinstance(policy, dict) or not all(isinstance(policy.get(name), str) for name in needed):
        raise _bad_answer(answer, Malformed("The answer does not say where to upload."))
    return policy


def _check_upload_size(policy: dict[str, Any], size: int, answer: Answer) -> None:
    limit = policy.get("max_file_size_mb")
    if isinstance(limit, int | float) and 0 < limit * 1024 * 1024 < size:
        raise Rejected(
            f"The service takes files of at most {limit:g} MB here.",
            request_id=answer.request_id,
            cause=Cause.AUDIO_SIZE,
            server_date=answer.server_date,
        )


def _upload_host(policy: dict[str, Any], base_url: str, answer: Answer) -> str:
    """The file goes to the service's own storage or back to where the permission came from, nowhere else."""
    host = ResultHosts(origin=base_url, hosts=()).permitted(policy["upload_host"])
    if host is None:
        raise _bad_answer(answer, Malformed("The answer names a host that is not trusted for uploading."))
    return host


def _check_stored(received: Received) -> None:
    """The storage answers an empty 2xx, or explains itself in XML."""
    if 200 <= received.status < 300:
        return
    text = (received.body or b"")[:10_000].decode("utf-8", "replace")
    code, message = _XML_CODE.search(text), _XML_MESSAGE.search(text)
    raise refusal(
        received,
        code=redact(code[1]) if code else "",
        message=redact(message[1]) if message else "",
        request_id=redact(received.headers.get("x-oss-request-id", "")),
    )
