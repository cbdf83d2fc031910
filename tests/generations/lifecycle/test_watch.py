"""Asking Wan: what each answer leads to, how often it is asked, and the limit of queries."""

from __future__ import annotations

import itertools
import logging
import math
import random
import statistics
import time
from datetime import timedelta

import pytest

from generations import alarms, clock, limiter, scheduling
from generations.lifecycle import cancel, submit, watch
from generations.models import Alarm, Generation, RateBucket, WanAccount
from tests.factories import AccountFactory, GenerationFactory
from tests.generations.lifecycle.conftest import fresh, kinds


@pytest.fixture
def sent(generate):
    """`sent("a prompt")` gives a take that Wan has accepted."""

    def send(prompt: str = "A harbour", **fields):
        take = generate(prompt, **fields)
        submit.sweep()
        return fresh(take)

    return send


@pytest.fixture
def look(travel):
    """Ask Wan for the take now, as a worker would when it is due."""

    def ask_now(take):
        Generation.objects.filter(pk=take.pk).update(due_at=clock.now() - timedelta(seconds=1))
        watch.sweep()
        return fresh(take)

    return ask_now


class TestAnswer:
    def test_of_a_running_task_says_since_when(self, sent, look, travel):
        begun = clock.now()
        take = sent("A harbour [fault: hang]")
        there = clock.now()
        travel(seconds=30)

        look(take)

        assert take.status == "running"
        assert (
            begun - timedelta(seconds=2) < take.rendering_at < there + timedelta(seconds=2)
        )  # Wan tells whole seconds
        assert kinds(take)[-1] == "rendering"

    def test_of_a_waiting_task_changes_nothing(self, sent, look, simulator):
        takes = [sent(f"Harbour {n} [fault: hang]") for n in range(6)]

        look(takes[-1])

        assert takes[-1].status == "pending"
        assert takes[-1].due_at > clock.now()

    def test_of_success_settles_by_usage_and_starts_saving(self, sent, look, rendered):
        take = sent(duration=3)
        rendered()

        look(take)

        assert take.status == "archiving"
        assert (take.cost, take.reserved) == (take.price_per_second * 3, 0)
        assert take.result_url
        assert take.rendered_at is not None
        assert 0 <= take.render_seconds < 30

    def test_of_success_in_floats_is_the_same(self, sent, look, rendered):
        take = sent("A harbour [fault: usage_float] [fault: no_ratio] [fault: unknown_keys]")
        rendered()

        assert look(take).cost == take.price_per_second * 2

    def test_of_a_failure_that_needs_a_change_ends_the_take_for_free(self, sent, look, rendered, simulator):
        take = sent("nsfw harbour")
        rendered()

        look(take)

        assert (take.status, take.failure_cause, take.failure_code) == (
            "failed",
            "input-inspection",
            "DataInspectionFailed",
        )
        assert (take.cost, take.reserved) == (0, 0)
        assert len(simulator.ledger()) == 1

    def test_of_a_canceled_task_ends_the_take_for_free(self, sent, look, simulator):
        takes = [sent(f"Harbour {n} [fault: hang]") for n in range(6)]
        simulator._engine.cancel(simulator.task(takes[-1].task_id))

        look(takes[-1])

        assert (takes[-1].status, takes[-1].cost, takes[-1].reserved) == ("canceled", 0, 0)

    @pytest.mark.parametrize("fault", ["throttle_query=2", "query_500=2", "query_garbage=2"])
    def test_that_is_none_is_asked_for_again_and_again(self, sent, look, rendered, fault):
        take = sent(f"A harbour [fault: {fault}]")
        rendered()
        assert look(take).status == "pending"
        assert take.due_at > clock.now()
        assert look(take).tries == 2

        assert look(take).status == "archiving"


class TestRefusedKey:
    def test_stops_sending_and_the_watch_goes_on(self, sent, look, rendered, generate, simulator):
        take, other = sent(), generate("Another harbour")
        rendered()
        simulator.faults.add("invalid_key")

        look(take)

        assert (take.status, take.tries) == ("pending", 1)
        assert WanAccount.objects.get().breaker == "key"
        submit.sweep()
        assert (fresh(other).status, other.waiting_for) == ("queued", "key")
        simulator.faults.clear()
        assert look(take).status == "archiving"

    def test_is_told_to_those_who_can_mend_it(self, sent, look, simulator):
        take = sent("A harbour [fault: hang]")
        simulator.faults.add("invalid_key")
        WanAccount.objects.update(is_demo=False)

        look(take)
        alarms.sweep()

        assert Alarm.objects.get().kind == "key"

    def test_of_one_query_alone_is_not_believed(self, sent, look, simulator):
        take = sent("A harbour [fault: hang]")
        simulator.faults.add("invalid_key", times=1)

        look(take)

        assert (take.status, WanAccount.objects.get().breaker) == ("pending", "")

    def test_is_not_asked_about_again_while_it_is_known(self, sent, look, simulator):
        takes = [sent(f"Harbour {n} [fault: hang]") for n in range(2)]
        simulator.faults.add("invalid_key")
        look(takes[0])
        asked_at = RateBucket.objects.get(key__startswith="list:").next_at

        look(takes[1])

        assert RateBucket.objects.get(key__startswith="list:").next_at == asked_at


class TestFreeFailure:
    def test_is_sent_again_twice_and_then_ends(self, generate, simulator, rendered, travel, way):
        take = generate("A harbour [fault: fail=InternalError.Algo]")
        for _ in range(3):
            travel(minutes=3)
            submit.sweep()
            rendered()
            travel(minutes=3)
            watch.sweep()

        assert fresh(take).status == "failed"
        assert take.failure_cause == "internal-error"
        assert (take.cost, take.reserved) == (0, 0)
        assert [entry.billed_seconds for entry in simulator.ledger()] == [None] * 3
        assert kinds(take).count("retried_free") == 2

    def test_keeps_the_money_reserved_and_waits_a_moment(self, sent, look, rendered):
        take = sent("A harbour [fault: fail=InternalError]")
        rendered()

        look(take)

        assert (take.status, take.waiting_for, take.task_id) == ("queued", "retry", "")
        assert take.reserved == take.price
        assert take.due_at > clock.now()

    def test_is_not_sent_again_when_somebody_wanted_it_canceled(self, sent, look, rendered, alice):
        take = sent("A harbour [fault: fail=InternalError]")
        rendered()
        cancel.request(take, by=alice)

        assert look(take).status == "failed"

    def test_leaves_no_trace_on_the_take_that_succeeds_after_it(self, sent, look, rendered, simulator, travel):
        simulator.faults.add("fail", times=1, code="InternalError")
        take = sent()
        rendered()
        look(take)
        travel(seconds=10)
        submit.sweep()
        rendered()

        look(take)

        assert (take.status, take.failure_code, take.auto_retries) == ("archiving", "", 1)


class TestUnknown:
    def test_is_asked_again_before_the_day_is_over(self, sent, look, simulator, travel):
        take = sent("A harbour [fault: hang]")
        simulator.expire(take.task_id)
        look(take)
        travel(hours=23)

        look(take)

        assert take.status == "pending"
        assert take.unrecognised_since is not None
        assert kinds(take).count("unrecognised") == 1

    def test_raises_an_alarm_once_after_ten_minutes(self, sent, look, simulator, travel, caplog):
        take = sent("A harbour [fault: hang]")
        simulator.expire(take.task_id)
        look(take)
        travel(minutes=11)
        with caplog.at_level(logging.ERROR):
            look(take)
            look(take)

        assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1
        assert kinds(take)[-1] == "unrecognised_long"

    def test_is_forgotten_when_wan_knows_the_task_again(self, sent, look, simulator):
        take = sent("A harbour [fault: hang] [fault: unknown_task=2]")
        look(take)
        look(take)

        look(take)

        assert (take.status, take.unrecognised_since) == ("running", None)

    def test_after_a_day_is_a_loss_and_possibly_charged(self, sent, look, simulator, travel, caplog):
        take = sent("A harbour [fault: hang]")
        simulator.expire(take.task_id)
        look(take)
        travel(hours=24, minutes=6)

        look(take)

        assert (take.status, take.reserved, take.possibly_charged) == ("lost", 0, take.price)
        assert "is lost" in caplog.text


class TestLostTask:
    """Wan recognises the task at no query; what its list told of it within the 24 hours tells what it has cost."""

    @pytest.fixture
    def lose(self, generate, rendered, look, travel):
        """`lose(words)` gives a take of this fault that was asked for again and again until its 24 hours were over."""

        def lose(words: str, *, hours=3, forget=None, others=True):
            if others:
                generate("Another harbour")
                submit.sweep()
            take = generate(f"A harbour {words}")
            submit.sweep()
            rendered()
            if forget:
                forget(fresh(take).task_id)
            look(take)
            travel(minutes=11)
            look(take)
            for _ in range(hours):
                travel(hours=1, minutes=1)
                look(take)
            travel(hours=24)
            return look(take)

        return lose

    def test_that_the_list_calls_failed_was_free(self, lose):
        take = lose("[fault: fail=InternalError] [fault: unknown_task]")

        assert (take.status, take.cost, take.reserved, take.possibly_charged) == ("lost", 0, 0, 0)
        assert kinds(take).count("listed_free") == 1

    def test_that_the_list_calls_done_is_paid(self, lose):
        take = lose("[fault: unknown_task]")

        assert (take.status, take.cost, take.reserved, take.possibly_charged) == ("lost", take.price, 0, 0)
        assert "listed_billed" in kinds(take)

    def test_that_the_list_does_not_have_was_free(self, lose, simulator):
        take = lose("", forget=simulator.expire)

        assert (take.status, take.cost, take.reserved, take.possibly_charged) == ("lost", 0, 0, 0)
        assert kinds(take).count("listed_absent") == 1

    def test_is_in_doubt_after_one_reading(self, lose, simulator):
        take = lose("", forget=simulator.expire, hours=0)

        assert (take.status, take.cost, take.possibly_charged) == ("lost", None, take.price)

    def test_is_in_doubt_where_nothing_shows_that_the_list_is_whole(self, lose, simulator):
        take = lose("", forget=simulator.expire, others=False)

        assert (take.status, take.cost, take.possibly_charged) == ("lost", None, take.price)

    def test_is_in_doubt_where_the_list_lacks_another_of_ours(self, lose, simulator):
        simulator.faults.add("list_incomplete", omit=1)

        take = lose("", forget=simulator.expire)

        assert (take.status, take.cost, take.possibly_charged) == ("lost", None, take.price)

    def test_is_in_doubt_where_the_list_was_read_when_it_had_forgotten(self, sent, look, simulator, travel):
        sent("Another harbour")
        take = sent()
        travel(hours=23, minutes=1)
        sent("A third harbour")
        simulator.expire(take.task_id)
        look(take)
        for _ in range(3):
            travel(minutes=11)
            look(take)

        travel(hours=1)

        assert (look(take).status, take.cost, take.possibly_charged) == ("lost", None, take.price)

    def test_that_is_forgotten_together_with_another_can_be_known_to_be_free(self, lose, sent, look, simulator):
        other = sent("Forgotten as well")
        simulator.expire(other.task_id)
        look(other)

        take = lose("", forget=simulator.expire)

        assert (take.status, take.cost, take.possibly_charged) == ("lost", 0, 0)


class TestNextLook:
    def take(self, *, status="running", since=0.0, history=()):
        account = AccountFactory()
        for seconds in history:
            GenerationFactory(
                account=account, status="canceled", duration=5, render_seconds=seconds, rendered_at=clock.now()
            )
        moment = clock.now() - timedelta(seconds=since)
        return GenerationFactory.build(
            account=account, status=status, accepted_at=moment, rendering_at=moment if status == "running" else None
        )

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("since", "seconds"),
        [(0, 40), (30, 10), (38, 2), (39, 5.4), (40, 4.4), (58, 4), (59, 3), (61.5, 4.9), (130, 2.4), (500, 2)],
    )
    def test_of_a_running_take_keeps_the_beat_that_the_account_s_history_begins(self, since, seconds):
        take = self.take(since=since, history=[30, 40, *[100] * 47, 160])

        now = take.rendering_at + timedelta(seconds=since)

        assert scheduling.next_look(take, now) == pytest.approx(seconds, abs=0.1)

    @pytest.mark.django_db
    @pytest.mark.parametrize("history", [[100] * 5, [60, 80, 100, 120, 140], [100] * 49])
    def test_of_a_running_take_begins_before_the_fastest_of_a_few_would_be_reckoned_with(self, history):
        first = scheduling.next_look(self.take(history=history), clock.now())

        assert 45 < first < 90

    @pytest.mark.django_db
    def test_without_a_history_is_half_the_stated_default(self):
        assert scheduling.next_look(self.take(), clock.now()) == pytest.approx(60, abs=0.5)

    @pytest.mark.django_db
    @pytest.mark.parametrize(("since", "seconds"), [(0, 3), (2, 3), (3.1, 10), (300, 10)])
    def test_of_a_waiting_take_is_soon_and_then_every_ten_seconds(self, since, seconds):
        assert scheduling.next_look(self.take(status="pending", since=since), clock.now()) == seconds

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("running", "earlier", "later", "seconds"), [(4, 0, 1, 10), (5, 0, 0, 120), (4, 1, 0, 120)]
    )
    def test_of_a_waiting_take_is_rare_while_ours_fill_wans_slots(self, running, earlier, later, seconds):
        take = self.take(status="pending", since=30)
        GenerationFactory.create_batch(running, account=take.account, status="running")
        for count, moment in [(earlier, -1), (later, 1)]:
            accepted_at = take.accepted_at + timedelta(seconds=moment)
            GenerationFactory.create_batch(count, account=take.account, status="pending", accepted_at=accepted_at)

        assert scheduling.next_look(take, clock.now()) == seconds

    def test_of_what_is_accepted_behind_full_slots_is_rare_from_the_start(self, sent):
        due = [(take.due_at - take.accepted_at).total_seconds() for take in map(sent, ["A harbour"] * 6)]

        assert due == pytest.approx([3, 3, 3, 3, 3, 120], abs=0.5)

    def test_is_half_as_often_as_the_vendors_wait_and_notices_as_soon(self, monkeypatch):
        chance = random.Random(1)
        seconds = sorted(chance.lognormvariate(math.log(120), 0.25) for _ in range(1000))
        known = scheduling.Usual(seconds[30], seconds[500], seconds[900], measured=True)
        monkeypatch.setattr(scheduling, "usual", lambda *_: known)
        take = GenerationFactory.build(account=AccountFactory.build(), status="running", rendering_at=clock.now())

        ours = [looks_at(take, ends, tick=chance.random() / 2) for ends in seconds]
        vendors = [vendors_looks(ends) for ends in seconds]

        assert statistics.mean(count for count, _ in ours) + 2 < statistics.mean(count for count, _ in vendors) / 2
        assert late(ours, 0.95) < late(vendors, 0.95) * 1.05
        assert late(ours, 0.5) < late(vendors, 0.5)

    @pytest.mark.parametrize("ends", ["A harbour", "nsfw harbour", "A harbour [fault: fail=InternalError]"])
    def test_of_the_longest_waiting_take_comes_when_a_slot_is_free(self, sent, look, simulator, ends):
        first = sent(f"{ends} [fault: slow=1]")
        others = [sent(f"Harbour {n} [fault: hang]") for n in range(6)]
        later = clock.now() + timedelta(seconds=50)
        Generation.objects.filter(pk__in=[take.pk for take in others]).update(due_at=later)
        Generation.objects.filter(pk__in=[take.pk for take in others[:4]]).update(status="running")
        _wait_for(simulator, first.task_id)

        look(first)

        assert first.status in ("archiving", "failed", "queued")
        follows, still_behind = fresh(others[-2]), fresh(others[-1])
        assert follows.status == "running" or follows.due_at <= clock.now()
        assert (still_behind.status, still_behind.due_at) == ("pending", later)


def looks_at(take, ends, *, tick):
    """How often a rendering is asked for by sweeps that come each half second, and how late its end is noticed."""
    since, at, count = take.rendering_at, 0.0, 0
    while at < ends:
        due = at + scheduling.next_look(take, since + timedelta(seconds=at))
        at, count = math.ceil((due - tick) * 2) / 2 + tick + 0.02, count + 1
    return count, at - ends


def vendors_looks(ends):
    """The same of the vendor's SDK (contract, SDK behaviour), a rendering that begins at once."""
    at, count = 0.0, 1
    for pause in itertools.chain([1, 1, 2, 2, 2, 4, 4, 4], itertools.repeat(5)):
        if at >= ends:
            break
        at, count = at + pause + 0.01, count + 1
    return count, at - ends


def late(looks, share):
    return sorted(seconds for _, seconds in looks)[int(share * len(looks))]


def _wait_for(simulator, task_id):
    deadline = time.monotonic() + 120
    while simulator.task(task_id).status in ("PENDING", "RUNNING"):
        assert time.monotonic() < deadline, "Wan is not done"
        time.sleep(0.01)


class TestLimiter:
    def test_never_lets_wan_throttle_a_query(self, generate, simulator):
        takes = [generate(f"Harbour {n} [fault: hang]") for n in range(7)]
        submit.sweep()
        while simulator.counts()["query"] < 35:
            Generation.objects.update(due_at=clock.now())
            watch.sweep()

        assert simulator.counts()["query_429"] == 0
        assert {fresh(take).status for take in takes} == {"pending", "running"}

    @pytest.mark.django_db
    def test_refuses_a_turn_that_would_come_too_late(self):
        account = AccountFactory()
        assert limiter.wait_for_turn(account, "query")
        RateBucket.objects.update(next_at=clock.now() + timedelta(seconds=5))

        assert not limiter.wait_for_turn(account, "query", patience=1)
        assert RateBucket.objects.get().next_at > clock.now() + timedelta(seconds=4)
