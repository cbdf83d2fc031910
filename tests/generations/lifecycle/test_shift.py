"""A worker that is told to end, and a take that breaks a sweep."""

from __future__ import annotations

import pytest

from generations import clock, tasks
from generations.lifecycle import shift, submit, watch
from generations.models import Generation
from tests.generations.lifecycle.conftest import fresh


@pytest.fixture
def stopping():
    """As on SIGTERM."""
    tasks.worker_shutting_down.send(sender="worker")
    yield
    shift._stopping.clear()


class TestSigterm:
    def test_stops_claiming(self, generate, simulator, stopping):
        take = generate()

        for task in (tasks.submit_due, tasks.watch_due, tasks.archive_due, tasks.derive_due):
            task()

        assert fresh(take).status == "queued"
        assert simulator.counts()["create"] == 0

    def test_puts_back_what_was_claimed_and_not_begun(self, generate, simulator, monkeypatch):
        for n in range(3):
            generate(f"Harbour {n} [fault: hang]")
        submit.sweep()
        Generation.objects.update(due_at=clock.now())
        asked = []

        def ask_and_stop(generation):
            asked.append(generation)
            shift.stop()

        with monkeypatch.context() as patch:
            patch.setattr(watch, "ask", ask_and_stop)
            watch.sweep()
        shift._stopping.clear()

        assert len(asked) == 1
        assert Generation.objects.filter(lease_token=None, due_at__lte=clock.now()).count() == 2


class TestBrokenTake:
    def test_does_not_stop_the_others(self, generate, simulator, monkeypatch, caplog):
        takes = [generate(f"Harbour {n} [fault: hang]") for n in range(2)]
        submit.sweep()
        Generation.objects.update(due_at=clock.now())
        real = watch.apply

        def apply(generation, snapshot):
            if generation.pk == takes[0].pk:
                raise RuntimeError("ours")
            real(generation, snapshot)

        monkeypatch.setattr(watch, "apply", apply)

        watch.sweep()

        assert fresh(takes[1]).due_at > clock.now()
        assert fresh(takes[1]).lease_token is None
        assert "A step of the way broke" in caplog.text
