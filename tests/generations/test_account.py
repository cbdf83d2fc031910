"""Who pays for a team's takes."""

import pytest

from generations.models import WanAccount
from tests.factories import AccountFactory


class TestForTeam:
    @pytest.fixture(autouse=True)
    def allowed(self, team):
        team.uses_installation_account = True

    def test_the_installations_account_is_made_when_first_needed(self, team):
        account = WanAccount.objects.for_team(team)

        assert account.is_installations
        assert WanAccount.objects.for_team(team) == account

    def test_an_own_one_comes_first(self, team):
        installations = WanAccount.objects.for_team(team)
        own = AccountFactory(team=team)

        assert installations != own
        assert WanAccount.objects.for_team(team) == own

    def test_both_are_asked_for_at_once(self, team, django_assert_num_queries):
        WanAccount.objects.for_team(team)

        with django_assert_num_queries(1):
            WanAccount.objects.for_team(team)

    def test_without_leave_there_is_none(self, team):
        WanAccount.objects.for_team(team)
        team.uses_installation_account = False

        assert WanAccount.objects.for_team(team) is None
