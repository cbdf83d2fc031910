"""Leases and due times go by one clock, whatever a machine's own says."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from generations import clock


@pytest.fixture(autouse=True)
def unmeasured(monkeypatch):
    monkeypatch.setattr(clock, "_measured_at", -1e9)


@pytest.mark.django_db
class TestNow:
    def test_is_the_databases_on_a_machine_that_is_an_hour_ahead(self):
        right = timezone.now()

        with time_machine.travel(right + timedelta(hours=1), tick=False):
            found = clock.now()

        ahead = timedelta(0) if connection.vendor == "postgresql" else timedelta(hours=1)
        assert timedelta(0) <= found - right - ahead < timedelta(minutes=5)

    def test_asks_the_database_once_a_minute_at_most(self, django_assert_num_queries):
        with django_assert_num_queries(1 if connection.vendor == "postgresql" else 0):
            clock.now()
            clock.now()
