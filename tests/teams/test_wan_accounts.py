"""A team's Wan accounts: entered, tried by a worker at no cost, rotated, closed; the key is never shown."""

import pytest
from django.urls import reverse

from generations.lifecycle import account_checks
from generations.models import AccountCheck, WanAccount
from teams import closing
from tests.factories import AccountFactory, GenerationFactory, SceneFactory, TeamFactory
from tests.generations.pressing import press_once

KEY = "sk-crew-0123456789"
FIELDS = {
    "name": "Crew",
    "region": "singapore",
    "workspace_id": "",
    "running_limit": "3",
    "pending_limit": "50",
    "creates_per_second": "2",
    "queries_per_second": "10",
    "key": KEY,
}


def ask(client, action, account, **data):
    return client.post(reverse(f"teams:wan_{action}", args=[account.team.uuid, account.uuid]), data)


def look(client, account):
    return client.get(reverse("teams:wan_account", args=[account.team.uuid, account.uuid])).content.decode()


@pytest.fixture
def add(as_alice, team):
    def add(**fields):
        return as_alice.post(reverse("teams:wan_accounts", args=[team.uuid]), FIELDS | fields)

    return add


@pytest.fixture
def account(simulator, team):
    account = AccountFactory(team=team, origin=simulator.base_url)
    account.set_api_key(KEY)
    account.save()
    return account


class TestAdding:
    def test_stores_the_key_encrypted_and_has_it_tried(self, add, team, as_alice, simulator):
        response = add()

        account = WanAccount.objects.get(team=team)
        assert response.status_code == 303
        assert account.api_key == KEY
        assert KEY.encode() not in bytes(account.encrypted_key)
        assert (account.running_limit, account.pending_limit) == (3, 50)
        assert "Trying" in look(as_alice, account)
        account_checks.sweep()
        assert "Key, region and model are right." in look(as_alice, account)
        assert KEY not in look(as_alice, account)
        assert simulator.ledger() == []

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"key": "has a blank"}, "no blanks"),
            ({"key": ""}, "required"),
            ({"key": "k" * 301}, "300 characters"),
            ({"region": "mars"}, "not one of the available choices"),
            ({"workspace_id": "Nope!"}, "small letters"),
            ({"running_limit": "0"}, "greater than or equal to 1"),
            ({"running_limit": "-1"}, "greater than or equal to 1"),
            ({"running_limit": "NaN"}, "whole number"),
            ({"name": "x" * 81}, "at most 80"),
        ],
    )
    def test_wrong_values_get_words_and_the_key_does_not_come_back(self, add, team, wrong, words):
        response = add(**wrong)

        page = response.content.decode()
        assert response.status_code == 422
        assert words in page
        assert KEY not in page
        assert not WanAccount.objects.filter(team=team).exists()

    @pytest.mark.parametrize(("person", "status"), [("bob", 403), ("vera", 403), ("charlie", 404)])
    def test_is_for_owners(self, sign, request, team, account, person, status):
        client = sign(request.getfixturevalue(person))

        assert client.get(reverse("teams:wan_accounts", args=[team.uuid])).status_code == status
        for action in ("key", "check", "close"):
            assert ask(client, action, account).status_code == status

    def test_one_of_another_team_is_404(self, as_alice, team):
        theirs = AccountFactory(team=TeamFactory())

        assert as_alice.get(reverse("teams:wan_account", args=[team.uuid, theirs.uuid])).status_code == 404


class TestCheck:
    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            ("list_500", "not as expected"),
            ("list_throttle", "asks for a pause"),
            ("invalid_key", "refuses the key"),
        ],
    )
    def test_says_what_is_wrong(self, as_alice, account, simulator, fault, words):
        simulator.faults.add(fault, times=9)
        ask(as_alice, "check", account)

        account_checks.sweep()

        assert words in look(as_alice, account)

    def test_tells_a_model_that_may_not_be_used(self, as_alice, account, monkeypatch):
        monkeypatch.setattr("dashscope_client.catalogue.DEFAULT_MODEL", "wan9.9-t2v")
        ask(as_alice, "check", account)

        account_checks.sweep()

        assert "may not use the model wan9.9-t2v" in look(as_alice, account)

    def test_says_when_wan_is_out_of_reach(self, as_alice, team):
        account = AccountFactory(team=team)
        account.set_api_key(KEY)
        account.save()
        ask(as_alice, "check", account)

        account_checks.sweep()

        assert "reached" in look(as_alice, account)

    def test_the_page_asks_until_there_is_a_verdict(self, as_alice, account):
        ask(as_alice, "check", account)
        url = reverse("teams:wan_checked", args=[account.team.uuid, account.uuid])

        assert "hx-get" in as_alice.get(url).content.decode()
        account_checks.sweep()
        assert "hx-get" not in as_alice.get(url).content.decode()

    def test_is_made_once(self, as_alice, account, simulator):
        ask(as_alice, "check", account)
        account_checks.sweep()
        first = AccountCheck.objects.get().checked_at
        account_checks.sweep()

        assert AccountCheck.objects.get().checked_at == first


class TestNewKey:
    def test_counts_when_wan_accepts_it(self, as_alice, account):
        WanAccount.objects.update(breaker="key")

        ask(as_alice, "key", account, key="sk-fresh")
        account.refresh_from_db()
        assert account.api_key == KEY
        account_checks.sweep()

        account.refresh_from_db()
        assert account.api_key == "sk-fresh"
        assert account.breaker == ""
        assert AccountCheck.objects.get().new_key is None

    def test_must_see_the_accounts_tasks(self, as_alice, alice, account, project, way):
        way.until(press_once(user=alice, project=project), "ready")
        ask(as_alice, "key", account, key="sk-of-somebody-else")

        account_checks.sweep()

        account.refresh_from_db()
        assert account.api_key == KEY
        page = look(as_alice, account)
        assert "of another Wan account" in page
        assert "The old key is still in use." in page

    def test_blanks_are_refused_without_asking(self, as_alice, account):
        assert ask(as_alice, "key", account, key="a b").status_code == 422
        assert not AccountCheck.objects.exists()


class TestIdentity:
    def test_can_be_corrected_while_unused(self, as_alice, account):
        ask(as_alice, "account", account, **(FIELDS | {"region": "beijing"}))

        account.refresh_from_db()
        assert account.region == "beijing"

    def test_is_fixed_once_used(self, as_alice, account, project):
        GenerationFactory(account=account, scene=SceneFactory(project=project))

        ask(as_alice, "account", account, **(FIELDS | {"region": "beijing", "name": "Renamed"}))

        account.refresh_from_db()
        assert (account.region, account.name) == ("singapore", "Renamed")
        assert "stay as they are" in look(as_alice, account)


class TestClosing:
    def test_pays_no_more_and_forgets_its_key_when_nothing_is_on_its_way(self, as_alice, alice, account, project):
        take = GenerationFactory(account=account, scene=SceneFactory(project=project), status="running")
        ask(as_alice, "close", account)

        closing.sweep()
        account.refresh_from_db()
        assert account.api_key == KEY
        assert press_once(user=alice, project=project).account != account

        type(take).objects.filter(account=account).update(status="failed", finished_at=take.created_at)
        closing.sweep()
        account.refresh_from_db()
        assert account.api_key == ""

    def test_can_be_undone(self, as_alice, alice, account, project):
        ask(as_alice, "close", account)
        ask(as_alice, "close", account, back="1")

        assert press_once(user=alice, project=project).account == account


class TestFallback:
    def test_is_shown_where_it_is_allowed(self, as_alice, alice, team):
        url = reverse("teams:wan_accounts", args=[team.uuid])
        assert "An administrator allowed it." in as_alice.get(url).content.decode()

        url = reverse("teams:wan_accounts", args=[alice.personal_team.uuid])
        assert "An administrator allowed it." not in as_alice.get(url).content.decode()
