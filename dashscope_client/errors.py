"""Everything that can go wrong when speaking to the service.

    DashScopeError
    ├── Unreachable      no usable answer came: refused, reset, timed out, name or certificate at fault
    ├── Throttled        an answer: slow down and ask again
    ├── Rejected         an answer: no, for a stated reason (4xx with the service's error code)
    ├── BadAnswer        something came that is not an answer: any 5xx, a web page, a created task without its id
    └── ResultError      fetching a finished video
        ├── ResultRefused    its address is not one we go to
        ├── ResultExpired    its address is no longer valid: ask for a fresh one
        └── ResultCut        fewer bytes came than were promised

Callers catch these, never the HTTP library's. No message, repr or traceback line of them holds the API key or the
signature of a URL: they are raised without the library's exception behind them, whose text would.
"""

from datetime import datetime

from dashscope_client.causes import Breaker, Cause, Retry, classify

__all__ = [
    "BadAnswer",
    "Breaker",
    "Cause",
    "DashScopeError",
    "Rejected",
    "ResultCut",
    "ResultError",
    "ResultExpired",
    "ResultRefused",
    "Retry",
    "Throttled",
    "Unreachable",
    "classify",
]


class DashScopeError(Exception):
    """The base of the tree. All attributes are always there.

    transient: the same request may succeed later without anybody changing anything.
    may_have_landed: for a create, whether the task may exist although its id is unknown; then sending again may be
        billed twice. False for every other call.
    code, message, request_id: the service's own, "" if it gave none; redacted, the message at most 500 characters.
    http_status: None if no answer came.
    cause: the reason in words for a person, and what follows from it.
    server_date: the answer's Date header, UTC; None if there was none.
    """

    default_cause = Cause.UNKNOWN
    default_transient = False

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        http_status: int | None = None,
        request_id: str = "",
        cause: Cause | None = None,
        transient: bool | None = None,
        may_have_landed: bool = False,
        server_date: datetime | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.http_status = http_status
        self.request_id = request_id
        self.cause = self.default_cause if cause is None else cause
        self.transient = self.default_transient if transient is None else transient
        self.may_have_landed = may_have_landed
        self.server_date = server_date

    def __str__(self) -> str:
        text = ": ".join(part for part in (self.code, self.message) if part) or self.cause.value
        notes = []
        if self.http_status is not None:
            notes.append(f"HTTP {self.http_status}")
        if self.request_id:
            notes.append(f"request {self.request_id}")
        return f"{text} ({', '.join(notes)})" if notes else text


class Unreachable(DashScopeError):
    """No usable answer came. `may_have_landed` is False only if it is proven that no connection was made."""

    default_cause = Cause.UNREACHABLE
    default_transient = True


class Throttled(DashScopeError):
    """The service asks for a pause, usually for less than a minute. Nothing was created."""

    default_cause = Cause.THROTTLED
    default_transient = True


class Rejected(DashScopeError):
    """The service refused and said why. Nothing was created."""


class BadAnswer(DashScopeError):
    """What came cannot be taken for an answer, so after a create the task may exist."""

    default_cause = Cause.BAD_ANSWER
    default_transient = True


class ResultError(DashScopeError):
    """A finished video could not be fetched."""


class ResultRefused(ResultError):
    """The video's address, or one it redirects to, is not allowed."""

    default_cause = Cause.RESULT_REFUSED


class ResultExpired(ResultError):
    """The video's address is no longer valid. While the task is known, asking for it gives a fresh one."""

    default_cause = Cause.RESULT_EXPIRED


class ResultCut(ResultError):
    """The connection ended before the whole video had come."""

    default_cause = Cause.RESULT_CUT
    default_transient = True
