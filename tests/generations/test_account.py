"""Who pays for a team's takes."""

from decimal import Decimal

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

    def test_another_workspace_of_the_region_keeps_the_own_prices(self, team, settings):
        before = WanAccount.objects.for_team(team)
        WanAccount.objects.update(own_price_720p="0.09")

        settings.DASHSCOPE_WORKSPACE_ID = "another"
        after = WanAccount.objects.for_team(team)

        assert after != before
        assert (after.own_price_720p, after.own_price_1080p) == (Decimal("0.09"), None)

    def test_another_region_bills_by_its_list(self, team, settings):
        WanAccount.objects.for_team(team)
        WanAccount.objects.update(own_price_720p="0.09")

        settings.DASHSCOPE_REGION = "beijing"

        assert not WanAccount.objects.for_team(team).has_own_prices

    def test_without_leave_there_is_none(self, team):
        WanAccount.objects.for_team(team)
        team.uses_installation_account = False

        assert WanAccount.objects.for_team(team) is None
