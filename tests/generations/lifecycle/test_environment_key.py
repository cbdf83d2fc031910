"""A DASHSCOPE_API_KEY that has changed with a start: used once it is seen to be of the same Wan account."""

from __future__ import annotations

import pytest

from generations import alarms
from generations.lifecycle import account_checks, submit, watch
from generations.models import AccountCheck, Alarm, AlarmKind, SubmitAttempt, WanAccount
from tests.generations.lifecycle.conftest import account, fresh

OF_ANOTHER = "sk-of-another-wan-account"


@pytest.fixture
def rendering(generate):
    """Sent with the first key, which a worker has noted."""
    take = generate("A harbour [fault: hang]")
    submit.sweep()
    account_checks.sweep()
    return fresh(take)


@pytest.fixture
def turn(way):
    """The workers' sweeps, the one that looks at keys among them."""

    def turn():
        WanAccount.objects.exclude(breaker_probe_at=None).update(breaker_probe_at="2020-01-01T00:00:00Z")
        account_checks.sweep()
        way.turn()

    return turn


def accounts_at_wan(simulator):
    return {entry.account for entry in simulator.ledger()}


@pytest.mark.django_db
class TestAnotherWanAccounts:
    def test_is_not_used(self, rendering, generate, simulator, settings, turn):
        settings.DASHSCOPE_API_KEY = OF_ANOTHER
        second = generate("Another boat")
        asked = simulator.counts()["create"]

        for _ in range(3):
            turn()

        assert fresh(rendering).unrecognised_since is None
        assert (fresh(second).status, second.waiting_for) == ("queued", "unproved")
        assert simulator.counts()["create"] == asked
        assert len(accounts_at_wan(simulator)) == 1

    def test_is_not_used_before_a_worker_has_looked_either(self, rendering, generate, simulator, settings, way):
        settings.DASHSCOPE_API_KEY = OF_ANOTHER
        second = generate("Another boat")

        way.turn()

        assert (fresh(second).status, second.waiting_for) == ("queued", "unproved")
        assert fresh(rendering).unrecognised_since is None

    def test_is_told(self, rendering, settings, turn):
        settings.DASHSCOPE_API_KEY = OF_ANOTHER

        turn()
        alarms.sweep()

        assert AccountCheck.objects.get().verdict == "foreign"
        assert account().standing.is_trouble
        assert Alarm.objects.get().kind == AlarmKind.UNPROVED

    def test_goes_on_with_the_old_one(self, rendering, generate, simulator, settings, turn):
        first = settings.DASHSCOPE_API_KEY
        settings.DASHSCOPE_API_KEY = OF_ANOTHER
        second = generate("Another boat")
        turn()
        settings.DASHSCOPE_API_KEY = first

        turn()

        assert account().breaker == ""
        assert fresh(second).task_id
        assert len(accounts_at_wan(simulator)) == 1

    def test_is_taken_when_no_task_could_tell(self, rendering, settings, turn):
        SubmitAttempt.objects.update(started_at="2020-01-01T00:00:00Z")
        settings.DASHSCOPE_API_KEY = OF_ANOTHER

        turn()

        assert account().proved_print == account().key_print
        assert account().breaker == ""


@pytest.mark.django_db
class TestOfTheSameWanAccount:
    def test_is_used_once_it_has_seen_the_latest_task(self, rendering, generate, simulator, settings, turn):
        settings.DASHSCOPE_API_KEY += "~2"
        second = generate("Another boat")
        submit.sweep()
        assert fresh(second).waiting_for == "unproved"

        turn()

        assert fresh(second).task_id
        assert AccountCheck.objects.get().verdict == "fine"
        watch.sweep()
        assert fresh(rendering).unrecognised_since is None

    def test_is_the_one_that_sent_the_latest_task(self, generate, settings):
        """Also where nobody noted it before the key changed."""
        generate("A harbour [fault: hang]")
        submit.sweep()
        first = account().key_print
        settings.DASHSCOPE_API_KEY = OF_ANOTHER

        account_checks.sweep()

        assert (account().proved_print, account().breaker) == (first, "unproved")
