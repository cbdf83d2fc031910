"""/usage/: a month of money by day, person, project and resolution; as CSV; and the budgets that owners set."""

import csv
import io
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from generations import clock
from generations.chart import Chart
from generations.lifecycle.moves import move
from generations.lifecycle.press import Recipe, press
from generations.models import Generation, LedgerEntry, Spending, Status
from generations.pricing import released
from teams.models import Budget
from tests.factories import BudgetFactory, ProjectFactory
from tests.generations import books
from tests.generations.pressing import RECIPE

URL = "/usage/"
BUDGETS = "/usage/budgets"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def november(monkeypatch):
    monkeypatch.setattr(clock, "_measure", lambda: timedelta(0))  # the database's clock travels along
    monkeypatch.setattr(clock, "_measured_at", -1e9)
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def spend(project, alice):
    """Press, and end as a clip that cost `cost`, or as what `ended` says."""

    def spend(cost="0.50", *, user=alice, project=project, ended=Status.READY, **fields):
        recipe = Recipe(**RECIPE.__dict__ | fields)
        (take,) = press(recipe, user=user, project=project, scene=None, takes=1, token=uuid.uuid4())
        if ended == Status.READY:
            for status in (Status.SUBMITTING, Status.PENDING, Status.RUNNING):
                move(take, status, "accepted")
            move(take, Status.ARCHIVING, "rendered", cost=Decimal(cost), reserved=0)
            move(take, Status.READY, "archived", ready_at=NOON, video_key="x")
        elif ended:
            move(take, Status.CANCELED, "canceled", **released())
        return take

    return spend


@pytest.fixture
def page(as_alice, project):
    def page(**query):
        return as_alice.get(URL, {"project": str(project.uuid), **query})

    return page


class TestUsage:
    def test_tells_what_was_spent_held_and_kept(self, page, spend, project, bob):
        Generation.objects.filter(pk=spend("1.50").pk).update(pick=1)
        spend("0.50", resolution="1080P", user=bob)
        spend(ended=None)
        spend(ended=Status.CANCELED)

        response = page()

        report, html = response.context["report"], response.content.decode()
        assert (report.spent, report.held, report.clips, report.kept) == (2, Decimal("0.20"), 2, 1)
        assert report.per_kept == 2
        assert [(bar.name, bar.says) for bar in report.by_person] == [("Alice", "US$\xa01.50"), ("Bob", "US$\xa00.50")]
        assert [bar.name for bar in report.by_resolution] == ["720P", "1080P"]
        assert {bar.name: bar.says for bar in report.endings} == {"Finished": "2", "Canceled": "1", "On the way": "1"}
        assert "US$\xa02.00" in html
        assert "0.20 more held by the queue" in html
        books.check()

    def test_of_the_team_adds_its_projects(self, page, spend, team):
        spend("1.00")
        spend("2.00", project=ProjectFactory(team=team, name="Tea house"))

        report = page(scope="team").context["report"]

        assert report.spent == 3
        assert [bar.name for bar in report.by_project] == ["Tea house", "Harbour film"]

    def test_looks_ahead_at_the_pace_of_the_last_days(self, page, spend, november):
        november.move_to(NOON.replace(day=19))
        spend("1.00")
        november.move_to(NOON)
        spend("3.00")

        # 1 a day over the four days since the first, and eight days to come.
        assert page().context["report"].forecast == 12

    def test_other_months_have_no_forecast(self, page, spend, november):
        november.move_to(NOON.replace(month=10))
        spend("1.00")
        november.move_to(NOON)

        report = page(month="2026-10").context["report"]

        assert (report.spent, report.forecast) == (1, None)
        assert page().context["report"].spent == 0

    @pytest.mark.parametrize("month", ["2026-13", "x", "", "2031-01", "2026-00", "٢٠٢٦-11"])
    def test_a_month_that_is_none_is_this_one(self, page, month):
        assert page(month=month).context["report"].month == date(2026, 11, 1)

    def test_currencies_stand_apart(self, page, spend, settings):
        spend("1.00")
        settings.DASHSCOPE_REGION, settings.DASHSCOPE_WORKSPACE_ID = "beijing", "w2"
        Spending.objects.create(
            team_id=Spending.objects.get().team_id,
            project=Spending.objects.get().project,
            person=Spending.objects.get().person,
            day=NOON.date(),
            currency="CNY",
            resolution="720P",
            cost=7,
        )

        response = page(currency="USD")

        assert response.context["report"].spent == 1
        assert response.context["report"].currencies == ["CNY", "USD"]
        assert page(currency="CNY").context["report"].spent == 7

    def test_the_budget_is_a_line_and_the_pill_says_it(self, page, spend, team, project):
        BudgetFactory(team=team, scope="project", project=project, amount=2)
        spend("1.70")

        response = page()

        html = response.content.decode()
        assert response.context["report"].limit == 2
        assert 'class="limit"' in html
        assert "nearly used up" in html
        assert "of 2" in html

    def test_costs_few_queries_however_much_was_spent(self, page, spend, team, bob, django_assert_max_num_queries):
        for user in (bob, None):
            for resolution in ("720P", "1080P"):
                spend(**({"user": user} if user else {}), resolution=resolution)
        page(scope="team")

        with django_assert_max_num_queries(11):  # 10 where the team has an account of its own
            page(scope="team")

    def test_an_empty_month_is_a_page_too(self, page):
        assert "Nothing in this month." in page().content.decode()


class TestWhoMay:
    def test_members_see_it(self, client, vera, project):
        client.force_login(vera)

        assert client.get(URL, {"project": str(project.uuid)}).status_code == 200

    @pytest.mark.parametrize("url", [URL, BUDGETS, "/usage/takes.csv"])
    def test_to_strangers_the_project_does_not_exist(self, client, charlie, project, url):
        client.force_login(charlie)

        for given in (str(project.uuid), str(uuid.uuid4()), "x"):
            assert client.get(url, {"project": given}).status_code == 404

    @pytest.mark.parametrize("url", [URL, BUDGETS, "/usage/takes.csv"])
    def test_guests_are_sent_to_sign_in(self, client, project, url):
        assert client.get(url, {"project": str(project.uuid)}).headers["Location"].startswith(reverse("account_login"))

    @pytest.mark.parametrize("person", ["bob", "vera"])
    def test_only_owners_set_budgets(self, client, request, project, person):
        client.force_login(request.getfixturevalue(person))

        for answer in (client.get, client.post):
            assert answer(f"{BUDGETS}?project={project.uuid}", {"project": str(project.uuid)}).status_code == 403


class TestCsv:
    def test_adds_up_to_the_page(self, as_alice, page, spend, project):
        spend("1.50")
        spend(ended=None)
        spend(ended=Status.CANCELED)

        response = as_alice.get("/usage/takes.csv", {"project": str(project.uuid)})

        rows = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
        assert len(rows) == 3
        assert sum(Decimal(row["Charged"]) for row in rows) == page().context["report"].spent
        assert sum(Decimal(row["Held"]) for row in rows) == Decimal("0.20")
        assert response.headers["Content-Disposition"] == 'attachment; filename="usage-2026-11-USD.csv"'

    @pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
    def test_runs_nothing_in_a_spreadsheet(self, as_alice, spend, project, name):
        take = spend()
        type(take.scene).objects.update(name=name)

        content = as_alice.get("/usage/takes.csv", {"project": str(project.uuid)}).getvalue().decode("utf-8-sig")

        (row,) = csv.DictReader(io.StringIO(content, newline=""))
        assert row["Scene"] == f"'{name}"


class TestBudgets:
    def post(self, client, project, which="project", **values):
        defaults = {"amount": "50", "warn_at": "80", "stops": "on", "month": "2026-11"} | values
        data = {f"{which}-{name}": value for name, value in defaults.items()}
        return client.post(f"{BUDGETS}?project={project.uuid}", {"which": which, **data})

    @pytest.mark.parametrize("which", ["team", "project", "each"])
    def test_are_saved(self, as_alice, project, team, which):
        response = self.post(as_alice, project, which, amount="12.50", warn_at="60", stops="")

        budget = Budget.objects.exclude(scope="installation").get()
        assert response.status_code == 303
        assert (budget.amount, budget.warn_at, budget.stops, budget.month) == (
            Decimal("12.50"),
            60,
            False,
            date(2026, 11, 1),
        )
        assert budget.set_by.email == "alice@example.com"

    def test_of_a_person(self, as_alice, project, bob):
        self.post(as_alice, project, f"person-{bob.uuid}")

        assert Budget.objects.exclude(scope="installation").get().person == bob

    def test_of_the_same_month_are_replaced_and_older_ones_kept(self, as_alice, project, team):
        BudgetFactory(team=team, scope="project", project=project, amount=10, month=date(2026, 1, 1))
        self.post(as_alice, project, amount="20")
        self.post(as_alice, project, amount="")

        amounts = Budget.objects.filter(project=project).order_by("month").values_list("amount", flat=True)
        assert list(amounts) == [10, None]

    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"amount": "-1"}, "A budget is 0 or more."),
            ({"amount": "NaN"}, "Name an amount like 50"),
            ({"amount": "Infinity"}, "Name an amount like 50"),
            ({"amount": "1e99"}, "more than anybody can spend"),
            ({"amount": "0.001"}, "Cents are the smallest coin here."),
            ({"amount": "x" * 10_000}, "Name an amount like 50"),
            ({"month": "2026-10"}, "This month is over."),
            ({"month": "soon"}, "Name the month like 2026-12."),
            ({"warn_at": "0"}, "A whole number of percent"),
            ({"warn_at": "101"}, "A whole number of percent"),
        ],
    )
    def test_that_make_no_sense_get_words(self, as_alice, project, values, says):
        response = self.post(as_alice, project, **values)

        assert response.status_code == 422
        assert says in response.content.decode()
        assert not Budget.objects.exclude(scope="installation").exists()

    def test_of_nothing_known_change_nothing(self, as_alice, project):
        assert self.post(as_alice, project, "installation").status_code == 422
        assert Budget.objects.count() == 1

    def test_the_zone_of_the_month_is_set_beside_them(self, as_alice, project, team):
        url = f"{BUDGETS}?project={project.uuid}"

        assert as_alice.post(url, {"which": "zone", "time_zone": "Mars/Base"}).status_code == 422
        assert as_alice.post(url, {"which": "zone", "time_zone": "Asia/Taipei"}).status_code == 303

        team.refresh_from_db()
        assert team.zone.key == "Asia/Taipei"


class TestButton:
    def test_a_press_beyond_the_budget_comes_back_with_the_reason(self, as_alice, project, team):
        BudgetFactory(team=team, scope="project", project=project, amount="0.40")

        response = as_alice.post("/generations/", {"prompt": "A kite", "project": str(project.uuid), "takes": "3"})

        assert response.status_code == 422
        assert "the project has US$\xa00.40 left this month." in response.content.decode()
        assert not Generation.objects.exists()
        assert not LedgerEntry.objects.exists()

    def test_the_script_knows_what_is_left(self, as_alice, project, team):
        BudgetFactory(team=team, scope="project", project=project, amount="0.40")

        html = as_alice.get("/studio/", {"project": str(project.uuid)}).content.decode()

        assert '<data id="purse" value="0.4000" data-says="This needs {needed}, the project has' in html

    def test_the_queue_s_money_stands_beside_it(self, as_alice, project, spend):
        spend(ended=None)
        asked = {"project": str(project.uuid), "resolution": "720P", "duration": "5", "takes": "1"}

        html = as_alice.get("/generations/promise", asked).content.decode()

        assert "US$\xa00.20 reserved already" in html


class TestChart:
    def test_stays_in_its_frame(self):
        amounts = {1: {"720P": Decimal("0.20")}, 22: {"720P": Decimal(1), "1080P": Decimal("2.50")}}

        chart = Chart(30, amounts, until=22, forecast=Decimal(6), limit=Decimal(50))

        assert all(26 <= mark.y <= 126 for mark in chart.total_marks)
        assert all(162 <= piece.y <= 234 and piece.height <= 72 for piece in chart.pieces)
        assert chart.limit_y == 26
        assert [mark.value for mark in chart.day_marks] == ["0", "2.5", "5"]
        assert chart.numbers[-1].amount == 30

    def test_of_nothing_is_flat(self):
        chart = Chart(31, {}, until=31, forecast=None, limit=None)

        assert chart.now.y == 126
        assert chart.ahead is None
        assert chart.pieces == []


class TestProjectPage:
    """The month on the project's own page: spent, held, and where it ends at this pace."""

    @pytest.fixture
    def panel(self, as_alice, project):
        return lambda: as_alice.get(project.get_absolute_url()).content.decode().partition('id="budget"')[2]

    def test_tells_the_month_beside_its_budget(self, panel, spend, project, team):
        BudgetFactory(team=team, scope="project", project=project, amount=50)
        spend("12.40")
        take = spend(ended=None)

        said = panel()

        assert "Budget, November" in said
        assert "12.40 <small>of 50</small>" in said
        held = take.reserved
        assert f"Held {held:.2f}" in said
        assert f"Forecast {Decimal('12.40') * 9 + held:.2f}" in said  # and as much on each of eight days to come
        assert "At this pace it is used up before the month ends." in said
        assert "Generate says so and stops" in said

    def test_without_a_budget_there_is_no_bar(self, panel, spend):
        spend("2.00")

        said = panel()

        assert "2.00 <small>spent, no limit is set</small>" in said
        assert "envelope" not in said

    @pytest.mark.parametrize("amount", ["0.50", "0"])
    def test_says_that_it_is_used_up(self, panel, spend, project, team, amount):
        spend("0.50")
        BudgetFactory(team=team, scope="project", project=project, amount=amount)

        assert "used up" in panel()

    def test_owners_set_it(self, panel, client, bob):
        assert "Set budgets" in panel()

        client.force_login(bob)
        assert "Set budgets" not in panel()
