"""Celery entry points: bounded sweeps that may run in any number of workers."""

from __future__ import annotations

from outbox import sending
from wanstudio.celery import app


@app.task(name="outbox.tasks.send_due")
def send_due() -> None:
    sending.sweep()


@app.task(name="outbox.tasks.forget")
def forget() -> None:
    sending.forget()
