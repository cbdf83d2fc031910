"""The Celery application. A message is only a hint: the committed rows are the queue, every task a bounded sweep."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from functools import cache

from celery import Celery
from celery.signals import (
    beat_init,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_init,
    worker_process_init,
)
from django.db import close_old_connections
from kombu.connection import Connection
from kombu.exceptions import LimitExceeded, OperationalError
from kombu.pools import producers

from wanstudio import filesystem_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wanstudio.settings")

NUDGE_SECONDS = 0.4
WORKER = "WANSTUDIO_WORKER"  # in the environment of a worker and its pool: the pid

filesystem_broker.install()
app = Celery("wanstudio")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def nudge(task: str, queue: str, **about: int | None) -> None:
    """A hint to the workers after a commit, with what the task is called about.

    It may be lost: the next tick, seconds later at most, does the same. A broker that is away, or that takes
    connections and says nothing, holds the caller up for less than a second, as do others that are nudging.
    """
    with (
        suppress(LimitExceeded, OperationalError, OSError),
        producers[_hints()].acquire(block=True, timeout=NUDGE_SECONDS) as producer,
    ):
        app.send_task(task, kwargs=about, queue=queue, producer=producer, retry=False, expires=5, ignore_result=True)


@cache
def _hints() -> Connection:
    """Of their own, because workers wait longer for their next message than a page may wait for a hint to leave."""
    once = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "connect_timeout": NUDGE_SECONDS}
    redis = {"socket_timeout": NUDGE_SECONDS, "socket_connect_timeout": NUDGE_SECONDS}
    amqp = {"read_timeout": NUDGE_SECONDS, "write_timeout": NUDGE_SECONDS}
    scheme = app.conf.broker_url.partition(":")[0]
    own = redis if scheme.startswith("redis") else amqp if scheme.startswith("amqp") else {}
    return app.connection_for_write(transport_options=once | own)


def keep_django_logging(**_: object) -> None:
    """With a receiver here Celery leaves logging to settings.LOGGING."""


def keep_connections(**_: object) -> None:
    """Close, around a task, the database connections that are broken or as old as CONN_MAX_AGE, as around a request."""
    close_old_connections()


def ask_at_once(**_: object) -> None:
    """Whether all is well is known with the first messages of beat, not only after the intervals of these two."""
    with suppress(OperationalError, OSError):
        for name in ("pulse", "tidy"):
            entry = app.conf.beat_schedule[name]
            app.send_task(entry["task"], queue=entry["options"]["queue"], retry=False, expires=60, ignore_result=True)


def note_worker(**_: object) -> None:
    """Before there is a pool: asked later, a pool process whose worker is gone already would be told another parent."""
    os.environ[WORKER] = str(os.getpid())


def end_with_worker(**_: object) -> None:
    """A pool process whose worker was killed would wait for ever; a thread watches for that."""
    threading.Thread(target=_exit_when_orphaned, args=(int(os.environ[WORKER]),), daemon=True).start()


def _exit_when_orphaned(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


setup_logging.connect(keep_django_logging)
beat_init.connect(ask_at_once)
worker_init.connect(note_worker)
worker_process_init.connect(end_with_worker)
task_prerun.connect(keep_connections)
task_postrun.connect(keep_connections)
