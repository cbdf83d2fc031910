"""What every log line carries and what none may: the generation's id, and never a key or the token of a link."""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pythonjsonlogger.json import JsonFormatter

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRETS = re.compile(
    r"sk-[A-Za-z0-9_-]{6,}|(?<=Bearer )\S+|(?<=Signature=)[^&\s\"']+|(?<=OSSAccessKeyId=)[^&\s\"']+"
    r"|(?<=Credential=)[^&\s\"',]+|(?<=Security-Token=)[^&\s\"']+"
    r"|(?<=/s/)[\w-]{20,}|(?<=/teams/join/)[\w-]{20,}|(?<=/reset/key/)[\w-]{10,}|(?<=/confirm-email/)[\w:-]{10,}"
    r"|(?<=Failing row contains \()[\s\S]*?(?=\)\.?(?:\n|$))",  # PostgreSQL tells prompts and all
    re.IGNORECASE,
)
_generation: ContextVar[str] = ContextVar("generation", default="")


@contextmanager
def about(generation_id: object) -> Iterator[None]:
    """Log lines written inside carry this generation's id."""
    token = _generation.set(str(generation_id))
    try:
        yield
    finally:
        _generation.reset(token)


def start_request(generation_id: str) -> None:
    """The lines of this thread from now on: Django writes some of a request after its middleware has ended."""
    _generation.set(generation_id)


class Context(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        about_id = _generation.get()
        record.__dict__ |= {"generation_id": about_id, "generation": f"[{about_id[:8]}] " if about_id else ""}
        return True


class JsonLines(JsonFormatter):
    """One object a line; it formats tracebacks anew, so they are redacted here as well."""

    def process_log_record(self, log_data: Any) -> Any:
        """Without the request that Django attaches: its address is in the message already, redacted."""
        log_data.pop("request", None)
        return super().process_log_record(log_data)

    def formatException(self, exc_info: Any) -> str:
        return SECRETS.sub("…", str(super().formatException(exc_info)))


class Brief(logging.Filter):
    """For what strangers cause and nobody has to mend: a line without a traceback, a warning at most."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        record.levelno = min(record.levelno, logging.WARNING)
        record.levelname = logging.getLevelName(record.levelno)
        return True


class Asked(logging.Filter):
    """Not to be ready is an answer of /readyz, which a start gives as well: whoever asks knows what to make of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        is_readiness = getattr(getattr(record, "request", None), "path", "") == "/readyz"
        if is_readiness and getattr(record, "status_code", 0) == HTTPStatus.SERVICE_UNAVAILABLE:
            record.levelno, record.levelname = logging.INFO, logging.getLevelName(logging.INFO)
        return True


class Redact(logging.Filter):
    """Replaces API keys, signatures and tokens of links in the finished message; a traceback is redacted with it."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        record.exc_text = SECRETS.sub("…", record.exc_text) if record.exc_text else record.exc_text
        if SECRETS.search(message):
            record.msg, record.args = SECRETS.sub("…", message), ()
        return True
