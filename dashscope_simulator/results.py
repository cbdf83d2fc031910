"""The object storage in front of finished films: signed URLs that expire, and faults of a download."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote

from dashscope_simulator.answers import Answer, local_date, oss_error, utc_text
from dashscope_simulator.engine import Engine
from dashscope_simulator.faults import DOWNLOAD, FaultBook
from dashscope_simulator.records import Status, TaskRecord

ACCESS_KEY_ID = "LTAI5tSimulatorLocal0000"
_PATH = re.compile(r"^/1d/[0-9a-f]{2}/\d{8}/[0-9a-f]{8}/([0-9a-f-]{36})\.mp4$")
_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")
_HTML = b"<!doctype html><html><head><title>Welcome</title></head><body><p>Please sign in.</p></body></html>"


def sign(secret: bytes, text: str) -> str:
    return base64.b64encode(hmac.new(secret, text.encode(), hashlib.sha1).digest()).decode()


@dataclass(slots=True)
class Download:
    """A file to be sent: `size` bytes from `start`. The flags are the ways in which it goes wrong on the wire."""

    path: Path
    status: int
    total: int
    start: int
    size: int
    headers: dict[str, str] = field(default_factory=dict)
    declared: int | None = None
    """Content-Length if it differs from `size`."""
    is_chunked: bool = False
    delay: float = 0.0
    """Seconds between the head and the bytes."""


class ResultStore:
    def __init__(self, engine: Engine, faults: FaultBook, *, secret: bytes, now: Callable[[], float]) -> None:
        self._engine, self._faults, self._secret, self._now = engine, faults, secret, now
        self.origin = ""

    def url(self, record: TaskRecord) -> str:
        path, expires = self._path(record), record.url_expires_at or 0
        signature = sign(self._secret, f"GET\n\n\n{expires}\n{path}")
        return (
            f"{self.origin}{path}?Expires={expires}&OSSAccessKeyId={ACCESS_KEY_ID}"
            f"&Signature={quote(signature, safe='')}"
        )

    @staticmethod
    def _path(record: TaskRecord) -> str:
        digest = hashlib.sha256(record.task_id.encode()).hexdigest()
        return f"/1d/{digest[:2]}/{local_date(record.end_at or 0)}/{digest[2:10]}/{record.task_id}.mp4"

    def fetch(self, path: str, query: str, range_header: str | None) -> Answer | Download:
        """The film behind a URL if its signature is right and has not expired (403 as the object storage words it)."""
        match = _PATH.match(path)
        record = self._engine.task(match.group(1)) if match else None
        if record is None or record.status is not Status.SUCCEEDED or path != self._path(record):
            return oss_error(404, "NoSuchKey", "The specified key does not exist.")
        refusal = self._refusal(record, path, query)
        if refusal:
            return refusal
        file = Path(record.video_path or "")
        if not file.is_file():
            return oss_error(404, "NoSuchKey", "The specified key does not exist.")
        for name in DOWNLOAD:
            args = self._faults.take(name, own=record.faults, scope=record.task_id)
            if args is not None:
                return _spoilt(name, args, file)
        return _download(file, range_header)

    def _refusal(self, record: TaskRecord, path: str, query: str) -> Answer | None:
        given = {name: values[0] for name, values in parse_qs(query).items()}
        if not {"Expires", "OSSAccessKeyId", "Signature"} <= given.keys() or not given["Expires"].isdecimal():
            return oss_error(403, "AccessDenied", "You have no right to access this object because of bucket acl.")
        expires = int(given["Expires"])
        if min(expires, record.url_expires_at or 0) < self._now():
            return oss_error(403, "AccessDenied", f"Request has expired. Expires: {utc_text(expires)}")
        if given["Signature"] != sign(self._secret, f"GET\n\n\n{expires}\n{path}"):
            return oss_error(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided.",
            )
        return None


def _download(file: Path, range_header: str | None) -> Answer | Download:
    total = file.stat().st_size
    headers = {"Accept-Ranges": "bytes", "ETag": f'"{total:X}{int(file.stat().st_mtime):X}"'}
    match = _RANGE.match(range_header or "")
    if not match or match.groups() == ("", ""):
        return Download(file, 200, total, 0, total, headers)
    first, last = match.groups()
    start = int(first) if first else max(total - int(last), 0)
    end = min(int(last), total - 1) if first and last else total - 1
    if start >= total or start > end:
        answer = oss_error(416, "InvalidRange", "The requested range cannot be satisfied.")
        answer.headers["Content-Range"] = f"bytes */{total}"
        return answer
    headers["Content-Range"] = f"bytes {start}-{end}/{total}"
    return Download(file, 206, total, start, end - start + 1, headers)


def _spoilt(name: str, args: dict, file: Path) -> Answer | Download:
    total = file.stat().st_size
    if name == "expired_url":
        return oss_error(403, "AccessDenied", "Request has expired.")
    if name == "redirect_elsewhere":
        return Answer(302, b"", "text/html", {"Location": args.get("url") or "https://elsewhere.example/video.mp4"})
    if name == "html_instead":
        return Answer(200, _HTML, "text/html; charset=utf-8")
    if name == "not_mp4":
        noise = hashlib.shake_256(file.name.encode()).digest(65536)
        return Answer(200, noise, "video/mp4")
    if name == "truncated_mp4":
        return Download(file, 200, total, 0, total // 2)
    if name == "cut_download":
        return Download(file, 200, total, 0, total // 2, declared=total)
    if name == "wrong_length":
        return Download(file, 200, total, 0, total, declared=total + 4096)
    if name == "slow_download":
        return Download(file, 200, total, 0, total, delay=float(args.get("seconds", 3.0)))
    return Download(file, 200, total, 0, total, is_chunked=True)
