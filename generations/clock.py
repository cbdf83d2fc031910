"""The one clock of leases and due times: the database's, so that machines whose clocks differ agree.

SQLite has no clock of its own: its processes share the machine's. For PostgreSQL the difference to this machine's
clock is measured once a minute.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

_measured_at = -1e9
_offset = timedelta(0)


def now() -> datetime:
    """Now, in UTC, by the database's clock."""
    global _measured_at, _offset
    if connection.vendor == "postgresql" and time.monotonic() - _measured_at > 60:
        _measured_at = time.monotonic()
        _offset = _measure()
    return timezone.now() + _offset


def _measure() -> timedelta:
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    return theirs - (before + (timezone.now() - before) / 2)
