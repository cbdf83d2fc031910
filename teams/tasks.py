from __future__ import annotations

from teams import closing
from wanstudio.celery import app


@app.task(name="teams.tasks.close_down")
def close_down() -> None:
    closing.sweep()
