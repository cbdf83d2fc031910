"""What may be spent: budgets of team, project and person hold by month, in one currency, and never by a hair less."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.test import Client

from generations import pricing, purse
from generations.lifecycle.moves import move
from generations.lifecycle.press import Recipe, account_for, press
from generations.lifecycle.refused import Refused
from generations.models import Generation, LedgerEntry, Scene, Spending, Status, WanAccount
from teams.models import Activity, Budget
from tests.factories import AccountFactory, BudgetFactory, ProjectFactory, TeamFactory
from tests.generations import books
from tests.generations.pressing import RECIPE, press_once

EACH = Decimal("0.20")  # two seconds at 720P on the Singapore list


@pytest.fixture
def generate(project, alice):
    def generate(user=alice, project=project, takes=1, **fields):
        recipe = Recipe(**{**RECIPE.__dict__, **fields})
        return press(recipe, user=user, project=project, scene=None, takes=takes, token=uuid.uuid4())

    return generate


class TestPress:
    def test_holds_what_it_may_cost(self, generate, team):
        generate(takes=3)

        spending = Spending.objects.get()
        assert (spending.reserved, spending.takes, spending.clips) == (3 * EACH, 3, 0)
        assert set(LedgerEntry.objects.values_list("reserved", "kind")) == {(EACH, "pressed")}

    @pytest.mark.parametrize(
        ("scope", "says"),
        [
            ("team", "This needs US$\xa00.20, the team has US$\xa00.10 left this month."),
            ("project", "This needs US$\xa00.20, the project has US$\xa00.10 left this month."),
            ("person", "This needs US$\xa00.20, you have US$\xa00.10 left this month."),
            ("each", "This needs US$\xa00.20, you have US$\xa00.10 left this month."),
        ],
    )
    def test_is_refused_by_each_kind_of_budget(self, generate, team, project, alice, scope, says):
        of = {"project": {"project": project}, "person": {"person": alice}}.get(scope, {})
        BudgetFactory(team=team, scope="person" if scope == "each" else scope, amount="0.50", **of)
        generate(takes=2)

        with pytest.raises(Refused) as refusal:
            generate()

        assert refusal.value.sentence == says
        assert Generation.objects.count() == 2

    def test_never_promises_more_than_is_left(self, generate, team, project, alice):
        """A third of a cent short of 0.10."""
        BudgetFactory(team=team, amount="0.50")
        generate(takes=2)
        Spending.objects.update(reserved="0.403333")

        with pytest.raises(Refused) as refusal:
            generate()

        held = purse.purse_of(project, alice, WanAccount.objects.for_project(project))
        assert refusal.value.sentence.endswith("the team has US$\xa00.09 left this month.")
        assert held.warnings == ["The team has US$\xa00.09 left this month."]
        assert "0.09" in held.stop[1]

    def test_makes_all_takes_or_none(self, generate, team):
        BudgetFactory(team=team, amount="0.50")

        with pytest.raises(Refused):
            generate(takes=3)

        assert not Generation.objects.exists()
        assert not Scene.objects.exists()
        assert not Spending.objects.exists()

    def test_may_use_up_the_last_cent(self, generate, team):
        BudgetFactory(team=team, amount="0.60")

        for _ in range(3):
            generate()

        with pytest.raises(Refused):
            generate()

    def test_that_arrives_twice_at_once_is_not_refused_for_its_own_money(self, project, alice, team, monkeypatch):
        BudgetFactory(team=team, amount=EACH)
        token, real, first = uuid.uuid4(), account_for, []

        def send():
            return press(RECIPE, user=alice, project=project, scene=None, takes=1, token=token)

        def after_the_other(place):
            if not first:
                first.append(None)
                first[:] = send()
            return real(place)

        monkeypatch.setattr("generations.lifecycle.press.account_for", after_the_other)

        assert send() == first
        assert not Activity.objects.filter(verb="budget_stops").exists()

    def test_goes_on_when_the_budget_only_warns(self, generate, team):
        BudgetFactory(team=team, amount="0.10", stops=False)

        assert generate()

    def test_others_are_not_held_up_by_a_persons_budget(self, generate, team, alice, bob):
        BudgetFactory(team=team, scope="person", person=alice, amount=0)
        BudgetFactory(team=team, scope="person", amount=1)

        with pytest.raises(Refused):
            generate()

        assert generate(user=bob)

    def test_another_currency_is_another_budget(self, generate, team):
        BudgetFactory(team=team, currency="CNY", amount=0)

        assert generate()

    def test_another_project_has_its_own(self, generate, team, project):
        BudgetFactory(team=team, scope="project", project=project, amount=0)

        assert generate(project=ProjectFactory(team=team))

    def test_of_the_simulator_costs_nothing(self, generate, team, settings):
        settings.STUDIO_DEMO = True
        BudgetFactory(team=team, amount=0)

        assert generate()

    def test_on_the_installations_account_needs_a_budget_from_an_administrator(self, alice, settings):
        team = TeamFactory(uses_installation_account=True)

        with pytest.raises(Refused) as refusal:
            press_once(user=alice, project=ProjectFactory(team=team))

        assert "An administrator has to give your team a budget" in refusal.value.sentence

    def test_on_the_teams_own_account_spends_nothing_of_the_installations_budget(self, generate, team, project):
        own = AccountFactory(team=team)
        Budget.objects.filter(scope="installation").update(amount="0.50")
        generate(takes=3)
        project.account = WanAccount.objects.installation()
        project.save()

        (take, _second) = generate(takes=2)
        with pytest.raises(Refused) as refusal:
            generate()

        assert take.account != own
        assert refusal.value.sentence.startswith(
            "This needs US$\xa00.20, your team may spend US$\xa00.10 more this month."
        )
        assert purse.purse_of(project, take.owner, take.account).line("team").used == 5 * EACH

    def test_of_the_administrators_own_team_needs_none(self, alice):
        alice.is_superuser = True
        alice.save()

        assert press_once(user=alice, project=alice.personal_team.projects.get())


class TestMonth:
    def test_ends_in_the_teams_zone(self, generate, team):
        team.time_zone = "Asia/Taipei"
        team.save()
        BudgetFactory(team=team, amount="0.20")

        with time_machine.travel(datetime(2026, 11, 30, 15, 59, tzinfo=UTC), tick=False):
            generate()
            with pytest.raises(Refused):
                generate()
        with time_machine.travel(datetime(2026, 11, 30, 16, 0, tzinfo=UTC), tick=False):
            generate()

        assert set(Spending.objects.values_list("day", flat=True)) == {date(2026, 11, 30), date(2026, 12, 1)}

    def test_is_one_for_budget_and_books_of_a_press_at_its_end(self, generate, team, monkeypatch):
        BudgetFactory(team=team, amount="0.20")
        BudgetFactory(team=team, amount=0, month=date(2026, 12, 1))
        with time_machine.travel(datetime(2026, 11, 30, 23, 59, tzinfo=UTC), tick=False) as traveller:
            afford = import_module("generations.lifecycle.press").afford

            def wait_for_others(*args, **options):
                afford(*args, **options)
                traveller.shift(120)

            monkeypatch.setattr("generations.lifecycle.press.afford", wait_for_others)
            generate()

        assert Spending.objects.get().day == date(2026, 11, 30)

    def test_has_the_budget_that_was_set_last(self, generate, team, project, alice):
        BudgetFactory(team=team, amount=10)
        BudgetFactory(team=team, amount=30, month=date(2026, 11, 1))
        BudgetFactory(team=team, amount=None, month=date(2027, 1, 1))

        def limit(*month):
            return (
                purse.purse_of(project, alice, WanAccount.objects.installation(), month=date(*month, 1))
                .line("team")
                .limit
            )

        assert [limit(2026, 10), limit(2026, 12), limit(2027, 2)] == [10, 30, None]

    def test_december_is_followed_by_january(self):
        assert purse.following(date(2026, 12, 1)) == date(2027, 1, 1)
        assert purse.following(date(2026, 1, 1)) == date(2026, 2, 1)


class TestPartWhatTheInstallationPays:
    """The migration of days that were summed without telling whose account paid."""

    migration = import_module("generations.migrations.0013_part_what_the_installation_pays")

    @pytest.fixture
    def mixed(self, generate, team, project, alice, bob):
        """Days with takes of the team's account, of the installation's, and of both, as they were before."""
        chosen = WanAccount.objects.installation()
        generate(takes=2)  # of the installation's alone
        AccountFactory(team=team)
        generate(user=bob, takes=3, resolution="1080P")  # of the team's alone
        for account in (None, chosen):
            project.account = account
            project.save()
            takes = generate(user=bob, takes=2)
            move(takes[0], Status.CANCELED, "canceled", **pricing.released())
        is_right = books.rows()
        self.migration.join(apps, None)
        assert set(Spending.objects.values_list("is_installations", flat=True)) == {False}
        assert Spending.objects.count() == 3
        return is_right

    def test_parts_each_day(self, mixed):
        self.migration.part(apps, None)

        assert books.rows() == mixed
        assert Spending.objects.count() == 4
        books.check()

    def test_changes_nothing_where_it_is_done_already(self, mixed):
        self.migration.part(apps, None)
        self.migration.join(apps, None)
        self.migration.part(apps, None)

        assert books.rows() == mixed

    def test_leaves_alone_what_no_take_tells(self, mixed):
        alone = Spending.objects.filter(resolution="1080P")
        alone.update(cost=7)

        self.migration.part(apps, None)

        assert alone.get().cost == 7


class TestPurse:
    def test_costs_one_query(self, project, alice, team, django_assert_num_queries):
        BudgetFactory(team=team)
        account = WanAccount.objects.installation()
        assert project.team.personal_of is None

        with django_assert_num_queries(1):
            purse.purse_of(project, alice, account)

    def test_warns_before_it_stops(self, generate, project, alice, team):
        BudgetFactory(team=team, amount=1, warn_at=60)
        account = WanAccount.objects.installation()
        generate(takes=2)
        assert purse.purse_of(project, alice, account).warnings == []
        generate()

        assert purse.purse_of(project, alice, account).warnings == ["The team has US$\xa00.40 left this month."]


PATIENCE = 300  # seconds that a hundred presses may take on a busy machine


@pytest.mark.usefixtures("mid_month")
class TestManyAtOnce:
    def test_never_overdraw_a_budget(self, at_once, project, alice, team):
        """100 presses in the same moment against money for 50."""
        BudgetFactory(team=team, scope="project", project=project, amount=50 * EACH)
        WanAccount.objects.installation()

        def press_or_not():
            try:
                return press_once(user=alice, project=project).pk
            except Refused as refusal:
                return refusal.sentence

        def look():
            books.check()
            line = purse.purse_of(project, alice, WanAccount.objects.get()).line("project")
            return Generation.objects.count(), line.left

        answers = at_once(*[press_or_not] * 100, seconds=PATIENCE)

        refusals = [answer for answer in answers if isinstance(answer, str)]
        assert (len(answers), len(refusals)) == (100, 50)
        assert set(refusals) == {"This needs US$\xa00.20, the project has US$\xa00.00 left this month."}
        assert look() == (50, 0)

    def test_never_overdraw_it_by_the_button_either(self, at_once, project, alice, bob, team):
        """The same as ten browsers of two people send it, without a lock of the test's own."""
        BudgetFactory(team=team, amount=50 * EACH)
        WanAccount.objects.installation()
        browsers = [Client() for _ in range(10)]
        for number, browser in enumerate(browsers):
            browser.force_login((alice, bob)[number % 2])
        fields = {"project": str(project.uuid), "prompt": "A kite", "takes": "1", "duration": "2", "resolution": "720P"}

        def press_often(browser):
            return [browser.post("/generations/", fields | {"press": str(uuid.uuid4())}) for _ in range(10)]

        def look():
            books.check()
            line = purse.purse_of(project, alice, WanAccount.objects.get()).line("team")
            return Generation.objects.count(), line.used, line.left

        ten_of_each = [partial(press_often, browser) for browser in browsers]
        answers = [answer for ten in at_once(*ten_of_each, seconds=PATIENCE) for answer in ten]

        refused = [answer.content.decode() for answer in answers if answer.status_code == 422]
        assert sorted(answer.status_code for answer in answers) == [303] * 50 + [422] * 50
        assert all("the team has US$\xa00.00 left this month." in page for page in refused)
        assert look() == (50, 50 * EACH, 0)
