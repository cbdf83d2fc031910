"""A machine whose clock was hours ahead and was put right: nothing waits for those hours, nothing is sent twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import DataCopy
from dashscope_client import Throttled
from generations import clock, limiter
from generations.lifecycle import ahead, archive, desk, reconcile, submit, tidy
from generations.models import (
    AccountCheck,
    Candidate,
    Generation,
    OrphanSearch,
    Outcome,
    RateBucket,
    Reading,
    SubmitAttempt,
    WanAccount,
)
from outbox.models import Mail
from tests.factories import AccountFactory, AudioFactory, GenerationFactory, ReadyFactory, WaveformFactory
from tests.generations.lifecycle.conftest import account, attempt_of, fresh

HOURS = timedelta(hours=5)


@pytest.fixture
def put_right(monkeypatch):
    """Our clock is ahead, and Wan's is not, until `put_right()`."""
    error = [HOURS]
    monkeypatch.setattr(clock, "now", lambda: timezone.now() + error[0])

    def put_right():
        error[0] = timedelta(0)

    return put_right


class TestTurns:
    def test_taken_ahead_hold_up_nobody(self, db, put_right):
        account = AccountFactory()
        assert limiter.wait_for_turn(account, "query")
        put_right()

        assert limiter.wait_for_turn(account, "query")
        assert RateBucket.objects.get().next_at < clock.now() + limiter.FAR


class TestSubmitLease:
    def test_taken_ahead_keeps_nobody_from_sending(self, generate, put_right):
        generate("A harbour")
        assert submit._take_lease(account())
        put_right()
        Generation.objects.update(due_at=clock.now())

        submit.sweep()

        assert Generation.objects.get().status == "pending"

    def test_of_now_is_still_one_senders(self, generate):
        generate("A harbour")
        assert submit._take_lease(account())

        submit.sweep()

        assert Generation.objects.get().status == "queued"


class TestTidy:
    @pytest.mark.parametrize("status", ["queued", "submitting", "pending", "running", "archiving", "lost", "ready"])
    def test_makes_takes_due_that_are_due_too_far_ahead(self, db, status, put_right):
        kind = ReadyFactory if status == "ready" else GenerationFactory
        take = kind(status=status, due_at=clock.now())
        put_right()

        ahead.put_right()

        assert fresh(take).due_at <= clock.now()

    @pytest.mark.parametrize(
        ("status", "seconds"),
        [
            ("queued", 300),
            ("submitting", 180),
            ("pending", 300),
            ("running", 3000),
            ("archiving", 600),
            ("lost", 3600),
            ("ready", 3600),
        ],
    )
    def test_leaves_alone_what_is_due_as_it_should_be(self, db, status, seconds, caplog):
        kind = ReadyFactory if status == "ready" else GenerationFactory
        take = kind(status=status, due_at=clock.now() + timedelta(seconds=seconds))

        ahead.put_right()

        assert fresh(take).due_at > clock.now()
        assert "ahead" not in caplog.text

    def test_leaves_alone_a_take_that_a_worker_saves(self, db):
        due_at = clock.now() + timedelta(seconds=archive.LARGEST / archive.SLOWEST_STORAGE)
        take = GenerationFactory(status="archiving", due_at=due_at, lease_token="0" * 32)

        ahead.put_right()

        assert fresh(take).due_at == due_at

    def test_lets_everything_else_go_on(self, generate, put_right, caplog, alice):
        generate("A harbour")
        now = clock.now()
        WanAccount.objects.update(held_until=now, held_for="throttled", breaker="billing", breaker_probe_at=now)
        Reading.objects.create(account=account(), requested_at=now, read_at=now, held_until=now)
        AccountCheck.objects.create(account=account(), requested_at=now, due_at=now)
        drawn = WaveformFactory(audio=AudioFactory(), due_at=now)
        OrphanSearch.objects.create(pk=1, began_at=now, ended_at=now)
        Mail.objects.create(recipients="alice@example.com", created_at=now, due_at=now)
        DataCopy.objects.create(user=alice, requested_at=now, due_at=now)
        put_right()

        tidy.sweep()

        now, row = clock.now(), account()
        assert row.held_until is None
        assert row.breaker_probe_at <= now
        reading = Reading.objects.get()
        assert reading.held_until is None
        assert reading.read_at <= reading.requested_at <= now
        assert AccountCheck.objects.get().due_at <= now
        assert fresh(drawn).due_at <= now
        assert OrphanSearch.objects.get().ended_at is None
        assert Mail.objects.get().due_at <= now
        assert DataCopy.objects.get().due_at <= now
        assert "A clock was ahead" in caplog.text

    def test_reads_the_list_again_once(self, generate, simulator, put_right):
        generate("A harbour")
        desk.request(account())
        desk.sweep()
        put_right()
        tidy.sweep()

        for _ in range(3):
            desk.sweep()

        assert simulator.counts()["list"] == 2


class TestLostAnswer:
    @pytest.fixture
    def lost(self, generate, rendered, put_right):
        """Wan has rendered it; the clock is right again."""
        generate("An earlier take")
        submit.sweep()
        take = generate("A harbour [fault: drop_create_answer=1]")
        submit.sweep()
        assert fresh(take).status == "uncertain"
        rendered()
        put_right()
        return take

    def test_is_found_and_nothing_is_sent_twice(self, lost, simulator, travel):
        tidy.sweep()
        for _ in range(4):
            travel(seconds=61)
            reconcile.sweep()
            submit.sweep()

        assert fresh(lost).status == "archiving"
        assert attempt_of(lost).outcome == Outcome.FOUND
        assert len(simulator.ledger()) == 2

    def test_is_found_by_who_is_faster_than_tidy(self, lost, simulator):
        SubmitAttempt.objects.filter(generation=lost).update(next_reading_at=clock.now())

        reconcile.sweep()

        assert fresh(lost).status == "archiving"

    def test_that_is_at_wan_for_certain_not_is_sent_again_soon(self, generate, simulator, put_right, travel):
        take = generate("A harbour [fault: create_500_not_accepted=1]")
        submit.sweep()
        assert fresh(take).status == "uncertain"
        put_right()
        tidy.sweep()

        for _ in range(6):
            travel(seconds=61)
            reconcile.sweep()
        submit.sweep()

        assert fresh(take).status == "pending"
        assert attempt_of(take).pk != SubmitAttempt.objects.earliest("pk").pk

    def test_tells_a_known_task_for_as_long_as_wan_does(self, lost, travel):
        """Positive control asks for tasks of the last 23 hours, by the clock that is right."""
        tidy.sweep()

        assert all(attempt.started_at <= clock.now() for attempt in SubmitAttempt.objects.all())

    def test_candidates_are_asked_again(self, lost):
        Candidate.objects.create(attempt=attempt_of(lost), task_id="one", ask_at=clock.now() + HOURS)

        tidy.sweep()

        assert Candidate.objects.get().ask_at <= clock.now()


class TestDeadline:
    def test_of_a_call_is_none_longer_where_the_clock_goes_back(self, generate, monkeypatch):
        deadlines = []
        generate("A harbour")
        opened = submit._open_attempt

        def open_attempt(*args):
            attempt = opened(*args)
            attempt.started_at += HOURS
            return attempt

        class Client:
            def create_video(self, request, *, deadline):
                deadlines.append(deadline)
                raise Throttled("", may_have_landed=False)

        monkeypatch.setattr(submit, "_open_attempt", open_attempt)
        monkeypatch.setattr(submit.wan, "client_for", lambda account: Client())

        submit.sweep()

        assert deadlines == [120.0]
