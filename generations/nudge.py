"""Hints to the workers after a commit (wanstudio.celery.nudge)."""

from __future__ import annotations

from wanstudio.celery import nudge


def submit() -> None:
    nudge("generations.tasks.submit_due", "submit")


def archive() -> None:
    nudge("generations.tasks.archive_due", "media")


def listen() -> None:
    nudge("generations.tasks.listen_due", "media")


def close_down() -> None:
    nudge("teams.tasks.close_down", "watch")


def check_accounts() -> None:
    nudge("generations.tasks.check_accounts", "watch")
