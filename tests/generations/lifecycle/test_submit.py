"""One create call per attempt: its outcomes, its lease, its order, and what stops it."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.db import OperationalError

from dashscope_client import DashScopeClient, Rejected, Unreachable
from dashscope_simulator import account_of
from generations import clock, limiter, places, pricing, scheduling, storage_refusal
from generations.cards import Deck
from generations.lifecycle import account_checks, answers, cancel, desk, reconcile, submit
from generations.lifecycle.moves import move
from generations.models import Generation, Outcome, Status, SubmitAttempt, Switchboard, WanAccount
from generations.words import WAITING
from teams import closing
from tests.factories import AccountFactory, BudgetFactory, ProjectFactory, TeamFactory
from tests.generations.lifecycle.conftest import account, attempt_of, fresh, kinds
from wanstudio import encryption


def accepted(simulator) -> int:
    return simulator.counts()["accepted"]


def prompts(simulator) -> list[str]:
    return [entry.prompt for entry in simulator.ledger()]


def sent_body(simulator, take) -> dict:
    return simulator.task(fresh(take).task_id).request


class TestAnswer:
    def test_with_an_id_leads_to_pending(self, generate, simulator):
        take = generate()

        submit.sweep()

        attempt = attempt_of(fresh(take))
        (entry,) = simulator.ledger()
        assert (take.status, take.task_id) == ("pending", entry.task_id)
        assert (attempt.outcome, attempt.task_id) == (Outcome.ACCEPTED, entry.task_id)
        assert take.reserved == take.price > 0

    @pytest.mark.parametrize(
        ("code", "cause"),
        [
            ("InvalidParameter", "invalid-parameter"),
            ("DataInspectionFailed", "input-inspection"),
            ("IPInfringementSuspect", "ip-suspect"),
            ("ModelNotFound", "model-not-found"),
        ],
    )
    def test_that_refuses_fails_the_take_free_of_charge(self, generate, simulator, code, cause):
        take = generate(f"A harbour [fault: reject={code}]")
        other = generate("Another harbour")

        submit.sweep()

        assert (fresh(take).status, take.failure_cause, take.failure_code) == ("failed", cause, code)
        assert (take.cost, take.reserved, take.possibly_charged) == (0, 0, 0)
        assert attempt_of(take).outcome == Outcome.REFUSED
        assert fresh(other).status == "pending"

    def test_of_too_many_requests_keeps_the_place_and_pauses_longer_each_time(self, generate, simulator, travel):
        take = generate("A harbour [fault: throttle_create=3]")
        for pause in (timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8)):
            begun = clock.now()
            submit.sweep()
            assert begun + pause <= account().held_until <= clock.now() + pause
            assert (fresh(take).status, take.waiting_for, take.reserved) == ("queued", "throttled", take.price)
            travel(seconds=pause.total_seconds() + 1)

        submit.sweep()

        assert fresh(take).status == "pending"
        assert account().holds == 0
        assert accepted(simulator) == 1

    def test_is_not_awaited_from_a_service_that_refuses_the_connection(self, generate, simulator):
        take = generate()
        WanAccount.objects.update(origin="http://127.0.0.1:9/api/v1")

        submit.sweep()

        assert (fresh(take).status, take.waiting_for) == ("queued", "unreachable")
        assert attempt_of(take).outcome == Outcome.NOT_LANDED
        assert kinds(take)[-1] == "not_landed"

    @pytest.mark.parametrize("fault", ["drop_create_answer", "create_500", "create_2xx_without_id"])
    def test_that_is_lost_after_acceptance_is_uncertain_and_never_repeated(self, generate, simulator, fault):
        take = generate(f"A harbour [fault: {fault}=1]")

        submit.sweep()
        submit.sweep()

        assert fresh(take).status == "uncertain"
        assert attempt_of(take).outcome == Outcome.UNKNOWN
        assert accepted(simulator) == simulator.counts()["create"] == 1
        assert (take.reserved, take.cost) == (take.price, None)

    @pytest.mark.parametrize("fault", ["create_500_not_accepted", "reset_before_accept"])
    def test_that_proves_nothing_is_uncertain_although_nothing_landed(self, generate, simulator, fault):
        take = generate(f"A harbour [fault: {fault}=1]")

        submit.sweep()

        assert fresh(take).status == "uncertain"
        assert accepted(simulator) == 0

    def test_beyond_the_deadline_is_uncertain_and_landed_once(self, generate, simulator, settings):
        settings.POST_DEADLINE = 2
        take = generate("A harbour [fault: delay_create_answer=4]")

        submit.sweep()

        assert fresh(take).status == "uncertain"
        assert accepted(simulator) == simulator.counts()["create"] == 1


class TestMachineThatStoodStill:
    """Between the attempt and its call; others read the list for it as if it had been sent when it was opened."""

    def test_beyond_the_deadline_sends_nothing(self, generate, simulator, travel, monkeypatch):
        take = generate()
        with monkeypatch.context() as patch:
            patch.setattr(limiter, "leaves_now", lambda *_: travel(seconds=130))
            submit.sweep()

        assert simulator.counts()["create"] == 0
        assert (fresh(take).status, attempt_of(take).outcome) == ("queued", Outcome.NOT_LANDED)

    def test_sends_nothing_for_a_take_that_was_sent_again(self, generate, simulator, travel, monkeypatch):
        take = generate()
        real = limiter.leaves_now

        def stand_still(*turn):
            monkeypatch.setattr(limiter, "leaves_now", real)
            for _ in range(4):
                travel(seconds=100)
                reconcile.sweep()
            submit.sweep()

        monkeypatch.setattr(limiter, "leaves_now", stand_still)
        submit.sweep()

        assert accepted(simulator) == simulator.counts()["create"] == 1
        assert fresh(take).status == "pending"

    def test_leaves_the_call_the_rest_of_the_time(self, generate, simulator, travel, monkeypatch):
        generate()
        monkeypatch.setattr(limiter, "leaves_now", lambda *_: travel(seconds=100))
        create = Mock(side_effect=Unreachable("cut", may_have_landed=True))
        monkeypatch.setattr(DashScopeClient, "create_video", create)

        submit.sweep()

        assert 15 < create.call_args.kwargs["deadline"] <= 20


class TestRequest:
    def test_always_says_seed_watermark_and_prompt_extend(self, generate, simulator):
        take = generate()

        submit.sweep()

        parameters = sent_body(simulator, take)["parameters"]
        assert parameters["seed"] == take.seed
        assert 0 <= take.seed <= 2147483647
        assert (parameters["watermark"], parameters["prompt_extend"]) == (False, True)

    def test_keeps_the_seed_that_was_given_and_the_prompt_to_the_byte(self, generate, simulator):
        take = generate("雨中的紙船 “boat”", seed=0, watermark=True, prompt_extend=False)

        submit.sweep()

        body = sent_body(simulator, take)
        assert body["input"]["prompt"] == "雨中的紙船 “boat”"
        assert body["parameters"] == {
            "resolution": "720P",
            "ratio": "16:9",
            "duration": 2,
            "prompt_extend": False,
            "watermark": True,
            "seed": 0,
        }

    def test_uses_the_same_seed_when_it_is_sent_again(self, generate, simulator, way):
        take = generate("A harbour [fault: throttle_create=1]")
        submit.sweep()
        seed = fresh(take).seed
        way.pass_time()

        submit.sweep()

        assert sent_body(simulator, take)["parameters"]["seed"] == seed


class TestHint:
    def test_names_the_account_whose_takes_are_sent(self, generate, simulator):
        take = generate()
        other = AccountFactory()
        Generation.objects.filter(pk=take.pk).update(account=other)
        named = generate()

        submit.sweep(named.account_id)

        assert fresh(named).status == "pending"
        assert fresh(take).status == "queued"


class TestLease:
    def test_held_by_another_leaves_the_take_waiting(self, generate, simulator):
        take = generate()
        WanAccount.objects.update(submit_lease_until=clock.now() + timedelta(seconds=100))

        submit.sweep()

        assert fresh(take).status == "queued"
        assert not SubmitAttempt.objects.exists()

    def test_is_given_to_one_of_two(self, generate, simulator):
        generate()
        first, second = account(), account()

        assert submit._take_lease(first) == 1
        assert submit._take_lease(second) is None

    def test_that_ran_out_and_went_to_another_opens_no_attempt(self, generate, simulator, travel, settings):
        take = generate()
        old = account()
        fence = submit._take_lease(old)
        travel(seconds=settings.SUBMIT_LEASE + 1)
        assert submit._take_lease(account()) == fence + 1

        claimed = submit._claim_next(account())

        assert submit._open_attempt(claimed, old, fence) is None
        assert fresh(take).status == "queued"
        assert not SubmitAttempt.objects.exists()

    def test_opens_no_attempt_when_an_answer_was_lost_while_the_take_was_prepared(self, generate, simulator):
        generate("A harbour [fault: drop_create_answer=1]")
        prepared = generate("Another harbour")
        Generation.objects.filter(pk=prepared.pk).update(queue_rank=1)
        submit.sweep()
        Generation.objects.filter(pk=prepared.pk).update(due_at=clock.now())
        claimed = submit._claim_next(account())

        assert submit._open_attempt(claimed, account(), account().submit_fence) is None
        assert fresh(prepared).status == "queued"

    def test_is_free_again_after_the_call(self, generate, simulator):
        generate()

        submit.sweep()

        assert account().submit_lease_until <= clock.now()


class TestCapacity:
    def test_is_never_exceeded_and_nothing_is_throttled(self, generate, simulator):
        takes = [generate(f"Harbour {n} [fault: hang]") for n in range(10)]

        submit.sweep()
        submit.sweep()

        assert accepted(simulator) == account().running_limit + 2
        assert simulator.counts()["create_429"] == 0
        assert [fresh(take).waiting_for for take in takes[7:]] == ["slots"] * 3

    def test_counts_an_uncertain_take_for_three_hours(self, generate, simulator, travel):
        WanAccount.objects.update(running_limit=0)
        generate("A harbour [fault: drop_create_answer=1]")
        WanAccount.objects.update(running_limit=0)
        generate("Second [fault: hang]")
        generate("Third [fault: hang]")
        submit.sweep()
        SubmitAttempt.objects.update(person_asked_at=clock.now())

        submit.sweep()
        assert accepted(simulator) == 2
        travel(hours=3, seconds=1)
        submit.sweep()
        assert accepted(simulator) == 3


class TestAccountsThatAreOneAtWan:
    """Two rows with keys of the same Wan account: it counts the takes and calls of both together."""

    @pytest.fixture
    def rows(self, simulator, team):
        def row(name, key):
            account = AccountFactory(team=team, name=name, origin=simulator.base_url)
            account.set_api_key(key)
            account.save()
            return account

        return row("Day", "sk-crew"), row("Night", "sk-crew~2")

    @pytest.fixture
    def press_on(self, generate, team):
        """`press_on(row, 3)` presses that many takes, which hang at Wan."""
        projects = {}

        def press_on(row, count):
            project = projects.setdefault(row.pk, ProjectFactory(team=team, account=row))
            return [generate(f"{row.name} {n} [fault: hang]", project=project) for n in range(count)]

        return press_on

    @pytest.fixture
    def known(self, rows, press_on):
        """Each row has one take at Wan, and its list was read."""
        for row in rows:
            press_on(row, 1)
        submit.sweep()
        desk.sweep()
        return [fresh(row) for row in rows]

    def at_wan(self, *rows):
        return [Generation.objects.filter(account=row, status="pending").count() for row in rows]

    def end_one(self, row):
        take = Generation.objects.filter(account=row, status="pending").earliest("pk")
        assert move(take, Status.CANCELED, "canceled", **pricing.released())

    def test_are_known_by_the_list(self, known):
        day, night = known

        assert day.main_account == night.main_account == account_of("sk-crew")
        assert set(WanAccount.objects.one_at_wan(day)) == {day, night}

    def test_are_told_apart_from_others(self, known, simulator, team):
        stranger = AccountFactory(team=team, origin=simulator.base_url, main_account="1")
        elsewhere = AccountFactory(team=team, origin=simulator.base_url, region="beijing")
        WanAccount.objects.filter(pk=elsewhere.pk).update(main_account=known[0].main_account)

        assert not {stranger, elsewhere} & set(WanAccount.objects.one_at_wan(known[0]))

    def test_share_the_slots_and_the_buffer_evenly(self, known, press_on, simulator):
        for row in known:
            press_on(row, 10)

        for _ in range(12):
            submit.sweep()

        assert sorted(self.at_wan(*known)) == [3, 4]
        assert accepted(simulator) == known[0].running_limit + scheduling.BUFFER
        waiting = Generation.objects.filter(status="queued")
        assert set(waiting.values_list("waiting_for", flat=True)) == {"slots"}

    def test_one_alone_has_all_slots_until_the_other_needs_one(self, known, press_on):
        day, night = known
        press_on(day, 10)
        for _ in range(3):
            submit.sweep()
        assert self.at_wan(day, night) == [6, 1]

        press_on(night, 10)
        for _ in range(2):
            self.end_one(day)
            submit.sweep(day.pk)  # the hint that a slot is free names the account whose take has ended
            submit.sweep()

        assert self.at_wan(day, night) == [4, 3]

    @pytest.mark.parametrize(
        "stop",
        [
            {"breaker": "key", "breaker_probe_at": None},
            {"held_until": timedelta(minutes=1), "held_for": "throttled"},
            {"submit_lease_until": timedelta(minutes=1)},
            {"running_limit": 0, "pending_limit": 0},
        ],
    )
    def test_no_slot_is_kept_for_one_that_can_not_send(self, known, press_on, stop):
        day, night = known
        press_on(day, 10)
        press_on(night, 10)
        fields = {name: clock.now() + value if isinstance(value, timedelta) else value for name, value in stop.items()}
        WanAccount.objects.filter(pk=night.pk).update(**fields)

        for _ in range(3):
            submit.sweep()

        assert self.at_wan(day, night) == [6, 1]

    def test_an_own_limit_that_is_smaller_holds_for_its_own_takes(self, known, press_on):
        day, night = known
        WanAccount.objects.filter(pk=night.pk).update(running_limit=1)
        press_on(night, 10)
        for _ in range(3):
            submit.sweep()
        assert self.at_wan(day, night) == [1, 1 + scheduling.BUFFER]

        press_on(day, 10)
        for _ in range(8):
            submit.sweep()

        assert self.at_wan(day, night) == [4, 3]

    def test_at_the_same_moment_send_no_more_than_fits(self, at_once, known, press_on):
        for row in known:
            press_on(row, 10)

        for _ in range(4):
            at_once(*(lambda row=row: submit.sweep(row.pk) for row in known))

        assert sum(self.at_wan(*known)) == known[0].running_limit + scheduling.BUFFER

    def test_share_their_turns(self, known, monkeypatch):
        waits = []
        monkeypatch.setattr("generations.limiter.time.sleep", waits.append)
        for row in known:
            limiter.wait_for_turn(row, "cancel")

        assert waits[0] == 0
        assert waits[1] > 0

    def test_a_slot_costs_no_query_more(self, known, django_assert_num_queries):
        with django_assert_num_queries(1):
            scheduling.capacity(known[0], clock.now())

    def test_the_line_knows_of_slots_that_others_hold(self, known, press_on):
        day, night = known
        press_on(night, 10)
        for _ in range(3):
            submit.sweep()
        (take,) = press_on(day, 1)

        place = places.positions([take])[take.pk]

        assert place.place == 1
        assert place.starts_in > 0

    def test_a_new_key_that_nothing_proves_is_of_nobody_yet(self, known, alice):
        SubmitAttempt.objects.update(started_at=clock.now() - timedelta(hours=25))
        account_checks.request(known[0], by=alice, new_key="sk-another")

        account_checks.sweep()

        assert fresh(known[0]).main_account == ""


class TestOrder:
    def test_goes_round_by_person(self, generate, simulator, bob):
        for n in range(3):
            generate(f"alice {n} [fault: hang]")
        for n in range(2):
            generate(f"bob {n} [fault: hang]", user=bob)

        submit.sweep()

        assert [prompt[:7].strip() for prompt in prompts(simulator)] == [
            "alice 0",
            "bob 0 [",
            "alice 1",
            "bob 1 [",
            "alice 2",
        ]

    def test_goes_round_by_account(self, generate, simulator, team):
        for n in range(2):
            generate(f"{n} [fault: hang]")
        AccountFactory(team=team, origin=simulator.base_url, encrypted_key=encryption.encrypted("sk-other-0123456789"))
        for n in range(2, 4):
            generate(f"{n} [fault: hang]")

        submit.sweep()

        assert sorted(prompt[0] for prompt in prompts(simulator)[:2]) == ["0", "2"]
        assert sorted(prompt[0] for prompt in prompts(simulator)[2:]) == ["1", "3"]

    def test_goes_round_by_project_of_one_person(self, generate, simulator, team):
        other = ProjectFactory(team=team, name="Second film")
        for n in range(3):
            generate(f"A{n} [fault: hang]")
        for n in range(2):
            generate(f"B{n} [fault: hang]", project=other)

        submit.sweep()

        assert [prompt[:2] for prompt in prompts(simulator)] == ["A0", "B0", "A1", "B1", "A2"]

    def test_follows_the_rank_within_a_line_and_leaves_out_what_is_paused(self, generate, simulator):
        first, second, third = (generate(f"{n} [fault: hang]") for n in range(3))
        Generation.objects.filter(pk=third.pk).update(queue_rank=-1)
        Generation.objects.filter(pk=first.pk).update(paused_at=clock.now())

        submit.sweep()

        assert [prompt[0] for prompt in prompts(simulator)] == ["2", "1"]
        assert fresh(first).status == "queued"


class TestStopped:
    def test_by_the_switch(self, generate, simulator):
        take = generate()
        Switchboard.load()
        Switchboard.objects.update(submitting=False)

        submit.sweep()

        assert (fresh(take).status, take.waiting_for) == ("queued", "stopped")
        assert simulator.counts()["create"] == 0

    def test_by_a_storage_that_refuses_for_five_minutes(self, generate, simulator):
        take = generate()
        Switchboard.load()
        Switchboard.objects.update(storage_refused_since=clock.now() - timedelta(seconds=301))

        submit.sweep()

        assert (fresh(take).status, take.waiting_for) == ("queued", "storage")
        assert simulator.counts()["create"] == 0

    @pytest.mark.parametrize("reason", ["disk", "backlog"])
    def test_by_a_full_disk_or_a_backlog_says_so_on_the_card(self, generate, simulator, reason):
        take = generate()
        storage_refusal.begin(reason, is_at_once=True)

        submit.sweep()

        assert fresh(take).waiting_for == reason
        assert Deck([take]).card(take).line == WAITING[reason]

    def test_by_a_cancel_that_was_asked_for_while_it_was_on_its_way(self, generate, simulator, way):
        take = generate("A harbour [fault: throttle_create=1]")
        submit.sweep()
        Generation.objects.update(cancel_requested_at=clock.now())
        way.pass_time()

        submit.sweep()

        assert (fresh(take).status, take.reserved) == ("canceled", 0)
        assert accepted(simulator) == 0

    @pytest.mark.parametrize("gone", ["project", "team", "owner"])
    def test_by_the_deletion_of_where_it_belongs(self, generate, simulator, project, bob, alice, gone):
        elsewhere = TeamFactory(uses_installation_account=True)
        BudgetFactory(team=elsewhere, scope="installation", amount=10)
        take = generate("Nobody waits for this", user=bob)
        other = generate("Somebody waits for this", project=ProjectFactory(team=elsewhere))
        row = {"project": project, "team": project.team, "owner": bob}[gone]
        type(row).objects.filter(pk=row.pk).update(deleted_at=clock.now())

        submit.sweep()
        submit.sweep()

        assert prompts(simulator) == [other.prompt]
        closing.sweep()
        assert (fresh(take).status, take.cost, take.reserved) == ("canceled", 0, 0)


class TestKeyBreaker:
    def test_trips_when_the_list_refuses_too_and_a_probe_lifts_it(self, generate, simulator, travel):
        take, other = generate(), generate("Another harbour")
        simulator.faults.add("invalid_key")
        submit.sweep()
        assert (fresh(take).status, take.waiting_for, account().breaker) == ("queued", "key", "key")
        assert simulator.counts()["create"] <= 1  # the fault strikes before the call is counted
        travel(seconds=61)
        reconcile.sweep()
        assert account().breaker == "key"

        simulator.faults.clear()
        travel(seconds=61)
        reconcile.sweep()
        submit.sweep()

        assert account().breaker == ""
        assert {fresh(take).status, fresh(other).status} == {"pending"}

    def test_stays_open_when_the_list_accepts_so_that_one_take_fails(self, generate, simulator):
        take, other = generate("A harbour [fault: invalid_key=1]"), generate("Another harbour")

        submit.sweep()

        assert (fresh(take).status, take.failure_cause, take.cost) == ("failed", "key-refused", 0)
        assert account().breaker == ""
        assert fresh(other).status == "pending"

    def test_trips_when_the_list_cannot_tell(self, generate, simulator):
        take = generate("A harbour [fault: invalid_key=1]")
        simulator.faults.add("list_500", times=1)

        submit.sweep()

        assert (fresh(take).status, account().breaker) == ("queued", "key")

    def test_trips_for_an_account_without_a_key(self, generate, simulator, settings):
        take = generate()
        settings.DASHSCOPE_API_KEY = ""

        submit.sweep()

        assert (fresh(take).status, take.waiting_for, account().breaker) == ("queued", "key", "key")
        assert simulator.counts()["create"] == 0


class TestBillingBreaker:
    @pytest.mark.parametrize(
        "code", ["Arrearage", "AccessDenied.Unpurchased", "AllocationQuota.FreeTierOnly", "PostpaidBillOverdue"]
    )
    def test_trips_on_what_only_an_owner_can_settle(self, generate, simulator, code):
        take = generate(f"A harbour [fault: reject={code}]")

        submit.sweep()

        assert (fresh(take).status, take.waiting_for, take.reserved) == ("queued", "billing", take.price)
        assert (account().breaker, account().breaker_code) == ("billing", code)

    def test_is_probed_by_one_take_every_ten_minutes(self, generate, simulator, travel):
        takes = [generate(f"Harbour {n}") for n in range(3)]
        simulator.faults.add("arrears")
        submit.sweep()
        submit.sweep()
        assert simulator.counts()["create"] == 1

        travel(seconds=601)
        submit.sweep()
        submit.sweep()
        assert simulator.counts()["create"] == 2

        simulator.faults.clear()
        travel(seconds=601)
        submit.sweep()
        assert {fresh(take).status for take in takes} == {"pending"}
        assert account().breaker == ""


class TestCrashedWorker:
    def test_between_an_answer_and_its_move_does_not_leave_the_take_unsure(self, generate, simulator, travel):
        take = generate()
        claimed = submit._claim_next(account())
        attempt = submit._open_attempt(claimed, account(), submit._take_lease(account()))
        SubmitAttempt.objects.filter(pk=attempt.pk).update(outcome=Outcome.REFUSED, ended_at=clock.now())
        travel(seconds=200)

        reconcile.sweep()
        submit.sweep()

        assert fresh(take).status == "pending"
        assert accepted(simulator) == 1

    @pytest.fixture
    def refused_late(self, generate, travel, simulator, monkeypatch):
        """Its answer was lost, then came after all and refused; the worker died before the take moved."""
        take = generate("A harbour [fault: create_500_not_accepted=1]")
        submit.sweep()
        assert fresh(take).status == "uncertain"
        refusal = Rejected("no", code="InvalidParameter", http_status=400)
        with monkeypatch.context() as patch:
            patch.setattr(answers, "_settle", Mock(side_effect=OperationalError("gone")))
            with pytest.raises(OperationalError):
                answers.refuse(attempt_of(take), refusal)
        assert attempt_of(take).outcome == Outcome.REFUSED
        return take

    def test_between_a_late_refusal_and_its_move_does_not_leave_the_take_unsure(self, refused_late, simulator, travel):
        reconcile.sweep()
        assert fresh(refused_late).status == "uncertain"  # whoever wrote it may still be at work
        travel(seconds=61)

        reconcile.sweep()

        assert (fresh(refused_late).status, kinds(refused_late)[-1]) == ("queued", "not_landed")
        submit.sweep()
        assert fresh(refused_late).status == "pending"
        assert accepted(simulator) == 1

    def test_after_a_cancel_ends_the_take_for_free(self, refused_late, alice, travel):
        cancel.request(refused_late, by=alice)
        travel(seconds=61)

        reconcile.sweep()

        assert (fresh(refused_late).status, refused_late.reserved) == ("canceled", 0)
