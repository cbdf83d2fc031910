"""Turns per second that all workers share."""

import pytest
import time_machine
from django.utils import timezone

from generations import limiter
from generations.models import RateBucket
from tests.factories import AccountFactory


@pytest.fixture
def account(db):
    return AccountFactory()


@pytest.fixture
def still(monkeypatch):
    """Time stands still, and waiting is written down."""
    waits = []
    monkeypatch.setattr("generations.limiter.time.sleep", waits.append)
    with time_machine.travel(timezone.now(), tick=False):
        yield waits


class TestWaitForTurn:
    def test_spaces_creates_wider_than_wan_asks_for(self, account, still):
        for _ in range(3):
            assert limiter.wait_for_turn(account, "create")

        assert still == pytest.approx([0, 0.25, 0.5])

    def test_refuses_a_turn_that_comes_too_late(self, account, still):
        turns = [limiter.wait_for_turn(account, "create", patience=0.3) for _ in range(3)]

        assert turns == [True, True, False]

    def test_accounts_and_operations_have_turns_of_their_own(self, account, still):
        limiter.wait_for_turn(account, "create")
        limiter.wait_for_turn(account, "query")
        limiter.wait_for_turn(_with_key("sk-of-others"), "create")

        assert still == pytest.approx([0, 0, 0])

    def test_rows_of_one_key_share_their_turns(self, still, db):
        limiter.wait_for_turn(_with_key("sk-of-two-teams"), "create")
        limiter.wait_for_turn(_with_key("sk-of-two-teams"), "create")

        assert still == pytest.approx([0, 0.25])


def _with_key(key):
    account = AccountFactory()
    account.set_api_key(key)
    account.save()
    return account


class TestLeavesNow:
    def test_a_late_call_makes_the_next_one_wait_the_whole_pause(self, account, still):
        limiter.wait_for_turn(account, "create")
        RateBucket.objects.update(next_at=timezone.now())  # as if the pause had passed in the work before sending

        limiter.leaves_now(account, "create")
        limiter.wait_for_turn(account, "create")

        assert still == pytest.approx([0, 0.25])

    def test_does_not_bring_a_turn_forward(self, account, still):
        limiter.wait_for_turn(account, "create")
        limiter.wait_for_turn(account, "create")

        limiter.leaves_now(account, "create")
        limiter.wait_for_turn(account, "create")

        assert still == pytest.approx([0, 0.25, 0.5])
