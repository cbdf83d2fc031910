"""The one way a request leaves this package.

Nothing is sent twice: no retries in the library, no redirects. Every call is under one total deadline (see
`deadline.py`) and an answer may have at most 4 MiB. A create goes over a connection of its own, because only then is a
failed connect proof that nothing was sent; everything else shares kept-alive connections, which are safe to use from
several threads.

Proxies and certificate bundles are taken from the environment as requests does (HTTPS_PROXY, NO_PROXY,
REQUESTS_CA_BUNDLE), except for loopback addresses, which are always spoken to directly. ~/.netrc is never read.
"""

import ipaddress
import json
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError
from urllib3.util.retry import Retry

from dashscope_client.deadline import Deadline, WatchedHTTPConnection, WatchedHTTPSConnection
from dashscope_client.errors import BadAnswer, Cause, DashScopeError, Rejected, Throttled, Unreachable, classify
from dashscope_client.redaction import redact

logger = logging.getLogger("dashscope_client")

CONNECT_TIMEOUT = 5.0  # seconds, for each address of the host
ANSWER_LIMIT = 4 * 1024 * 1024  # bytes
USER_AGENT = "dashscope-client/1.0"
NETWORK_FAILURES = (requests.RequestException, HTTPError, OSError)


@dataclass(frozen=True)
class Answer:
    """A 2xx answer with a JSON object in it."""

    payload: Mapping[str, Any] = field(repr=False)
    request_id: str
    answered_at: datetime
    server_date: datetime | None


@dataclass(frozen=True)
class Received:
    """Whatever came back. `body` is None if it was longer than allowed."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    answered_at: datetime

    @property
    def server_date(self) -> datetime | None:
        return parse_http_date(self.headers.get("Date"))


class Connections:
    """Kept-alive connections to one base URL, which the clients of many keys may share from several threads.

    ValueError for a URL that could not be asked.
    """

    def __init__(self, base_url: str) -> None:
        self.session = new_session(_checked_base_url(base_url))

    def close(self) -> None:
        """Close those that are kept open; a later call opens a new one."""
        self.session.close()


class Transport:
    """Sends requests to one base URL with one key. Raises the errors of this package, never the library's."""

    def __init__(self, *, base_url: str, api_key: str, workspace: str | None, connections: Connections | None) -> None:
        self._base_url = _checked_base_url(base_url)
        self._auth = _Bearer(_checked_header_value(api_key, "The API key"))
        self._secret = api_key
        self._headers = (
            {"X-DashScope-WorkSpace": _checked_header_value(workspace, "The workspace")} if workspace else {}
        )
        self._shared = connections
        self._session = connections.session if connections else new_session(self._base_url)

    def call(
        self,
        method: str,
        path: str,
        *,
        deadline: float,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        creates: bool = False,
    ) -> Answer:
        """Send one request to a path below the base URL and judge what comes back.

        `creates` marks the call that costs money if it lands: it gets a fresh connection, and `may_have_landed` on what
        it raises is then meaningful.
        """
        sending: dict[str, Any] = {
            "params": params,
            "auth": self._auth,
            "headers": {**self._headers, **(headers or {})},
        }
        if body is not None:
            sending["data"] = json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
            sending["headers"]["Content-Type"] = "application/json"
        if not creates:
            received = self._send(self._session, method, self._base_url + path, sending, deadline=deadline)
            return self._judge(received, creates=False)
        sending["headers"]["Connection"] = "close"
        with new_session(self._base_url) as session:
            received = self._send(session, method, self._base_url + path, sending, deadline=deadline, creates=True)
        return self._judge(received, creates=True)

    def post_form(
        self, url: str, fields: Iterable[tuple[str, str]], *, file: tuple[str, bytes], deadline: float
    ) -> Received:
        """Post a multipart form with the file last to another host: no key, no other headers of ours."""
        sending = {"data": list(fields), "files": {"file": file}, "auth": no_auth, "headers": {}}
        with new_session(url) as session:
            return self._send(session, "POST", url, sending, deadline=deadline)

    def close(self) -> None:
        """Close the kept-alive connections, unless others share them."""
        if self._shared is None:
            self._session.close()

    def _send(
        self,
        session: requests.Session,
        method: str,
        url: str,
        sending: Mapping[str, Any],
        *,
        deadline: float,
        creates: bool = False,
    ) -> Received:
        started = time.monotonic()
        path = urlsplit(url).path
        outcome = self._exchange(session, method, url, sending, deadline=deadline, creates=creates)
        milliseconds = (time.monotonic() - started) * 1000
        if isinstance(outcome, Unreachable):
            logger.warning("%s %s failed after %.0f ms: %s", method, path, milliseconds, outcome)
            raise outcome
        request_id = _request_id(_payload(outcome.body) or {}, outcome.headers)
        logger.info("%s %s: %d in %.0f ms, request %s", method, path, outcome.status, milliseconds, request_id or "-")
        return outcome

    def _exchange(
        self,
        session: requests.Session,
        method: str,
        url: str,
        sending: Mapping[str, Any],
        *,
        deadline: float,
        creates: bool,
    ) -> Received | Unreachable:
        """The error is returned, not raised, so that it does not carry the library's with the request and its key."""
        with Deadline(deadline) as limit, limit.applied():
            try:
                with session.request(
                    method,
                    url,
                    timeout=(min(CONNECT_TIMEOUT, deadline), deadline),
                    allow_redirects=False,
                    stream=True,
                    **sending,
                ) as response:
                    body = _read(response)
                    return Received(response.status_code, response.headers, body, datetime.now(UTC))
            except NETWORK_FAILURES as error:
                reason = f"no answer within {deadline:g} s" if limit.passed else describe(error, self._secret)
                return Unreachable(reason, may_have_landed=creates and not never_connected(error))

    def _judge(self, received: Received, *, creates: bool) -> Answer:
        payload = _payload(received.body)
        said = payload or {}
        request_id = _request_id(said, received.headers)
        if payload is not None and 200 <= received.status < 300:
            return Answer(payload, request_id, received.answered_at, received.server_date)
        code = redact(said["code"], self._secret) if isinstance(said.get("code"), str) else ""
        message = redact(said["message"], self._secret) if isinstance(said.get("message"), str) else ""
        raise refusal(received, code=code, message=message, request_id=request_id, creates=creates)


def refusal(received: Received, *, code: str, message: str, request_id: str, creates: bool = False) -> DashScopeError:
    """The error for an answer that is no success. Only a 4xx with an error code is taken for the service's own word."""
    common: dict[str, Any] = {
        "code": code,
        "http_status": received.status,
        "request_id": request_id,
        "server_date": received.server_date,
    }
    if code and 400 <= received.status < 500:
        cause = classify(code, message, received.status)
        if cause is Cause.THROTTLED:
            return Throttled(message, cause=cause, **common)
        return Rejected(message, cause=cause, transient=cause.retry == "later", **common)
    if not message:
        kind = received.headers.get("Content-Type") or "no content type"
        message = redact(f"not an answer of the service ({kind})")
    cause = classify(code, message, received.status) if code else Cause.BAD_ANSWER
    return BadAnswer(message, cause=cause, may_have_landed=creates, **common)


def never_connected(error: BaseException) -> bool:
    """Whether the error proves that nothing was sent.

    The classes of requests do not tell: a refused connection and one reset after sending are both ConnectionError. Only
    a failed attempt to make a connection, as the reason inside, is proof. A TLS fault is none, as one can come after
    sending; neither is a proxy's refusal.
    """
    if not isinstance(error, requests.ConnectionError) or not error.args:
        return False
    inner = error.args[0]
    return isinstance(inner, MaxRetryError) and isinstance(inner.reason, NewConnectionError | ConnectTimeoutError)


def describe(error: BaseException, *secrets: str) -> str:
    """The innermost reason the library gives, in one safe line."""
    inner = error.args[0] if error.args and isinstance(error.args[0], BaseException) else error
    reason = getattr(inner, "reason", None)
    innermost = reason if isinstance(reason, BaseException) else inner
    return redact(f"{type(innermost).__name__}: {innermost}", *secrets)


def new_session(url: str) -> requests.Session:
    """A session without retries, cookies and netrc, whose connections obey deadlines; proxies as the module says."""
    session = requests.Session()
    session.trust_env = not _is_loopback(urlsplit(url).hostname or "")
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    session.headers.clear()
    session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity"})
    adapter = _Adapter(max_retries=Retry(0, read=False), pool_maxsize=32)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Authentication that adds nothing. Without it the library would look into ~/.netrc."""
    return request


def parse_http_date(value: str | None) -> datetime | None:
    """A Date header in UTC, or None if there is none or it is not a date."""
    try:
        moment = parsedate_to_datetime(value or "")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


class _Bearer(AuthBase):
    """Adds the key at the last moment, so that it is in no dictionary of headers that could be shown."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._api_key}"
        return request


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = WatchedHTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = WatchedHTTPSConnection


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


def _checked_base_url(url: str) -> str:
    parts = urlsplit(url)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
    ):
        raise ValueError("The base URL must be http or https with a host, and nothing after its path.")
    return url.rstrip("/")


def _checked_header_value(value: str, name: str) -> str:
    """The library's own complaint would quote the value."""
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(f"{name} must consist of printable ASCII characters without spaces.")
    return value


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(response: requests.Response) -> bytes | None:
    body = bytearray()
    for chunk in response.iter_content(64 * 1024):
        body += chunk
        if len(body) > ANSWER_LIMIT:
            return None
    return bytes(body)


def _payload(body: bytes | None) -> Mapping[str, Any] | None:
    try:
        payload = json.loads(body or b"")
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


def _request_id(payload: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    given = payload.get("request_id")
    return redact(given if isinstance(given, str) and given else headers.get("x-request-id", ""))[:100]
