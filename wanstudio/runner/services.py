"""The processes that make up a studio, as data; docker-compose.yml runs the same commands."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

CELERY = ("-m", "celery", "-q", "-A", "wanstudio")
ALONE = ("--without-mingle", "--without-gossip", "--without-heartbeat")
THREADS = ("--worker-class", "wanstudio.webserver.Worker", "--workers", "2", "--threads", "8")
WEB = ("-m", "gunicorn", "wanstudio.wsgi", *THREADS, "--limit-request-line", "8190")
CONTROL = (*CELERY, "worker", "-n", "control@%h", "-Q", "submit,watch", "--pool", "threads", "--concurrency", "16")
MEDIA = (*CELERY, "worker", "-n", "media@%h", "-Q", "media", "--pool", "prefork", "--concurrency", "2")
BEAT = (*CELERY, "beat", "--pidfile=")
SIMULATOR = ("-m", "dashscope_simulator")


@dataclass(frozen=True)
class Service:
    """One process. `grace`: seconds between SIGTERM and SIGKILL; what is killed costs time, and nothing else.

    `delay`: seconds that its first start waits, so that pages are there sooner.
    """

    name: str
    arguments: tuple[str, ...]
    grace: float = 10.0
    delay: float = 0.0
    is_talkative: bool = True  # whether standard output is shown; log lines come by standard error
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def command(self) -> list[str]:
        return [sys.executable, *self.arguments]


def web(host: str, port: int, *, reload: bool) -> Service:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    calm = ("--log-level", "warning", "--no-control-socket", "--graceful-timeout", "5")
    return Service("web", (*WEB, "--bind", bind, *calm, "--reload" if reload else "--preload"))


def workers() -> list[Service]:
    """The control worker's grace is longer than the deadline of a create call: one in flight gets its answer."""
    lean = {
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",  # in a container that is all there is
        "MALLOC_ARENA_MAX": "1",  # else each thread takes one of its own, and keeps what it once needed
    }
    quiet: dict[str, Any] = {"is_talkative": False, "environment": lean, "delay": 1.5}
    return [
        Service("control", (*CONTROL, *ALONE), grace=150.0, **quiet),
        Service("media", (*MEDIA, *ALONE), grace=20.0, **quiet),
        Service("beat", BEAT, **quiet),
    ]


def simulator(port: int, data_dir: str) -> Service:
    options = ("--port", str(port), "--data-dir", data_dir, "--render-seconds", "8")
    return Service("simulator", (*SIMULATOR, *options), grace=5.0, is_talkative=False)
