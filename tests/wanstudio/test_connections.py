"""A worker's database connections: kept from task to task as a page's are from request to request."""

from __future__ import annotations

import time

import pytest
from celery.fixups.django import DjangoWorkerFixup
from celery.signals import task_postrun, task_prerun
from django.db import connections

from wanstudio.celery import app

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connection():
    kept = connections["default"]
    kept.ensure_connection()
    return kept


@pytest.fixture
def closings(connection, monkeypatch):
    """How often the connection was closed."""
    counted = []
    monkeypatch.setattr(connection, "close", lambda: counted.append("closed"))
    return counted


def run_a_task():
    """As Celery's worker surrounds one, with its own support of Django."""
    task_prerun.send(sender=None)
    DjangoWorkerFixup(app).close_database()
    task_postrun.send(sender=None)


class TestConnection:
    def test_outlives_a_task(self, connection, closings, monkeypatch):
        monkeypatch.setattr(connection, "close_at", time.monotonic() + 60)

        run_a_task()

        assert not closings

    def test_is_closed_when_it_is_old(self, connection, closings, monkeypatch):
        monkeypatch.setattr(connection, "close_at", time.monotonic() - 1)

        run_a_task()

        assert closings

    def test_is_closed_when_it_broke(self, connection, closings, monkeypatch):
        monkeypatch.setattr(connection, "close_at", None)
        monkeypatch.setattr(connection, "errors_occurred", True)
        monkeypatch.setattr(connection, "is_usable", lambda: False)

        run_a_task()

        assert closings
