"""The simulator's memory on disk: one SQLite file in the data directory.

Every accepted task and every charge is committed before the answer that tells of it leaves, so a `kill -9` between
two requests loses nothing. (WAL with synchronous=NORMAL survives the death of the process, not of the machine.)
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from dataclasses import asdict
from pathlib import Path

from dashscope_simulator.records import Status, TaskRecord, Upload

_SCHEMA = """
CREATE TABLE IF NOT EXISTS task (number INTEGER PRIMARY KEY, task_id TEXT UNIQUE NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS upload (key TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Journal:
    def __init__(self, data_dir: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(data_dir / "simulator.sqlite3", check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("PRAGMA busy_timeout=5000")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def secret(self) -> bytes:
        """The key that signs URLs and upload policies; made once, so that both survive a restart."""
        with self._lock:
            self._db.execute("INSERT OR IGNORE INTO setting VALUES ('secret', ?)", (secrets.token_hex(20),))
            (value,) = self._db.execute("SELECT value FROM setting WHERE name = 'secret'").fetchone()
        return str(value).encode()

    def save_task(self, record: TaskRecord) -> None:
        text = json.dumps(asdict(record), ensure_ascii=False)
        with self._lock:
            self._db.execute(
                "INSERT INTO task (task_id, record) VALUES (?, ?) "
                "ON CONFLICT (task_id) DO UPDATE SET record = excluded.record",
                (record.task_id, text),
            )

    def tasks(self) -> list[TaskRecord]:
        """All tasks in the order they were accepted."""
        with self._lock:
            rows = self._db.execute("SELECT record FROM task ORDER BY number").fetchall()
        return [_task(json.loads(text)) for (text,) in rows]

    def save_upload(self, upload: Upload) -> None:
        with self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO upload VALUES (?, ?)",
                (upload.key, json.dumps(asdict(upload), ensure_ascii=False)),
            )

    def upload(self, key: str) -> Upload | None:
        with self._lock:
            row = self._db.execute("SELECT record FROM upload WHERE key = ?", (key,)).fetchone()
        return Upload(**json.loads(row[0])) if row else None


def _task(fields: dict) -> TaskRecord:
    record = TaskRecord(**fields)
    record.status = Status(record.status)
    return record
