from __future__ import annotations

from accounts import copying
from wanstudio.celery import app


@app.task(name="accounts.tasks.make_copies")
def make_copies() -> None:
    copying.sweep()
