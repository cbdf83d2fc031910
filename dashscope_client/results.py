"""Fetching a finished video from the address the service gave ("Text-to-video API reference", video_url).

The address is somebody else's word, so it is followed only to places that are allowed: see `ResultHosts`. It is signed
and needs no key; none is sent. It lives 24 hours.
"""

import logging
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from dashscope_client.deadline import Deadline
from dashscope_client.errors import BadAnswer, DashScopeError, ResultCut, ResultExpired, ResultRefused, Unreachable
from dashscope_client.redaction import redact
from dashscope_client.transport import NETWORK_FAILURES, describe, new_session, no_auth, parse_http_date

logger = logging.getLogger("dashscope_client")

CHUNK = 64 * 1024  # bytes
MAX_REDIRECTS = 3
TOTAL_SECONDS = 900.0  # 30 MB at 35 kB/s

_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE)
_CLEAN = re.compile(r"[!-~]+")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class ResultHosts:
    """Where finished videos may be fetched.

    Allowed are https on *.aliyuncs.com (http is rewritten), https on the further `hosts`, both on the usual port only,
    and the exact scheme, host and port of `origin`, normally the configured base URL, whose path is ignored. Names
    with user, trailing dot or other than letters, digits, dots and hyphens, and IP addresses, are allowed only as
    `origin` says them.
    """

    origin: str | None = None
    hosts: tuple[str, ...] = ()

    def permitted(self, url: str) -> str | None:
        """The URL as it may be fetched, or None."""
        parts = _split(url)
        if parts is None or parts.hostname is None:
            return None
        if self.origin is not None:
            home = _split(self.origin)
            if home is not None and _place(home) == _place(parts):
                return url
        if parts.port not in (None, _PORTS[parts.scheme]) or not _is_name(parts.hostname):
            return None
        if parts.hostname.endswith(".aliyuncs.com"):
            return parts._replace(scheme="https", netloc=parts.hostname).geturl()
        if parts.scheme == "https" and parts.hostname in {host.strip().lower() for host in self.hosts}:
            return url
        return None


class ResultStream:
    """A video on its way. `content_length` is in bytes, None if the server does not say; `content_type` may be ""."""

    def __init__(self, response: requests.Response, deadline: Deadline) -> None:
        self._response = response
        self._deadline = deadline
        length = response.headers.get("Content-Length", "")
        self.content_length = int(length) if length.isascii() and length.isdigit() else None
        self.content_type = response.headers.get("Content-Type", "").split(";")[0].strip().lower()

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in order, once. ResultCut if the connection breaks or ends early, or time is over."""
        came = 0
        source = self._response.raw.stream(CHUNK, decode_content=False)
        while True:
            piece = _next_piece(source)
            if isinstance(piece, ResultCut):
                raise piece
            if piece is None:
                break
            came += len(piece)
            yield piece
        if self._deadline.passed or (self.content_length is not None and came != self.content_length):
            raise ResultCut(f"{came} bytes came of {self.content_length or 'an unknown number'}")


@contextmanager
def stream_result(
    url: str,
    *,
    allowed: ResultHosts,
    connect_timeout: float = 5,
    read_timeout: float = 30,
    deadline: float = TOTAL_SECONDS,
) -> Iterator[ResultStream]:
    """Open a finished video for reading; at most three redirects are followed, each to an allowed host only.

    All times are seconds; `deadline` bounds the whole, also while the caller reads. Raises ResultRefused (not an
    allowed address), ResultExpired (403, 404), BadAnswer (another status, a web page instead of a video), Unreachable.
    """
    with ExitStack() as stack:
        limit = stack.enter_context(Deadline(deadline))
        response = _follow(stack, url, allowed, limit, (connect_timeout, read_timeout))
        _check(response)
        yield ResultStream(response, limit)


def _follow(
    stack: ExitStack, url: str, allowed: ResultHosts, limit: Deadline, timeout: tuple[float, float]
) -> requests.Response:
    for _ in range(1 + MAX_REDIRECTS):
        target = allowed.permitted(url)
        if target is None:
            raise ResultRefused(redact(f"not an allowed address: {_where(url)}"))
        opened = _open(stack, target, limit, timeout)
        if isinstance(opened, Unreachable):
            raise opened
        if not opened.is_redirect:
            return opened
        url = urljoin(target, opened.headers["Location"])
    raise BadAnswer("too many redirects", http_status=302)


def _open(stack: ExitStack, url: str, limit: Deadline, timeout: tuple[float, float]) -> requests.Response | Unreachable:
    """The error is returned, not raised: the library's own quotes the signed URL."""
    started = time.monotonic()
    path = urlsplit(url).path
    session = stack.enter_context(new_session(url))
    session.headers["Accept"] = "*/*"
    with limit.applied():
        try:
            response = stack.enter_context(
                session.get(url, auth=no_auth, timeout=timeout, allow_redirects=False, stream=True)
            )
        except NETWORK_FAILURES as error:
            failure = Unreachable("no answer in time" if limit.passed else describe(error))
            logger.warning("GET %s failed: %s", path, failure)
            return failure
    milliseconds = (time.monotonic() - started) * 1000
    request_id = redact(response.headers.get("x-oss-request-id", "")) or "-"
    logger.info("GET %s: %d in %.0f ms, request %s", path, response.status_code, milliseconds, request_id)
    return response


def _check(response: requests.Response) -> None:
    kind = response.headers.get("Content-Type", "").lower()
    error: type[DashScopeError] = BadAnswer
    if response.status_code in (403, 404):
        error, message = ResultExpired, "the address is no longer valid"
    elif response.status_code != 200:
        message = "the storage did not hand out the video"
    elif kind.startswith("text/html"):
        message = "a web page instead of a video"
    elif response.headers.get("Content-Encoding", "identity").lower() != "identity":
        message = "the video is encoded in a way that was not asked for"
    else:
        return
    raise error(
        message,
        http_status=response.status_code,
        request_id=redact(response.headers.get("x-oss-request-id", "")),
        server_date=parse_http_date(response.headers.get("Date")),
    )


def _next_piece(source: Iterator[bytes]) -> bytes | ResultCut | None:
    try:
        return next(source, None)
    except NETWORK_FAILURES as error:
        return ResultCut(describe(error))


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) URL that every parser reads alike, or None."""
    if not _CLEAN.fullmatch(url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        port, other = parts.port, parse_url(url)
    except (ValueError, LocationParseError):
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or port == 0:
        return None
    same = (other.host or "").strip("[]").lower() == parts.hostname and other.port == port
    return parts if same else None


def _place(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


def _is_name(host: str) -> bool:
    return bool(_HOST.fullmatch(host)) and not host.rpartition(".")[2].isdigit()


def _where(url: str) -> str:
    """Scheme and host of an address, for a message; the rest may be a signature."""
    return url.split("?")[0].split("#")[0][:200]
