"""The Celery application. A message is only a hint: the committed rows are the queue, every task a bounded sweep."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress

from celery import Celery
from celery.signals import setup_logging, worker_process_init
from kombu.exceptions import OperationalError

from wanstudio import filesystem_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wanstudio.settings")

filesystem_broker.install()
app = Celery("wanstudio")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def nudge(task: str, queue: str) -> None:
    """A hint to the workers after a commit. It may be lost: the next tick, seconds later at most, does the same."""
    with suppress(OperationalError, OSError):
        app.send_task(task, queue=queue, retry=False, expires=5, ignore_result=True)


def keep_django_logging(**_: object) -> None:
    """With a receiver here Celery leaves logging to settings.LOGGING."""


def end_with_worker(**_: object) -> None:
    """A pool process whose worker was killed would wait for ever; a thread watches for that."""
    threading.Thread(target=_exit_when_orphaned, args=(os.getppid(),), daemon=True).start()


def _exit_when_orphaned(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


setup_logging.connect(keep_django_logging)
worker_process_init.connect(end_with_worker)
