from __future__ import annotations

from accounts import copying, digests, notifying
from wanstudio.celery import app


@app.task(name="accounts.tasks.make_copies")
def make_copies() -> None:
    copying.sweep()


@app.task(name="accounts.tasks.forget_notifications")
def forget_notifications() -> None:
    notifying.forget()


@app.task(name="accounts.tasks.send_digests")
def send_digests() -> None:
    digests.sweep()
