"""What beat asks for, whenever and however often it is started anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from celery.beat import ScheduleEntry

from wanstudio.celery import app, ask_at_once

BEGAN = datetime(2026, 11, 22, 10, 3, tzinfo=UTC)


@pytest.mark.parametrize("name", sorted(app.conf.beat_schedule))
class TestSchedule:
    def test_comes_to_everything_though_beat_forgets_all_every_quarter_of_an_hour(self, name):
        """As a container that is made anew does."""
        with time_machine.travel(BEGAN, tick=False) as clock:
            asked = 0
            for minute in range(120):
                if minute % 15 == 0:
                    entry = ScheduleEntry(name, **app.conf.beat_schedule[name], app=app)
                clock.shift(timedelta(minutes=1))
                if entry.is_due().is_due:
                    entry, asked = next(entry), asked + 1

        assert asked >= 2

    def test_names_a_task_that_exists_and_a_queue_that_has_a_worker(self, name):
        app.loader.import_default_modules()
        entry = app.conf.beat_schedule[name]

        assert entry["task"] in app.tasks
        assert entry["options"]["queue"] in [queue.name for queue in app.conf.task_queues]


class TestStart:
    def test_asks_at_once_for_what_readyz_goes_by(self, monkeypatch):
        sent = []
        monkeypatch.setattr(app, "send_task", lambda name, **options: sent.append((name, options["queue"])))

        ask_at_once()

        assert sent == [("generations.tasks.pulse", "watch"), ("generations.tasks.tidy", "media")]
