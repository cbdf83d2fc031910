"""A worker that is told to end, and a take that breaks a sweep."""

from __future__ import annotations

import os

import pytest

from generations import clock, tasks
from generations.lifecycle import desk, shift, submit, watch
from generations.models import Generation, Reading, SubmitAttempt, Waveform
from tests.factories import AccountFactory, AudioFactory, GenerationFactory, ReadyFactory
from tests.generations.lifecycle.conftest import fresh

SWEEPS = [tasks.submit_due, tasks.watch_due, tasks.archive_due, tasks.derive_due, tasks.listen_due, tasks.read_lists]


@pytest.fixture
def stopping():
    """As on SIGTERM."""
    tasks.worker_shutting_down.send(sender="worker")
    yield
    shift._stopping[0] = 0


@pytest.fixture
def due(generate, simulator, alice, project):
    """Something for each sweep; the answer tells how all of it is."""
    generate()
    known = {"owner": alice, "project": project, "account": AccountFactory(origin=simulator.base_url)}
    GenerationFactory(status="pending", task_id="at-wan", **known)
    GenerationFactory(status="archiving", **known)
    ReadyFactory(derived_at=None, due_at=clock.now(), **known)
    Waveform.objects.update_or_create(audio=AudioFactory(project=project), defaults={"due_at": clock.now()})
    desk.request(known["account"])

    def rows():
        takes = Generation.objects.order_by("pk").values_list("status", "due_at", "lease_token", "tries")
        readings = Reading.objects.exclude(requested_at=None).values_list("read_at")
        return [*takes, *Waveform.objects.values_list("due_at", "tries"), *readings]

    return rows


class TestSigterm:
    def test_stops_claiming(self, due, simulator, stopping):
        before = due()

        for task in SWEEPS:
            task()

        assert due() == before
        assert (simulator.counts()["create"], simulator.counts()["query"], simulator.counts()["list"]) == (0, 0, 0)

    def test_alone_keeps_each_sweep_from_its_own(self, due):
        before = due()

        for task in SWEEPS:
            task()

        assert not set(due()) & set(before)

    @pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
    def test_is_seen_by_a_child_that_was_forked_before(self):
        told, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.read(told, 1)
            os._exit(0 if shift.is_stopping() else 1)
        shift.stop()
        os.write(tell, b".")

        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

        shift._stopping[0] = 0
        os.close(told)
        os.close(tell)
        assert code == 0

    def test_sends_nothing_that_it_came_to_while_preparing(self, generate, simulator, monkeypatch):
        """The upload of its audio may have taken all the time that a worker has to end."""
        take = generate()
        real = submit._prepare

        def prepare(generation):
            shift.stop()
            return real(generation)

        with monkeypatch.context() as patch:
            patch.setattr(submit, "_prepare", prepare)
            submit.sweep()
        shift._stopping[0] = 0

        assert simulator.counts()["create"] == 0
        assert not SubmitAttempt.objects.exists()
        assert (fresh(take).status, take.lease_token) == ("queued", None)
        submit.sweep()
        assert fresh(take).status == "pending"

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
        shift._stopping[0] = 0

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


class TestHangingCreates:
    def test_leave_half_of_the_threads_to_those_who_watch(self, generate, simulator):
        take = generate()
        for _ in range(8):
            assert tasks.submitting.acquire(blocking=False)

        tasks.submit_due()
        assert fresh(take).status == "queued"
        for _ in range(8):
            tasks.submitting.release()

        tasks.submit_due()
        assert fresh(take).status == "pending"


class TestBrokenReading:
    def test_does_not_stop_the_others(self, simulator, db, monkeypatch):
        accounts = AccountFactory.create_batch(2)
        for account in accounts:
            desk.request(account)
        read = []

        def break_first(account):
            read.append(account)
            if len(read) == 1:
                raise RuntimeError("ours")
            return []

        monkeypatch.setattr(desk.listing, "read_list", break_first)

        desk.sweep()

        assert set(read) == set(accounts)
