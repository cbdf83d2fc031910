"""Celery entry points: each is one bounded sweep over due rows and may run in any number of workers."""

from __future__ import annotations

from threading import BoundedSemaphore

from celery.signals import worker_shutting_down

from generations import alarms, bulk, orphan_report
from generations.lifecycle import (
    account_checks,
    archive,
    derive,
    desk,
    listen,
    purge,
    reconcile,
    shift,
    submit,
    unheard,
    watch,
)
from generations.lifecycle import tidy as tidying
from wanstudio.celery import app

worker_shutting_down.connect(shift.stop)

# Creates may hang for two minutes, on one account each: half of a worker's threads stay free to watch and reconcile.
submitting = BoundedSemaphore(8)


@app.task(name="generations.tasks.submit_due")
def submit_due(account_id: int | None = None) -> None:
    """Of all accounts, or of the one that a hint names."""
    if submitting.acquire(blocking=False):
        try:
            submit.sweep(account_id)
        finally:
            submitting.release()


@app.task(name="generations.tasks.watch_due")
def watch_due() -> None:
    watch.sweep()


@app.task(name="generations.tasks.reconcile_due")
def reconcile_due() -> None:
    reconcile.sweep()


@app.task(name="generations.tasks.read_lists")
def read_lists() -> None:
    desk.sweep()


@app.task(name="generations.tasks.archive_due")
def archive_due() -> None:
    archive.sweep()


@app.task(name="generations.tasks.derive_due")
def derive_due() -> None:
    derive.sweep()


@app.task(name="generations.tasks.listen_due")
def listen_due() -> None:
    listen.sweep()


@app.task(name="generations.tasks.check_accounts")
def check_accounts() -> None:
    account_checks.sweep()


@app.task(name="generations.tasks.tidy")
def tidy() -> None:
    tidying.sweep()


@app.task(name="generations.tasks.raise_alarms")
def raise_alarms() -> None:
    alarms.sweep()


@app.task(name="generations.tasks.pulse")
def pulse() -> None:
    tidying.pulse()


@app.task(name="generations.tasks.bulk_due")
def bulk_due() -> None:
    bulk.sweep()


@app.task(name="generations.tasks.purge_trash")
def purge_trash() -> None:
    purge.sweep()
    unheard.sweep()
    bulk.forget()


@app.task(name="generations.tasks.find_orphans")
def find_orphans() -> None:
    """The one long task; it only reads, so it may be ended at any time."""
    orphan_report.sweep()
