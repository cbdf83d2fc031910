"""Time on the processors, which other work on the machine disturbs less than time on the clock."""

from __future__ import annotations

import time
from pathlib import Path

NANOSECOND = 1e-9


def busy() -> float:
    """Seconds that this process and the one that serves it in PostgreSQL were on a processor."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return time.process_time()
    connection.ensure_connection()
    server = connection.connection.info.backend_pid
    return time.process_time() + int(Path(f"/proc/{server}/schedstat").read_text().split()[0]) * NANOSECOND
