"""A lost answer: found out by reading Wan's list, before anything is sent again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings

from accounts.models import Notification
from dashscope_client import DashScopeClient, Rejected, TaskCreated, TaskStatus, Unreachable, VideoRequest
from dashscope_simulator.service import key_id_of
from generations import clock, ledger, scheduling, tally, wan
from generations.lifecycle import account_checks, answers, cancel, decision, desk, listing, reconcile, submit, watch
from generations.lifecycle.refused import OverBudget, Refused
from generations.models import Candidate, Event, Generation, Outcome, Spending, SubmitAttempt, WanAccount
from teams import moving
from teams.models import Activity, Membership, Team
from tests.factories import AccountFactory, BudgetFactory, ProjectFactory
from tests.generations.lifecycle.conftest import account, attempt_of, fresh, kinds
from wanstudio import encryption

LANDED = "A harbour [fault: drop_create_answer=1]"
NOT_LANDED = "A harbour [fault: create_500_not_accepted=1]"
FILM = VideoRequest(
    model="wan2.7-t2v",
    prompt="Somebody else's film",
    resolution="720P",
    ratio="16:9",
    duration=2,
    prompt_extend=True,
    watermark=False,
)


def is_asked(take):
    """One of the three choices is waited for."""
    return scheduling.asked().filter(generation=take, generation__status="uncertain").exists()


@pytest.fixture
def lose(generate, travel):
    """`lose(prompt)` gives a take whose answer was lost; it landed unless the prompt says otherwise."""

    def send(prompt: str = LANDED, **fields):
        take = generate(prompt, **fields)
        submit.sweep()
        assert fresh(take).status == "uncertain"
        return take

    return send


@pytest.fixture
def read(travel):
    """`read(seconds=31)` lets the time pass and takes a reading."""

    def after(**delta):
        travel(**delta)
        reconcile.sweep()

    return after


@pytest.fixture
def ambiguous():
    """How many answers were counted as lost since the test began."""
    tally._counts.clear()
    yield lambda: tally._counts[account().pk, "ambiguous"]
    tally._counts.clear()


def creates(simulator) -> int:
    return len(simulator.ledger())


def answer(task_id: str) -> TaskCreated:
    return TaskCreated(task_id, TaskStatus.PENDING, "request", clock.now(), None)


def told_of(person, verb, take) -> bool:
    return Notification.objects.filter(person=person, activity__verb=verb, activity__generation=take).exists()


def strangers_task(simulator, prompt: str = "Somebody else's film", **parameters) -> str:
    """A task of the same Wan account that another program made."""
    request = replace(FILM, prompt=prompt, **parameters)
    return wan.client_for(account()).create_video(request).task_id


class TestFound:
    def test_in_the_list_is_linked_and_saved_without_a_second_create(self, lose, read, rendered, simulator, way):
        take = lose()
        rendered()

        read(seconds=31)

        (entry,) = simulator.ledger()
        assert (fresh(take).status, take.task_id) == ("archiving", entry.task_id)
        assert attempt_of(take).outcome == Outcome.FOUND
        assert (take.cost, take.reserved) == (take.price, 0)
        assert fresh(way.until(take, "ready")).video_size == len(simulator.video_bytes(entry.task_id))
        assert creates(simulator) == 1

    @pytest.mark.parametrize("prompt", ["  A harbour at dawn \n", "A harbour\r\nat  dawn", "長" * 5200])
    def test_although_blanks_or_the_cut_changed_the_prompt(self, lose, read, rendered, simulator, prompt):
        simulator.faults.add("drop_create_answer", times=1)
        take = lose(prompt)
        rendered()

        read(seconds=31)

        assert fresh(take).status == "archiving"

    def test_candidate_shows_nothing_before_it_is_done(self, lose, read, simulator):
        take = lose(LANDED + " [fault: hang]")

        read(seconds=31)
        read(seconds=31)

        assert Candidate.objects.count() == 1
        assert (fresh(take).status, take.task_id, take.result_url, take.rendering_at) == ("uncertain", "", "", None)

    def test_candidate_lets_the_account_go_on(self, lose, read, generate, simulator):
        lose(LANDED + " [fault: hang]")
        other = generate("Another harbour")
        submit.sweep()
        assert (fresh(other).status, other.waiting_for) == ("queued", "checking")

        read(seconds=31)
        submit.sweep()

        assert fresh(other).status == "pending"

    def test_one_that_failed_was_free_and_counts_as_absent(self, lose, read, rendered, simulator):
        take = lose(LANDED + " [fault: fail=InternalError]")
        rendered()

        read(seconds=31)
        read(seconds=31)
        read(seconds=31)

        assert fresh(take).status == "queued"
        assert Candidate.objects.get().is_excluded
        assert attempt_of(take).outcome == Outcome.ABSENT

    @pytest.mark.parametrize(
        "other", [{"prompt": "Another film"}, {"duration": 3}, {"ratio": "1:1"}, {"resolution": "1080P"}]
    )
    def test_one_of_another_recipe_is_not_linked(self, lose, read, rendered, simulator, other):
        take = lose(NOT_LANDED)
        strangers_task(simulator, **{"prompt": NOT_LANDED.replace("[", "("), **other})
        rendered()

        read(seconds=31)

        assert fresh(take).status == "uncertain"
        assert Candidate.objects.get().is_excluded

    def test_of_two_identical_takes_each_gets_its_own_task(self, generate, simulator, travel, read, rendered):
        simulator.faults.add("drop_create_answer", times=2)
        takes = [generate("The same harbour"), generate("The same harbour")]
        submit.sweep()
        SubmitAttempt.objects.update(person_asked_at=clock.now())  # so that the second is sent as well
        submit.sweep()
        rendered()

        read(seconds=31)
        read(seconds=31)

        assert {fresh(take).status for take in takes} == {"archiving"}
        assert {take.task_id for take in takes} == {entry.task_id for entry in simulator.ledger()}
        assert creates(simulator) == 2

    def test_a_task_that_an_attempt_holds_is_no_candidate(self, generate, lose, read, simulator):
        generate("Before it")
        submit.sweep()
        lose(NOT_LANDED)

        read(seconds=31)

        assert not Candidate.objects.exists()


class TestAbsent:
    def test_after_two_complete_readings_it_is_sent_again_once(self, lose, read, simulator):
        take = lose(NOT_LANDED)
        read(seconds=31)
        assert fresh(take).status == "uncertain"
        read(seconds=31)
        assert (fresh(take).status, take.reserved) == ("queued", take.price)
        assert kinds(take)[-1] == "certainly_absent"

        submit.sweep()

        assert fresh(take).status == "pending"
        assert creates(simulator) == 1
        assert [attempt.outcome for attempt in SubmitAttempt.objects.order_by("pk")] == [
            Outcome.ABSENT,
            Outcome.ACCEPTED,
        ]

    def test_is_not_concluded_before_the_first_half_minute(self, lose, read, alice, simulator):
        take = lose(NOT_LANDED)
        for _ in range(3):
            decision.decide(fresh(take), choice="check", by=alice)
            read(seconds=5)

        assert fresh(take).status == "uncertain"
        assert attempt_of(take).absent_readings == 0

    def test_is_not_concluded_before_the_first_minute(self, lose, read, alice, simulator):
        take = lose(NOT_LANDED)
        read(seconds=31)
        decision.decide(fresh(take), choice="check", by=alice)
        read(seconds=5)

        assert fresh(take).status == "uncertain"

    @pytest.mark.parametrize("fault", ["list_500", "list_throttle"])
    def test_is_not_proven_by_a_list_that_does_not_answer(self, lose, read, simulator, fault):
        take = lose(NOT_LANDED)
        simulator.faults.add(fault)
        for _ in range(4):
            read(seconds=61)
        assert (fresh(take).status, attempt_of(take).absent_readings) == ("uncertain", 0)

        simulator.faults.clear()
        read(seconds=61)
        read(seconds=61)

        assert fresh(take).status == "queued"

    def test_is_not_proven_by_a_list_that_lacks_one_of_our_tasks(self, generate, lose, read, simulator):
        generate("Before it")
        submit.sweep()
        take = lose(NOT_LANDED)
        simulator.faults.add("list_incomplete", omit=1)

        for _ in range(4):
            read(seconds=61)

        assert (fresh(take).status, attempt_of(take).absent_readings) == ("uncertain", 0)

    def test_can_be_proven_after_an_old_task_was_taken_in(self, generate, simulator, travel, project, alice):
        generate("Makes the account")
        task_id = strangers_task(simulator)
        travel(hours=22)
        desk.request(account())
        desk.sweep()
        desk.adopt(account(), task_id, project=project, by=alice)

        travel(hours=3)  # the list has forgotten it, and nobody misses it there

        assert listing.read_list(account()) == []

    def test_is_proven_by_lists_of_several_pages(self, lose, read, simulator, monkeypatch):
        monkeypatch.setattr(listing, "PAGE_SIZE", 2)
        take = lose(NOT_LANDED)
        SubmitAttempt.objects.update(
            started_at=clock.now() + timedelta(hours=1), ended_at=clock.now() + timedelta(hours=1)
        )
        for n in range(3):
            strangers_task(simulator, f"Film {n}")

        read(hours=1, seconds=31)
        read(seconds=31)

        assert fresh(take).status == "queued"
        assert simulator.counts()["list"] == 4

    def test_ends_a_take_that_somebody_wanted_canceled(self, lose, read, alice, simulator):
        take = lose(NOT_LANDED)
        cancel.request(fresh(take), by=alice)

        read(seconds=31)
        read(seconds=31)

        assert (fresh(take).status, take.cost, take.reserved, take.possibly_charged) == ("canceled", 0, 0, 0)


class TestClockOfWan:
    def test_that_is_an_hour_ahead_is_corrected(self, lose, simulator):
        take = lose()
        attempt = attempt_of(take)
        WanAccount.objects.update(clock_skew=3600)
        attempt.account.refresh_from_db()
        created_at = clock.now() + timedelta(hours=1)

        assert reconcile.is_around(attempt, created_at, "")
        WanAccount.objects.update(clock_skew=0)
        attempt.account.refresh_from_db()
        assert not reconcile.is_around(attempt, created_at, "")


class TestKeyThatSent:
    """Wan's list names the key of each task. Which one is ours is learnt from the list itself."""

    def known(self, generate):
        """A take that the present key has sent, and a reading that shows it."""
        generate("An earlier film")
        submit.sweep()
        listing.read_list(account())

    def colleagues_task(self, simulator):
        """At the same time, sent with another key of the same Wan account; it goes on rendering."""
        simulator.faults.add("hang", seconds=3600)
        with DashScopeClient(base_url=account().base_url, api_key=f"{settings.DASHSCOPE_API_KEY}~2") as client:
            return client.create_video(FILM).task_id

    def test_is_learnt_from_what_it_has_sent(self, generate):
        self.known(generate)

        assert account().api_key_id == key_id_of(settings.DASHSCOPE_API_KEY)
        assert account().api_key_print == account().key_print

    def test_makes_a_task_of_another_key_no_candidate(self, generate, lose, read, simulator):
        self.known(generate)
        take = lose(NOT_LANDED)
        self.colleagues_task(simulator)

        read(seconds=31)
        read(seconds=31)

        assert fresh(take).status == "queued"
        assert not Candidate.objects.exists()

    def test_unknown_excludes_nothing(self, lose, read, simulator):
        take = lose(NOT_LANDED)
        task_id = self.colleagues_task(simulator)

        read(seconds=31)
        read(seconds=31)

        assert fresh(take).status == "uncertain"
        assert Candidate.objects.get().task_id == task_id

    def test_changed_meanwhile_excludes_nothing(self, generate, lose, read, settings):
        self.known(generate)
        take = lose(LANDED)
        settings.DASHSCOPE_API_KEY += "~3"
        account_checks.sweep()
        WanAccount.objects.update(api_key_id="of the new key", api_key_print=account().key_print)

        read(seconds=31)

        assert Candidate.objects.filter(attempt=attempt_of(take)).exists() or fresh(take).status == "archiving"

    def test_of_a_changed_key_is_learnt_anew(self, generate, settings):
        self.known(generate)
        settings.DASHSCOPE_API_KEY += "~3"
        account_checks.sweep()

        listing.read_list(account())

        assert account().api_key_id == ""
        self.known(generate)
        assert account().api_key_id == key_id_of(settings.DASHSCOPE_API_KEY)

    def test_that_the_list_calls_by_several_names_excludes_nothing(self, generate):
        self.known(generate)

        wan.learn_key(account(), {"one", "another"})

        assert account().api_key_id == ""

    def test_is_kept_while_the_list_shows_nothing_of_it(self, generate):
        self.known(generate)

        wan.learn_key(account(), set())

        assert account().api_key_id == key_id_of(settings.DASHSCOPE_API_KEY)


class TestLateAnswer:
    def test_of_an_uncertain_take_brings_it_to_wan(self, lose, simulator):
        take = lose()
        task_id = simulator.ledger()[0].task_id

        answers.accept(attempt_of(take), answer(task_id))

        assert (fresh(take).status, take.task_id) == ("pending", task_id)
        assert kinds(take)[-1] == "late_answer"

    def test_of_a_take_that_waits_again_is_its_own(self, lose, read, simulator):
        take = lose(NOT_LANDED)
        attempt = attempt_of(take)
        read(seconds=31)
        read(seconds=31)

        answers.accept(attempt, answer("late"))
        submit.sweep()

        assert (fresh(take).status, take.task_id) == ("pending", "late")
        assert simulator.counts()["create"] == 1

    def test_after_the_list_was_faster_changes_nothing(self, lose, read, rendered, simulator):
        take = lose()
        attempt = attempt_of(take)
        rendered()
        read(seconds=31)
        task_id = simulator.ledger()[0].task_id

        answers.accept(attempt, answer(task_id))

        assert Generation.objects.count() == 1
        assert (fresh(take).status, take.task_id) == ("archiving", task_id)

    def test_after_the_list_gave_it_a_twins_task_makes_a_new_take(self, lose, read, rendered, simulator):
        take = lose()
        attempt = attempt_of(take)
        rendered()
        read(seconds=31)
        found = fresh(take).task_id

        answers.accept(attempt, answer("twin"))

        late = Generation.objects.get(parent=take)
        assert (fresh(take).status, take.task_id) == ("archiving", found)
        assert (late.status, late.origin, late.task_id, late.reserved) == ("pending", "late", "twin", take.price)
        assert (attempt_of(take).task_id, attempt_of(late).task_id) == (found, "twin")
        assert attempt_of(take) == attempt

    def test_of_a_discarded_take_makes_a_new_one_that_points_to_it(self, lose, alice, simulator):
        take = lose()
        attempt = attempt_of(take)
        decision.decide(take, choice="discard", by=alice)
        WanAccount.objects.update(own_price_720p="0.5", own_price_1080p="0.5")  # later than the call

        answers.accept(attempt, answer(simulator.ledger()[0].task_id))

        late = Generation.objects.get(parent=take)
        assert (late.status, late.origin, late.task_id) == ("pending", "late", simulator.ledger()[0].task_id)
        assert (late.reserved, fresh(take).possibly_charged) == (take.price, 0)
        assert SubmitAttempt.objects.get(pk=attempt.pk).generation == late

    def test_of_a_discarded_take_leads_nobody_into_another_project(self, lose, alice, team, simulator):
        take = lose()
        decision.decide(take, choice="discard", by=alice)
        elsewhere = ProjectFactory(team=team)
        type(alice).objects.filter(pk=alice.pk).update(last_project=elsewhere)

        answers.accept(attempt_of(take), answer(simulator.ledger()[0].task_id))

        assert Generation.objects.filter(parent=take).exists()
        assert fresh(alice).last_project == elsewhere

    def test_of_a_take_with_another_live_task_makes_a_new_one(self, lose, alice, simulator):
        take = lose()
        attempt = attempt_of(take)
        decision.decide(take, choice="again", by=alice)
        submit.sweep()
        assert fresh(take).status == "pending"

        answers.accept(attempt, answer(simulator.ledger()[0].task_id))

        late = Generation.objects.get(parent=take)
        assert (late.status, late.origin) == ("pending", "late")
        assert fresh(take).task_id == simulator.ledger()[1].task_id
        assert (take.reserved, take.possibly_charged) == (take.price, 0)

    def test_for_a_task_the_list_gave_to_another_attempt_is_left_to_the_list(self, lose, generate, simulator):
        take = lose()
        other = generate("Another")
        SubmitAttempt.objects.create(
            generation=other, account=account(), fence=1, started_at=clock.now(), outcome=Outcome.FOUND, task_id="taken"
        )

        answers.accept(attempt_of(take), answer("taken"))

        assert fresh(take).status == "uncertain"
        assert attempt_of(take).outcome == Outcome.UNKNOWN

    def test_that_refuses_fails_the_take_for_free(self, lose, simulator):
        take = lose(NOT_LANDED)

        answers.refuse(attempt_of(take), Rejected("no", code="DataInspectionFailed", http_status=400))

        assert (fresh(take).status, take.cost, take.reserved) == ("failed", 0, 0)

    def test_that_refuses_what_was_sent_again_frees_the_money_of_the_first_try(self, lose, alice, simulator):
        take = lose(NOT_LANDED)
        attempt = attempt_of(take)
        decision.decide(take, choice="again", by=alice)

        answers.refuse(attempt, Rejected("no", code="InvalidParameter", http_status=400))

        assert (fresh(take).status, take.reserved, take.possibly_charged) == ("queued", take.price, 0)

    def test_that_is_an_error_does_not_unlink_what_the_list_found(self, lose, read, rendered, simulator):
        take = lose()
        attempt = attempt_of(take)
        rendered()
        read(seconds=31)

        answers.refuse(attempt, Unreachable("cut", may_have_landed=True))

        assert attempt_of(take).outcome == Outcome.FOUND
        assert fresh(take).status == "archiving"


class TestPerson:
    @pytest.fixture
    def asked(self, lose, read, simulator):
        """A take nobody can tell of: the list does not answer, and ten minutes are over."""
        take = lose()
        simulator.faults.add("list_500")
        read(minutes=10, seconds=1)
        return fresh(take)

    def test_is_asked_after_ten_minutes_and_the_account_goes_on(self, asked, generate):
        other = generate("Another harbour")

        submit.sweep()

        assert is_asked(asked)
        assert kinds(asked)[-1] == "person_asked"
        assert fresh(other).status == "pending"

    def test_is_not_asked_before(self, lose, read, simulator):
        take = lose()
        simulator.faults.add("list_500")

        read(minutes=9)

        assert not is_asked(fresh(take))

    def test_is_told_although_the_worker_died_meanwhile(self, lose, simulator, travel, monkeypatch):
        def die(*args, **data):
            raise SystemExit

        take = lose()
        simulator.faults.add("list_500")
        travel(minutes=11)
        with monkeypatch.context() as patch:
            patch.setattr(decision, "note", die)
            with pytest.raises(SystemExit):
                reconcile.sweep()

        reconcile.sweep()

        assert kinds(take).count("person_asked") == 1
        assert is_asked(fresh(take))

    @pytest.mark.parametrize("change", ["left", "only watches now", "can't sign in"])
    def test_who_can_not_decide_any_more_is_not_alone_in_being_told(
        self, lose, read, alice, bob, vera, team, simulator, change
    ):
        take = lose(user=bob)
        membership = Membership.objects.filter(team=team, user=bob)
        if change == "left":
            membership.delete()
        elif change == "only watches now":
            membership.update(role="viewer")
        else:
            type(bob).objects.filter(pk=bob.pk).update(is_active=False)
        simulator.faults.add("list_500")

        read(minutes=11)

        assert [person.pk for person in (alice, vera) if told_of(person, "asked", take)] == [alice.pk]

    def test_who_leaves_while_it_waits_is_followed_by_the_owners(self, lose, read, alice, bob, vera, team, simulator):
        take = lose(user=bob)
        simulator.faults.add("list_500")
        read(minutes=11)
        Membership.objects.filter(team=team, user=bob).delete()

        read(minutes=2)
        read(minutes=2)

        assert [person.pk for person in (alice, vera) if told_of(person, "asked", take)] == [alice.pk]
        assert Activity.objects.filter(verb="asked").count() == 1
        assert kinds(take).count("person_asked") == 1

    def test_an_owner_who_comes_later_is_asked_when_nobody_else_was(
        self, lose, read, alice, bob, vera, team, simulator
    ):
        take = lose(user=bob)
        simulator.faults.add("list_500")
        read(minutes=11)
        Membership.objects.filter(team=team, user__in=[alice, bob]).delete()
        read(minutes=2)
        Membership.objects.filter(team=team, user=vera).update(role="owner")

        read(minutes=2)

        assert (told_of(alice, "asked", take), told_of(vera, "asked", take)) == (False, True)

    def test_is_asked_alone_while_it_can_decide(self, lose, read, alice, bob, simulator):
        take = lose(user=bob)
        simulator.faults.add("list_500")

        read(minutes=11)

        assert (told_of(bob, "asked", take), told_of(alice, "asked", take)) == (True, False)

    def test_can_have_it_checked_again(self, asked, alice, simulator, rendered):
        rendered()
        simulator.faults.clear()

        assert decision.decide(asked, choice="check", by=alice)
        reconcile.sweep()

        assert fresh(asked).status == "archiving"

    def test_can_send_it_again_and_both_may_cost(self, asked, alice, simulator):
        assert decision.decide(asked, choice="again", by=alice)

        assert (asked.status, asked.reserved, asked.possibly_charged) == ("queued", asked.price, asked.price)
        assert Event.objects.filter(generation=asked).last().actor == alice
        submit.sweep()
        assert fresh(asked).status == "pending"
        assert creates(simulator) == 2

    def test_can_not_spend_the_money_of_a_team_that_it_has_left(self, asked, alice, project):
        moving.move(project, Team.objects.create_shared(alice, "Others"), by=alice)

        with pytest.raises(Refused, match="moved to another team"):
            decision.decide(fresh(asked), choice="again", by=alice)

        assert (fresh(asked).status, asked.possibly_charged) == ("uncertain", 0)

    def test_can_not_spend_on_an_account_that_was_taken_from_the_team(self, asked, alice, team):
        Team.objects.filter(pk=team.pk).update(uses_installation_account=False)

        with pytest.raises(Refused, match="takes no new takes"):
            decision.decide(fresh(asked), choice="again", by=alice)

        assert (fresh(asked).status, asked.possibly_charged) == ("uncertain", 0)

    def test_can_not_spend_on_an_account_that_was_closed(self, lose, alice, team, simulator):
        own = AccountFactory(team=team, origin=simulator.base_url, encrypted_key=encryption.encrypted("sk-crew"))
        take = lose()
        assert take.account == own
        WanAccount.objects.update(closed_at=clock.now())

        with pytest.raises(Refused, match="takes no new takes"):
            decision.decide(fresh(take), choice="again", by=alice)

        assert decision.decide(fresh(take), choice="discard", by=alice)

    def test_spends_by_the_budget_that_paid_first(self, asked, alice, project, team):
        elsewhere = ProjectFactory(team=team)
        BudgetFactory(team=team, scope="project", project=project, amount=asked.price)
        Generation.objects.filter(pk=asked.pk).update(project=elsewhere)

        with pytest.raises(OverBudget):
            decision.decide(fresh(asked), choice="again", by=alice)

    def test_can_discard_it_possibly_charged(self, asked, alice):
        assert decision.decide(asked, choice="discard", by=alice)

        assert (asked.status, asked.reserved, asked.possibly_charged) == ("canceled", 0, asked.price)
        assert not decision.decide(asked, choice="again", by=alice)

    def test_who_does_not_answer_for_a_day_ends_it_possibly_charged(self, asked, read):
        read(hours=24)

        assert (fresh(asked).status, asked.reserved, asked.possibly_charged) == ("canceled", 0, asked.price)
        assert kinds(asked)[-1] == "unanswered"


class TestReleased:
    def test_video_that_turns_up_later_becomes_a_take_of_its_own(self, ambiguous, lose, read, alice, rendered):
        take = lose()
        decision.decide(take, choice="discard", by=alice)
        rendered()

        read(minutes=31)

        late = Generation.objects.get(parent=take)
        assert (late.status, late.origin, late.cost) == ("archiving", "late", take.price)
        assert (fresh(take).status, take.possibly_charged) == ("canceled", 0)
        assert (late.accepted_at, "answer_lost" in kinds(late)) == (attempt_of(late).started_at, False)
        assert ambiguous() == 1

    def test_task_that_turns_up_later_and_fails_is_not_sent_again(self, lose, alice, rendered, simulator):
        take = lose(f"{LANDED} [fault: fail=InternalError.Algo]")
        decision.decide(take, choice="discard", by=alice)
        (entry,) = simulator.ledger()
        answers.accept(attempt_of(take), answer(entry.task_id))
        rendered()
        Generation.objects.update(due_at=clock.now())

        watch.sweep()

        late = Generation.objects.get(parent=take)
        assert (late.status, late.cost, late.reserved) == ("failed", 0, 0)
        submit.sweep()
        assert creates(simulator) == 1

    def test_video_that_turns_up_after_a_move_is_paid_by_who_pressed_for_it(self, lose, alice, simulator, project):
        take = lose()
        decision.decide(take, choice="discard", by=alice)
        others = Team.objects.create_shared(alice, "Others")
        moving.move(project, others, by=alice)
        (entry,) = simulator.ledger()

        answers.accept(attempt_of(take), answer(entry.task_id))

        late = Generation.objects.get(parent=take)
        assert late.team == others
        assert not Spending.objects.filter(team=others).exists()
        assert ledger.first_entry(late).day == ledger.first_entry(take).day

    def test_video_found_before_it_was_sent_again_is_not_sent_again(
        self, ambiguous, lose, read, alice, rendered, simulator
    ):
        take = lose()
        WanAccount.objects.update(held_until=clock.now() + timedelta(hours=2), held_for="throttled")
        decision.decide(take, choice="again", by=alice)
        rendered()

        read(minutes=31)

        assert (fresh(take).status, take.cost, take.possibly_charged) == ("archiving", take.price, 0)
        assert creates(simulator) == 1
        assert kinds(take).count("answer_lost") == 1
        assert ambiguous() == 1

    def test_candidate_is_asked_for_until_the_day_is_over(self, lose, read, alice, simulator):
        take = lose(LANDED + " [fault: hang]")
        read(seconds=31)
        decision.decide(take, choice="discard", by=alice)
        read(hours=23)
        asked = simulator.counts()["query"]
        assert asked > 1

        read(hours=1)
        read(hours=1)

        assert simulator.counts()["query"] == asked

    def test_money_comes_back_when_a_day_of_lists_shows_nothing(self, lose, read, alice, simulator):
        take = lose(NOT_LANDED)
        decision.decide(take, choice="discard", by=alice)
        for _ in range(3):
            read(hours=7)
        assert fresh(take).possibly_charged == take.price

        read(hours=4)

        assert (fresh(take).status, take.possibly_charged) == ("canceled", 0)

    def test_money_stays_when_the_lists_could_not_be_read(self, lose, read, alice, simulator):
        take = lose(NOT_LANDED)
        decision.decide(take, choice="discard", by=alice)
        simulator.faults.add("list_500")

        for _ in range(4):
            read(hours=7)

        assert fresh(take).possibly_charged == take.price
        assert not reconcile.SubmitAttempt.objects.exclude(next_reading_at=None).exists()


class TestStuck:
    def test_submitting_is_swept_after_deadline_and_margin(self, generate, simulator, travel, settings):
        take = generate()
        claimed = submit._claim_next(account())
        submit._open_attempt(claimed, account(), submit._take_lease(account()))
        travel(seconds=settings.POST_DEADLINE + settings.STUCK_MARGIN - 2)
        reconcile.sweep()
        assert fresh(take).status == "submitting"

        travel(seconds=3)
        reconcile.sweep()

        assert (fresh(take).status, attempt_of(take).outcome) == ("uncertain", Outcome.UNKNOWN)

    def test_that_never_left_is_sent_once(self, generate, simulator, travel, settings):
        take = generate()
        claimed = submit._claim_next(account())
        submit._open_attempt(claimed, account(), submit._take_lease(account()))

        for _ in range(4):
            travel(seconds=200)
            reconcile.sweep()
            submit.sweep()
            watch.sweep()

        assert creates(simulator) == 1
        assert fresh(take).task_id == simulator.ledger()[0].task_id
