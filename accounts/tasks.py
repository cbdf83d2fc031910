from __future__ import annotations

from accounts import copying, notifying
from wanstudio.celery import app


@app.task(name="accounts.tasks.make_copies")
def make_copies() -> None:
    copying.sweep()


@app.task(name="accounts.tasks.forget_notifications")
def forget_notifications() -> None:
    notifying.forget()
