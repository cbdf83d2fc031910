"""Hints to the workers after a commit (wanstudio.celery.nudge)."""

from __future__ import annotations

from wanstudio.celery import nudge


def submit(account_id: int | None = None) -> None:
    """Something may be sent now, on this account if one is named."""
    nudge("generations.tasks.submit_due", "submit", account_id=account_id)


def archive() -> None:
    nudge("generations.tasks.archive_due", "media")


def listen() -> None:
    nudge("generations.tasks.listen_due", "media")


def close_down() -> None:
    nudge("teams.tasks.close_down", "watch")


def check_accounts() -> None:
    nudge("generations.tasks.check_accounts", "watch")
