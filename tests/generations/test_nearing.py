"""A budget that nears its end is told once a month and line, to those who can do something about it."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from accounts.bell import NotificationList
from generations.lifecycle import batches, decision, printing, retry
from generations.lifecycle.press import press
from generations.lifecycle.refused import Refused
from generations.models import Batch, Generation, Spending, SubmitAttempt
from teams.models import Activity
from tests.factories import AccountFactory, BudgetFactory, ReadyFactory, SceneFactory
from tests.generations.pressing import RECIPE


@pytest.fixture
def account(team):
    return AccountFactory(team=team)


@pytest.fixture
def spend(project, account, bob):
    """A press of Bob's that costs 0.2 US dollars."""

    def spend(day=28, month=11, takes=1):
        with time_machine.travel(datetime(2026, month, day, 12, tzinfo=UTC), tick=False):
            return press(RECIPE, user=bob, project=project, scene=None, takes=takes, token=uuid.uuid4())

    return spend


def told(person):
    lines = [one for one in NotificationList(person).shown if one.notification.activity.verb.startswith("budget")]
    return [one.entry.text for one in lines]


def cost(spend):
    (take,) = spend(month=10)
    return take.reserved


class TestNearing:
    def test_owners_are_told_once(self, spend, team, project, alice, bob, vera):
        each = cost(spend)
        BudgetFactory(team=team, scope="project", project=project, amount=each * 10, warn_at=50)
        for _press in range(4):
            spend()
        assert told(alice) == []

        for _press in range(3):
            spend()

        assert told(alice) == ["The budget of Harbour film is nearly used up"]
        assert told(bob) == told(vera) == []

    def test_the_person_is_told_of_their_own(self, spend, team, alice, bob):
        each = cost(spend)
        BudgetFactory(team=team, scope="person", person=bob, amount=each * 2, warn_at=50)

        spend()
        spend()

        assert told(bob) == told(alice) == ["The budget of Bob is used up", "The budget of Bob is nearly used up"]

    def test_again_when_it_falls_and_rises_only_next_month(self, spend, team, alice):
        each = cost(spend)
        BudgetFactory(team=team, amount=each * 2, warn_at=50)
        spend()
        Spending.objects.update(reserved=Decimal(0))
        spend()
        assert len(told(alice)) == 1

        spend(month=12)

        assert told(alice) == ["The budget of the team is nearly used up"] * 2

    def test_a_stop_is_told_though_nothing_is_made(self, spend, team, alice):
        each = cost(spend)
        BudgetFactory(team=team, amount=each * 2, warn_at=100)

        for _press in range(2):
            with pytest.raises(Refused):
                spend(takes=3)

        assert told(alice) == ["The budget of the team has stopped a press"]

    def test_a_stopped_retry_is_told(self, spend, team, alice, bob):
        (take,) = spend(month=10)
        Generation.objects.update(status="failed", finished_at=timezone.now())
        BudgetFactory(team=team, amount=0)

        with pytest.raises(Refused):
            retry.again(take, by=bob, token=uuid.uuid4())

        assert told(alice) == ["The budget of the team has stopped a press"]

    def test_a_stopped_retry_of_all_that_failed_is_told(self, spend, team, alice, bob):
        each = cost(spend)
        spend(month=10)
        Generation.objects.update(status="failed", finished_at=timezone.now())
        BudgetFactory(team=team, amount=each * Decimal("1.5"), warn_at=100)

        with pytest.raises(Refused):
            retry.all_failed(Generation.objects.all(), by=bob, token=uuid.uuid4())

        assert told(alice) == ["The budget of the team has stopped a press"]

    def test_a_stopped_print_is_told(self, spend, team, project, account, alice, bob):
        proof = ReadyFactory(scene=SceneFactory(project=project), owner=bob, account=account, resolution="480P")
        BudgetFactory(team=team, amount=0)

        with pytest.raises(Refused):
            printing.print_take(proof, by=bob, token=uuid.uuid4())

        assert told(alice) == ["The budget of the team has stopped a press"]

    def test_a_take_that_is_not_sent_again_is_told(self, spend, team, account, alice, bob):
        (take,) = spend()
        Generation.objects.update(status="uncertain")
        sent = {"fence": 1, "started_at": timezone.now(), "ended_at": timezone.now(), "outcome": "unknown"}
        SubmitAttempt.objects.create(generation=take, account=account, **sent)
        BudgetFactory(team=team, amount=0)
        take.refresh_from_db()

        with pytest.raises(Refused):
            decision.decide(take, choice="again", by=bob)

        assert told(alice) == ["The budget of the team has stopped a press"]

    def test_a_take_that_is_not_sent_again_is_told_of_the_month_that_paid(self, spend, team, account, alice, bob):
        (take,) = spend(month=10)
        BudgetFactory(team=team, amount=take.reserved, month=date(2026, 10, 1))
        Generation.objects.update(status="uncertain")
        sent = {"fence": 1, "started_at": take.created_at, "ended_at": take.created_at, "outcome": "unknown"}
        SubmitAttempt.objects.create(generation=take, account=account, **sent)
        take.refresh_from_db()

        with time_machine.travel(datetime(2026, 11, 1, 1, tzinfo=UTC), tick=False), pytest.raises(Refused) as refusal:
            decision.decide(take, choice="again", by=bob)
        with time_machine.travel(datetime(2026, 11, 1, 2, tzinfo=UTC), tick=False), pytest.raises(Refused):
            spend(day=2, takes=2)

        assert refusal.value.sentence == "This needs US$\xa00.20, the team has US$\xa00.00 left in October 2026."
        assert told(alice) == [
            "The budget of the team has stopped a press",
            "The budget of the team for October 2026 has stopped a press",
        ]

    def test_who_decides_for_another_reads_whose_money_is_short(self, spend, team, account, alice, bob):
        (take,) = spend()
        BudgetFactory(team=team, scope="person", person=bob, amount=take.reserved)
        Generation.objects.update(status="uncertain")
        sent = {"fence": 1, "started_at": take.created_at, "ended_at": take.created_at, "outcome": "unknown"}
        SubmitAttempt.objects.create(generation=take, account=account, **sent)
        take.refresh_from_db()

        refused = {}
        for person in (alice, bob):
            with time_machine.travel(datetime(2026, 11, 28, 13, tzinfo=UTC), tick=False), pytest.raises(Refused) as no:
                decision.decide(take, choice="again", by=person)
            refused[person.name] = no.value.sentence

        assert refused == {
            "Alice": "This needs US$\xa00.20, Bob has US$\xa00.00 left this month.",
            "Bob": "This needs US$\xa00.20, you have US$\xa00.00 left this month.",
        }

    def test_a_stopped_call_sheet_is_told_of_as_a_whole(self, spend, team, project, alice, bob):
        each = cost(spend)
        BudgetFactory(team=team, amount=each * Decimal("1.5"), warn_at=100)

        with pytest.raises(Refused):
            batches.send([("one", RECIPE), ("two", RECIPE)], user=bob, project=project, name="", token=uuid.uuid4())

        assert told(alice) == ["The budget of the team has stopped a press"]
        assert not Batch.objects.exists()

    def test_a_refused_press_tells_of_no_nearing(self, spend, team, project, alice):
        each = cost(spend)
        BudgetFactory(team=team, amount=each * 10, warn_at=10)
        BudgetFactory(team=team, scope="project", project=project, amount=0)

        with pytest.raises(Refused):
            spend(takes=4)

        assert not Activity.objects.filter(verb="budget_near").exists()

    def test_a_budget_that_only_warns_is_told_when_it_is_used_up(self, spend, team, alice):
        each = cost(spend)
        BudgetFactory(team=team, amount=each, warn_at=80, stops=False)

        spend()
        spend()

        assert told(alice) == ["The budget of the team is used up"]
