"""What beat asks for, how often, and in which queue. What no worker took before the next, or a second, is dropped."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

OFTEN = [  # seconds
    ("generations.tasks.submit_due", 1.0, "submit"),
    ("generations.tasks.watch_due", 0.5, "watch"),  # a look that waits for its tick is an end noticed later
    ("generations.tasks.reconcile_due", 2.0, "watch"),
    ("generations.tasks.archive_due", 1.0, "media"),
    ("generations.tasks.derive_due", 2.0, "media"),
    ("generations.tasks.listen_due", 2.0, "media"),
    ("generations.tasks.read_lists", 5.0, "watch"),
    ("generations.tasks.check_accounts", 10.0, "watch"),
    ("generations.tasks.pulse", 10.0, "watch"),
    ("generations.tasks.raise_alarms", 60.0, "watch"),
    ("generations.tasks.bulk_due", 1.0, "media"),
    ("generations.tasks.tidy", 60.0, "media"),
    ("accounts.tasks.make_copies", 60.0, "media"),
    ("accounts.tasks.send_digests", 60.0, "watch"),
    ("teams.tasks.close_down", 60.0, "watch"),
    ("outbox.tasks.send_due", 5.0, "watch"),
]
# Minute of each hour: intervals begin anew with each start of beat, which remembers nothing in a container.
HOURLY = [
    ("generations.tasks.purge_trash", 10, "media"),
    ("generations.tasks.find_orphans", 20, "media"),
    ("accounts.tasks.forget_notifications", 40, "watch"),
    ("outbox.tasks.forget", 50, "watch"),
]
HOUR = 3600.0


def _entry(task: str, schedule: Any, lives: float, queue: str) -> dict[str, Any]:
    return {"task": task, "schedule": schedule, "options": {"expires": lives, "queue": queue}}


BEAT = {
    task.rpartition(".")[2]: entry
    for task, entry in [
        *((task, _entry(task, seconds, max(1.0, seconds), queue)) for task, seconds, queue in OFTEN),
        *((task, _entry(task, crontab(minute=minute), HOUR, queue)) for task, minute, queue in HOURLY),
    ]
}
