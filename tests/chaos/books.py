"""The studio's own books, read past it: plain SQL that both databases understand."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import psycopg

FINISHED = ("ready", "failed", "canceled", "lost")


class Books:
    """`place` is a file of SQLite or the URL of a PostgreSQL database."""

    def __init__(self, place: Path | str) -> None:
        self._place = place

    def rows(self, query: str) -> list[dict]:
        with closing(self._connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(query)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _connect(self):
        if isinstance(self._place, Path):
            return sqlite3.connect(self._place, timeout=20)
        return psycopg.connect(self._place.replace("postgres://", "postgresql://"))

    def by_status(self) -> Counter[str]:
        counted = self.rows("SELECT status, COUNT(*) AS n FROM generations_generation GROUP BY status")
        return Counter({row["status"]: row["n"] for row in counted})

    def unfinished(self) -> int:
        return sum(count for status, count in self.by_status().items() if status not in FINISHED)

    def finished(self) -> int:
        return sum(count for status, count in self.by_status().items() if status in FINISHED)

    def takes(self) -> list[dict]:
        return self.rows("SELECT * FROM generations_generation ORDER BY id")

    def attempts(self) -> list[dict]:
        return self.rows("SELECT * FROM generations_submitattempt ORDER BY id")

    def candidates(self) -> list[dict]:
        return self.rows("SELECT * FROM generations_candidate ORDER BY id")

    def standstill(self, take: dict, since: datetime) -> float:
        """The longest time in seconds, from that moment on, in which nothing happened to a take that went on then."""
        rows = self.rows(f"SELECT at FROM generations_event WHERE generation_id = {int(take['id'])} ORDER BY id")
        moments = [since, *(at for row in rows if (at := _aware(row["at"])) > since)]
        return max(((later - at).total_seconds() for at, later in pairwise(moments)), default=0.0)

    def story(self, take: dict) -> str:
        """Everything that is known of a take, for a person."""
        key = int(take["id"])
        events = self.rows(f"SELECT * FROM generations_event WHERE generation_id = {key} ORDER BY id")
        attempts = [row for row in self.attempts() if row["generation_id"] == key]
        lines = [f"take {key} {take['uuid']}: {take['status']}, waits for {take['waiting_for']!r}: {take['prompt']}"]
        lines += [f"  due {take['due_at']}, tries {take['tries']}, task {take['task_id']!r}"]
        lines += [
            f"  {row['at']} {row['kind']}: {row['from_status']} → {row['to_status']} {row['data']}" for row in events
        ]
        lines += [
            f"  attempt {row['id']}: {row['outcome']}, {row['started_at']} – {row['ended_at']}, task {row['task_id']}, "
            f"{row['http_status']} {row['code']} {row['message']}; next reading {row['next_reading_at']}"
            for row in attempts
        ]
        return "\n".join(lines)


def _aware(at: datetime | str) -> datetime:
    """SQLite keeps text without a zone."""
    return at if isinstance(at, datetime) else datetime.fromisoformat(at).replace(tzinfo=UTC)
