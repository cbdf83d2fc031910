"""The Celery application. A message is only a hint: the committed rows are the queue, and every task is a bounded sweep."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wanstudio.settings")

app = Celery("wanstudio")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_: object) -> None:
    """With a receiver here Celery leaves logging to settings.LOGGING."""
