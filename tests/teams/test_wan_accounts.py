"""A team's Wan accounts: entered, tried by a worker at no cost, rotated, closed; the key is never shown."""

import re
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from dashscope_client.catalogue import MODELS
from generations.lifecycle import account_checks, retry, submit
from generations.models import AccountCheck, Generation, SubmitAttempt, WanAccount
from generations.models.account import OWN_PRICES
from generations.models.attempt import Outcome
from teams import closing
from teams.activity import record
from teams.models import Activity
from teams.telling import entries
from teams.wan_forms import AccountForm
from tests.factories import AccountFactory, BudgetFactory, GenerationFactory, ReadyFactory, SceneFactory, TeamFactory
from tests.generations.pressing import press_once
from wanstudio import encryption

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

    def test_of_what_is_another_one_at_wan_says_so_on_both(self, add, team, as_alice, simulator):
        add(name="Day shift")
        add(name="Night shift")

        day, night = WanAccount.objects.filter(team=team).order_by("pk")
        assert "“Night shift” is the same account at Wan." in look(as_alice, day)
        assert "“Day shift” is the same account at Wan." in look(as_alice, night)
        WanAccount.objects.filter(pk=day.pk).update(closed_at=timezone.now())
        assert "the same account at Wan" not in look(as_alice, night)

    def test_of_another_key_of_the_same_account_says_so_once_the_list_has_told(self, add, team, as_alice, simulator):
        add(name="Day shift")
        add(name="Night shift", key=f"{KEY}~2")
        day, night = WanAccount.objects.filter(team=team).order_by("pk")
        assert "the same account at Wan" not in look(as_alice, day)

        WanAccount.objects.filter(team=team).update(main_account="1700")

        assert "“Night shift” is the same account at Wan." in look(as_alice, day)
        assert "“Day shift” is the same account at Wan." in look(as_alice, night)

    def test_of_a_key_that_only_strangers_have_says_nothing(self, add, team, as_alice, simulator):
        AccountFactory(team=TeamFactory(), encrypted_key=encryption.encrypted(KEY))

        add()

        assert "the same account at Wan" not in look(as_alice, WanAccount.objects.get(team=team))

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
        assert page.count(" autofocus") == 1
        assert KEY not in page
        assert not WanAccount.objects.filter(team=team).exists()

    def test_asks_where_the_key_is_from(self, as_alice, team, add):
        page = as_alice.get(reverse("teams:wan_accounts", args=[team.uuid])).content.decode()

        assert '<option value="" selected>Where the key is from</option>' in page
        assert "required" in add(region="").content.decode()

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


class TestSaving:
    def test_leaves_alone_what_a_worker_writes_meanwhile(self, account):
        row = WanAccount.objects.get(pk=account.pk)
        form = AccountForm(FIELDS | {"name": "Renamed", "region": "beijing"}, instance=row)
        assert form.is_valid()
        WanAccount.objects.update(submit_fence=7, breaker="billing", own_price_1080p="0.9")

        form.save()

        account.refresh_from_db()
        assert (account.name, account.region, account.origin) == ("Renamed", "beijing", row.origin)
        assert (account.submit_fence, account.breaker, account.has_own_prices) == (7, "billing", False)


class TestTryingAgain:
    def test_sends_a_take_at_once_when_the_bill_is_paid(self, as_alice, alice, account, project, way):
        then = timezone.now() + timedelta(minutes=9)
        WanAccount.objects.filter(pk=account.pk).update(breaker="billing", breaker_probe_at=then)
        take = GenerationFactory(scene=SceneFactory(project=project, created_by=alice), account=account)
        submit.sweep()
        take.refresh_from_db()
        assert take.status == "queued"
        assert "It is settled, try again now" in look(as_alice, account)

        assert ask(as_alice, "again", account).status_code == 303
        submit.sweep()

        take.refresh_from_db()
        assert take.status == "pending"
        assert WanAccount.objects.get(pk=account.pk).breaker == ""
        assert "try again now" not in look(as_alice, account)

    def test_leaves_a_pause_of_wans_alone(self, as_alice, account):
        until = timezone.now() + timedelta(seconds=30)
        WanAccount.objects.filter(pk=account.pk).update(held_until=until)

        ask(as_alice, "again", account)

        assert WanAccount.objects.get(pk=account.pk).held_until == until

    def test_what_wan_accepts_again_goes_on(self, as_alice, account):
        WanAccount.objects.filter(pk=account.pk).update(breaker="key", breaker_since=timezone.now())
        ask(as_alice, "check", account)

        account_checks.sweep()

        assert WanAccount.objects.get(pk=account.pk).breaker == ""


class TestStanding:
    """One truth in the list of accounts and on each one's page."""

    @pytest.fixture
    def listed(self, as_alice, account):
        url = reverse("teams:wan_accounts", args=[account.team.uuid])

        def listed():
            return re.search(
                rf"{account.uuid}.*?<span class=\"push [^>]*>(.*?)</span>", as_alice.get(url).content.decode()
            )

        return lambda: listed()[1]

    def test_of_one_that_was_never_tried(self, listed, as_alice, account):
        assert listed() == "Not tried yet"
        assert "Not tried yet" in look(as_alice, account)

    def test_follows_the_last_look(self, listed, as_alice, account, simulator):
        ask(as_alice, "check", account)
        waiting = listed()
        account_checks.sweep()
        fine = listed()
        simulator.faults.add("invalid_key", times=9)
        ask(as_alice, "check", account)
        account_checks.sweep()

        assert (waiting, fine, listed()) == ("Being tried", "Working", "Wan refuses the key")

    def test_without_a_key_there_is_nothing_to_try(self, listed, as_alice, account, simulator):
        WanAccount.objects.filter(pk=account.pk).update(encrypted_key=None)

        ask(as_alice, "check", account)
        account_checks.sweep()

        page = look(as_alice, account)
        assert listed() == "No key is stored"
        assert "No key is stored" in page
        assert "refuses" not in page
        assert reverse("teams:wan_check", args=[account.team.uuid, account.uuid]) not in page
        assert not AccountCheck.objects.exists()

    def test_of_a_key_that_went_meanwhile_nothing_is_claimed(self, listed, as_alice, account, simulator):
        ask(as_alice, "check", account)
        WanAccount.objects.filter(pk=account.pk).update(encrypted_key=None)

        account_checks.sweep()

        assert listed() == "No key is stored"
        assert "refuses" not in look(as_alice, account)

    def test_of_a_closed_one_is_that_it_is_closed(self, listed, as_alice, account):
        ask(as_alice, "close", account)
        ask(as_alice, "check", account)

        assert listed() == "Closed"
        assert reverse("teams:wan_check", args=[account.team.uuid, account.uuid]) not in look(as_alice, account)
        assert not AccountCheck.objects.exists()

    def test_a_new_key_that_is_refused_says_nothing_of_the_old_one(self, listed, as_alice, account, simulator):
        simulator.faults.add("invalid_key", times=9)
        ask(as_alice, "key", account, key="sk-another-0123456789")

        account_checks.sweep()

        assert listed() == "Not tried yet"
        assert "The old key is still in use." in look(as_alice, account)


class TestClosing:
    def test_is_asked_once_more(self, as_alice, account):
        page = look(as_alice, account)

        assert 'popovertarget="close"' in page
        assert "its key is deleted when nothing is on its way any more" in page

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

    def test_keeps_its_key_while_an_answer_is_looked_for(self, as_alice, account, project):
        """A discarded take may turn up at Wan, and only its key reads the list."""
        take = GenerationFactory(account=account, scene=SceneFactory(project=project), status="canceled")
        Generation.objects.filter(pk=take.pk).update(finished_at=take.created_at)
        released = {"outcome": Outcome.RELEASED, "started_at": timezone.now(), "next_reading_at": timezone.now()}
        SubmitAttempt.objects.create(generation=take, account=account, fence=1, **released)
        ask(as_alice, "close", account)

        closing.sweep()
        account.refresh_from_db()
        assert account.api_key == KEY

        SubmitAttempt.objects.update(outcome=Outcome.ABSENT, next_reading_at=None)
        closing.sweep()
        account.refresh_from_db()
        assert account.api_key == ""

    def test_keeps_its_key_while_a_lost_clip_is_looked_for(self, as_alice, account, project):
        take = GenerationFactory(account=account, scene=SceneFactory(project=project), status="lost")
        lost = Generation.objects.filter(pk=take.pk)
        lost.update(finished_at=take.created_at, due_at=timezone.now())
        ask(as_alice, "close", account)

        closing.sweep()
        account.refresh_from_db()
        assert account.api_key == KEY

        lost.update(due_at=None)
        closing.sweep()
        account.refresh_from_db()
        assert account.api_key == ""

    def test_a_team_that_is_gone_for_good_leaves_no_key(self, alice, account, team, project):
        closing.delete_team(team, by=alice)
        closing.sweep()
        account.refresh_from_db()
        assert account.api_key == KEY

        with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
            for _ in range(3):
                closing.sweep()

        account.refresh_from_db()
        assert (account.api_key, bool(account.closed_at)) == ("", True)

    def test_can_be_undone(self, as_alice, alice, account, project):
        ask(as_alice, "close", account)
        ask(as_alice, "close", account, back="1")

        assert press_once(user=alice, project=project).account == account


class TestOtherCurrency:
    """Budgets in US$ bind nothing that an account in Beijing pays."""

    SAYS = (
        "Budgets that limit no account that bills in CN¥: The team (US$\xa020.00). "
        "They are in another currency, and amounts are never converted."
    )

    @pytest.fixture(autouse=True)
    def _budget(self, team):
        BudgetFactory(team=team, amount=20)

    def test_is_said_before_and_after_an_account_is_added(self, add, team, as_alice):
        page = as_alice.get(reverse("teams:wan_accounts", args=[team.uuid])).content.decode()
        assert f"{self.SAYS} Once such an account pays, set budgets in CN¥" in page

        page = as_alice.get(add(region="beijing").headers["Location"]).content.decode()

        assert f"{self.SAYS} Set some in CN¥" in page

    def test_is_not_said_where_the_currency_is_the_same(self, add, as_alice):
        assert (
            "Budgets that limit" not in as_alice.get(add().headers["Location"]).content.decode().partition("<main")[0]
        )

    def test_is_not_said_once_there_is_one_of_each(self, add, team, as_alice):
        BudgetFactory(team=team, amount=150, currency="CNY")

        assert "Budgets that limit" not in as_alice.get(add(region="beijing").headers["Location"]).content.decode()

    def test_is_said_where_closing_leaves_another_to_pay(self, as_alice, team, project):
        AccountFactory(team=team, region="beijing")
        newest = AccountFactory(team=team)
        GenerationFactory(account=newest, scene=SceneFactory(project=project))
        assert self.SAYS in look(as_alice, newest)

        page = as_alice.get(ask(as_alice, "close", newest).headers["Location"]).content.decode()

        assert f"{self.SAYS} Set some in CN¥" in page

    def test_is_said_where_a_project_chooses(self, as_alice, team, account, project):
        chosen = AccountFactory(team=team, region="beijing")
        url = reverse("projects:settings", args=[project.uuid])
        assert self.SAYS in as_alice.get(url).content.decode()

        sent = as_alice.post(
            reverse("projects:account", args=[project.uuid]), {"account": str(chosen.uuid)}, follow=True
        )

        assert f"{self.SAYS} Set some in CN¥" in sent.content.decode()


class TestFallback:
    def test_is_shown_where_it_is_allowed(self, as_alice, alice, team):
        url = reverse("teams:wan_accounts", args=[team.uuid])
        assert "An administrator allowed it." in as_alice.get(url).content.decode()

        url = reverse("teams:wan_accounts", args=[alice.personal_team.uuid])
        assert "An administrator allowed it." not in as_alice.get(url).content.decode()


class TestPrices:
    def set(self, client, account, **prices):
        given = {f"own_price_{size}": prices.get(f"at_{size}", "") for size in ("720p", "1080p")}
        return ask(client, "prices", account, **given)

    def test_hold_from_then_on_everywhere_and_never_for_what_was_made(self, as_alice, alice, account, project):
        before = press_once(user=alice, project=project, duration=10)

        self.set(as_alice, account, at_720p="0.0825")

        after = press_once(user=alice, project=project, duration=10)
        before.refresh_from_db()
        assert (before.price_per_second, before.reserved) == (Decimal("0.10"), Decimal("1.00"))
        assert (after.price_per_second, after.reserved) == (Decimal("0.0825"), Decimal("0.825"))
        studio = as_alice.get(f"/studio/?project={project.uuid}").content.decode()
        assert 'name="quoted" value="USD 720P:0.0825 1080P:0.1500"' in studio

    def test_are_those_of_samples(self, as_alice, account, project):
        self.set(as_alice, account, at_720p="0.08", at_1080p="0.3")

        samples = as_alice.get(f"/studio/?project={project.uuid}").context["samples"]

        assert [sample.price.amount for sample in samples] == [
            Decimal("0.3" if sample.resolution == "1080P" else "0.08") * sample.duration for sample in samples
        ]

    def test_are_those_of_a_call_sheet(self, as_alice, alice, account, project):
        self.set(as_alice, account, at_720p="0.08", at_1080p="0.3")
        rows = {"project": project.uuid, "press": uuid.uuid4(), "text": "prompt,resolution\nRain,720P\nSnow,1080P"}
        rows |= {"duration": "10", "do": "check"}

        html = as_alice.post("/studio/sheet/", rows).content.decode()
        as_alice.post("/studio/sheet/", rows | {"do": "send"})

        assert re.findall(r'<td class="price">US\$\xa0([^<]+)</td>', html) == ["0.80", "3.00"]
        assert "· US$\xa03.80" in html
        assert sum(take.reserved for take in Generation.objects.all()) == Decimal("3.80")

    def test_are_those_of_a_print(self, as_alice, alice, account, project):
        scene = SceneFactory(project=project, takes_made=1000)
        clip = ReadyFactory(scene=scene, owner=alice, account=account, duration=5)
        self.set(as_alice, account, at_1080p="0.3")

        html = as_alice.get(clip.get_absolute_url()).content.decode()
        as_alice.post(f"/generations/{clip.uuid}/print", {"token": uuid.uuid4()})

        assert "· US$\xa01.50" in html
        assert Generation.objects.get(origin="print").reserved == Decimal("1.50")

    def test_stand_beside_the_list_prices(self, as_alice, account, team):
        self.set(as_alice, account, at_720p="0.0825")

        self.set(as_alice, account, at_720p="0.0825", at_1080p="0.15")

        page = look(as_alice, account)
        assert 'value="0.0825"' in page
        assert 'value="0.15"' in page
        assert "List price US$\xa00.10" in page
        assert "List price US$\xa00.15" in page

    def test_are_told_as_what_became_of_them(self, as_alice, account, team):
        self.set(as_alice, account, at_720p="0.0825")
        self.set(as_alice, account, at_720p="0.0825", at_1080p="0.12")
        self.set(as_alice, account, at_1080p="0.12")
        self.set(as_alice, account, at_1080p="0.1200")

        told = [entry.text.replace("\xa0", " ") for entry in entries(Activity.objects.of_team(team).order_by("pk"))]
        words = f"Alice changed the prices of the Wan account {account.name}: "
        assert told == [
            f"{words}720P from the list price of US$ 0.10 to US$ 0.0825",
            f"{words}1080P from the list price of US$ 0.15 to US$ 0.12",
            f"{words}720P from US$ 0.0825 to the list price of US$ 0.10",
        ]

    def test_that_were_told_before_they_were_noted_say_so(self, alice, team):
        record("account_priced", team, by=alice, name="Studio")

        (told,) = entries(Activity.objects.of_team(team))
        assert told.text == "Alice changed the prices of the Wan account Studio: which ones was not noted"

    def test_are_the_lists_again_when_emptied(self, as_alice, alice, account, project):
        self.set(as_alice, account, at_720p="0.08")
        self.set(as_alice, account)

        assert press_once(user=alice, project=project).price_per_second == Decimal("0.10")

    def test_are_those_of_a_retry_but_not_of_tries_within_a_take(self, as_alice, alice, account, project, way):
        take = press_once("A kite [fault: fail=InternalError.Algo]", user=alice, project=project)
        self.set(as_alice, account, at_720p="0.08")

        way.until(take, "failed")

        take.refresh_from_db()
        assert (take.auto_retries, take.price_per_second) == (2, Decimal("0.10"))
        assert retry.again(take, by=alice, token=uuid.uuid4()).price_per_second == Decimal("0.08")

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("NaN", "Name a price like 0.15"),
            ("sNaN", "Name a price like 0.15"),
            ("Infinity", "Name a price like 0.15"),
            ("ten cents", "Name a price like 0.15"),
            ("-0.1", "A price is more than 0."),
            ("0", "A price is more than 0."),
            ("100.01", "100 at most"),
            ("1e400", "and is 100 at most"),
            ("0.00001", "up to four digits after the point"),
        ],
    )
    def test_that_are_none_are_refused_in_words(self, as_alice, account, typed, words):
        response = self.set(as_alice, account, at_720p=typed)

        account.refresh_from_db()
        assert response.status_code == 422
        html = response.content.decode()
        assert words in html
        assert re.search(r'<input[^>]* name="own_price_720p"[^>]* autofocus', html)
        assert not account.has_own_prices

    def test_go_with_the_region_whose_currency_they_are_in(self, as_alice, account):
        self.set(as_alice, account, at_720p="0.08")

        sent = as_alice.post(
            reverse("teams:wan_account", args=[account.team.uuid, account.uuid]),
            FIELDS | {"region": "beijing"},
            follow=True,
        )

        account.refresh_from_db()
        assert not account.has_own_prices
        assert "The list prices hold now." in sent.content.decode()
        assert "List price CN¥\xa00.60" in sent.content.decode()
        newest = entries(Activity.objects.for_telling())[0]
        assert newest.text.endswith("720P from US$\xa00.08 to the list price of CN¥\xa00.60")

    def test_typed_in_the_currency_of_another_region_are_not_saved(self, as_alice, account):
        shown = re.search(r'name="region" value="([^"]+)"', look(as_alice, account))[1]
        WanAccount.objects.filter(pk=account.pk).update(region="beijing")
        typed = {"own_price_720p": "0.09", "own_price_1080p": ""}

        refused = ask(as_alice, "prices", account, region=shown, **typed)

        account.refresh_from_db()
        html = refused.content.decode()
        assert refused.status_code == 422
        assert not account.has_own_prices
        assert "The account has another region now" in html
        assert "720P, CN¥ a second" in html
        assert 'value="0.09"' in html
        ask(as_alice, "prices", account, region=re.search(r'name="region" value="([^"]+)"', html)[1], **typed)
        account.refresh_from_db()
        assert account.own_price_720p == Decimal("0.09")

    def test_can_be_named_for_each_resolution(self):
        assert set(OWN_PRICES) == {size for spec in MODELS.values() for size in spec.resolutions}

    @pytest.mark.parametrize(("person", "status"), [("bob", 403), ("vera", 403), ("charlie", 404)])
    def test_are_set_by_owners(self, sign, request, account, person, status):
        assert self.set(sign(request.getfixturevalue(person)), account, at_720p="0.08").status_code == status


def test_a_look_keeps_the_new_key_that_waits(team, alice):
    account = AccountFactory(team=team)
    account_checks.request(account, by=alice, new_key="sk-new")

    account_checks.request(account, by=alice)

    check = AccountCheck.objects.get(account=account)
    assert check.new_key
    assert check.is_of_new_key
