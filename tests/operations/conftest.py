"""Wan's task list as one region after the other shows it: open to some keys, closed to all others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.generations.conftest import bucket, s3_server  # noqa: F401
from tests.generations.lifecycle.conftest import generate  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
PAGE = {"request_id": "r-1", "data": [], "total": 0, "total_page": 0, "page_no": 1, "page_size": 1}
REFUSAL = {"request_id": "r-2", "code": "InvalidApiKey", "message": "Invalid API-key provided."}


class Region(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *keys: str) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.keys, self.clock_ahead, self.asked = keys, timedelta(0), []

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api/v1"


class _Answer(BaseHTTPRequestHandler):
    server: Region

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        is_known = self.headers["Authorization"].removeprefix("Bearer ") in self.server.keys
        body = json.dumps(PAGE if is_known else REFUSAL).encode()
        self.send_response(200 if is_known else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp=None) -> str:
        return format_datetime(datetime.now(UTC) + self.server.clock_ahead, usegmt=True)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def region():
    """Open a region with some keys: `region("sk-1")`."""
    opened = []

    def open_region(*keys: str) -> Region:
        server = Region(*keys)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        opened.append(server)
        return server

    yield open_region
    for server in opened:
        server.shutdown()
        server.server_close()


@pytest.fixture
def studio_dir(tmp_path, settings):
    """An own data directory with an own local storage."""
    settings.STUDIO_DATA_DIR = tmp_path / "studio"
    settings.STUDIO_DATA_DIR.mkdir()
    local = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": settings.STUDIO_DATA_DIR / "media", "base_url": None},
    }
    settings.STORAGES = settings.STORAGES | {"local": local}
    return settings.STUDIO_DATA_DIR


@pytest.fixture(scope="session")
def run_studio():
    """`manage.py` as a process of its own: `run_studio({"STUDIO_DATA_DIR": …}, "migrate")` gives what it says."""

    def run(environment, *command):
        bare = {name: value for name, value in os.environ.items() if not name.startswith(("STUDIO_", "DJANGO_"))}
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=bare | environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
