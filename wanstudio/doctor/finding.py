from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    """WARN: the studio works, but somebody should know. FAIL: something does not work until somebody acts."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Finding:
    part: str
    mark: Mark
    says: str


def ok(part: str, says: str) -> Finding:
    return Finding(part, Mark.OK, says)


def warn(part: str, says: str) -> Finding:
    return Finding(part, Mark.WARN, says)


def fail(part: str, says: str) -> Finding:
    return Finding(part, Mark.FAIL, says)
