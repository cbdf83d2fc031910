"""/usage/: a month of money by day, person, project and resolution; as CSV; and the budgets that owners set."""

import csv
import io
import re
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.models import User
from generations.chart import Chart
from generations.lifecycle.moves import move
from generations.lifecycle.press import Recipe, press
from generations.models import Generation, LedgerEntry, Scene, Spending, Status, WanAccount
from generations.pricing import released
from teams import moving, people
from teams.models import Budget, Project, Team
from tests.factories import AccountFactory, BudgetFactory, MembershipFactory, ProjectFactory
from tests.generations import books
from tests.generations.pressing import RECIPE

URL = "/usage/"
BUDGETS = "/usage/budgets"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def november():
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
        assert "US$\xa00.20 held by the queue" in html
        books.check()

    def test_adds_up_what_two_spend_on_one_day(self, page, spend, bob):
        spend("1.50")
        spend("0.50", user=bob)

        report = page().context["report"]

        assert [(day.day, says, clips) for day, _resolution, says, clips in report.table] == [
            (NOON.day, "US$\xa02.00", 2)
        ]
        assert [bar.says for bar in report.by_resolution] == ["US$\xa02.00"]
        assert "2.00" in page().content.decode()

    def test_of_the_project_stands_beside_its_people(self, as_alice, spend, project, team, bob):
        spend("1.50")
        spend("4.00", user=bob, project=ProjectFactory(team=team))

        html = as_alice.get(project.get_absolute_url()).content.decode()
        cells = re.findall(r'<td class="price">(.*?)</td>', html)

        assert cells == ["US$\xa01.50", "nothing", "nothing"]

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

    def test_each_budget_looks_ahead_at_its_own_pace(self, page, spend, november, team, project, bob):
        for fields in ({"scope": "team", "amount": 12}, {"scope": "project", "project": project, "amount": 8}):
            BudgetFactory(team=team, **fields)
        BudgetFactory(team=team, scope="person", amount=100, stops=False)
        november.move_to(NOON.replace(day=19))
        spend("1.00")
        november.move_to(NOON)
        spend("3.00", user=bob)
        spend("0.40", user=bob, project=ProjectFactory(team=team))

        response = page()

        words = " ".join(strip_tags(response.content.decode()).split())
        ahead = {one.line.scope: (one.forecast, one.over_on) for one in response.context["budgets"]}
        assert ahead["project"] == (response.context["report"].forecast, date(2026, 11, 27)) == (12, date(2026, 11, 27))
        assert ahead["team"] == (page(scope="team").context["report"].forecast, date(2026, 11, 29))
        assert ahead["person"] == (3, None)  # 0.25 a day
        assert "At this pace US$ 12.00 by the end of the month, over the stop on 27 Nov." in words
        assert "At this pace US$ 3.00 by the end of the month. Only a warning" in words
        cells = re.findall(r'<th scope="row">This project</th>(.*?)</tr>', response.content.decode())
        assert strip_tags(cells[0].replace("</td>", " ")).split() == [
            *("US$", "4.00", "US$", "0.00", "US$", "4.00", "US$", "8.00", "US$", "12.00", "27", "Nov")
        ]

    def test_the_installations_budget_looks_ahead_at_what_its_account_bills(self, page, spend, team, project):
        project.account = WanAccount.objects.installation()
        project.save()
        AccountFactory(team=team)
        spend("3.00")
        spend("5.00", project=ProjectFactory(team=team))

        ahead = {one.line.scope: one for one in page().context["budgets"]}

        assert (ahead["installation"].line.used, ahead["installation"].forecast) == (3, 27)

    def test_a_budget_s_columns_add_up(self, page, spend, team):
        BudgetFactory(team=team, amount=2)
        spend("1.20")
        spend(ended=None)

        html = page().content.decode()

        assert "US$\xa01.20 spent, US$\xa00.20 held, US$\xa00.60 left of US$\xa02.00" in html
        assert self.cells(html, "The team")[:4] == ["US$\xa01.20", "US$\xa00.20", "US$\xa00.60", "US$\xa02.00"]

    def cells(self, html, title):
        (row,) = re.findall(rf'<th scope="row">{title}</th>(.*?)</tr>', html)
        return re.findall(r"<td[^>]*>(.*?)</td>", row)

    def test_a_budget_that_is_used_up_and_stops_looks_ahead_no_more(self, page, spend, team, project):
        spend("3.00")
        BudgetFactory(team=team, scope="team", amount=2)
        BudgetFactory(team=team, scope="project", project=project, amount=10)

        response = page()

        html = response.content.decode()
        assert {(one.forecast, one.over_on) for one in response.context["budgets"]} == {(None, None)}
        assert "At this pace" not in html
        assert "Generate stops until 1 December, or until the limit is raised." in html
        assert "“The team” is used up." in html  # at the project's, which has something left
        assert self.cells(html, "The team")[2:] == ["US$\xa01.00 over", "US$\xa02.00", "–", "used up"]
        assert response.context["report"].forecast == 3
        assert "a budget is used up, Generate stops" in html

    def test_a_project_s_end_stops_no_other(self, page, spend, team, project):
        spend("3.00")
        BudgetFactory(team=team, scope="project", project=project, amount=2)
        BudgetFactory(team=team, scope="team", amount=100)

        ahead = {one.line.scope: one.forecast for one in page().context["budgets"]}

        assert (ahead["team"], ahead["project"]) == (27, None)
        assert page(scope="team").context["report"].forecast == 27

    def test_a_budget_that_only_warns_looks_ahead_when_it_is_used_up(self, page, spend, team):
        spend("3.00")
        BudgetFactory(team=team, scope="team", amount=2, stops=False)

        response = page()

        (budget,) = (one for one in response.context["budgets"] if one.line.scope == "team")
        assert (budget.forecast, budget.over_on) == (27, None)
        assert "Only a warning, Generate goes on." in response.content.decode()

    def test_a_budget_without_spending_stays_as_it_is(self, page, spend, team):
        spend(ended=None)
        BudgetFactory(team=team, scope="team", amount=2)

        (budget,) = (one for one in page().context["budgets"] if one.line.scope == "team")

        assert (budget.forecast, budget.over_on) == (Decimal("0.20"), None)

    def test_a_budget_of_an_earlier_month_has_no_forecast(self, page, spend, team, november):
        november.move_to(NOON.replace(month=10))
        spend("1.00")
        BudgetFactory(team=team, scope="team", amount=2, month=date(2026, 10, 1))
        november.move_to(NOON)

        response = page(month="2026-10")

        assert [one.forecast for one in response.context["budgets"]] == [None, None]
        assert "At this pace" not in response.content.decode()

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

    @pytest.mark.parametrize("currency", ["\0", "usd", "EUR", "USDx"])
    def test_a_currency_that_is_none_is_the_accounts(self, page, currency):
        assert page(currency=currency).context["report"].currency == "USD"

    def test_whoever_was_deleted_for_good_has_no_name(self, page, spend, bob):
        spend("1.00", user=bob)
        User.objects.filter(pk=bob.pk).update(name="", email=f"deleted-{bob.uuid}@invalid.example", purged_at=NOON)

        assert [bar.name for bar in page().context["report"].by_person] == ["Somebody who left"]

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
        assert response.context["currencies"] == ["CNY", "USD"]
        assert page(currency="CNY").context["report"].spent == 7

    def test_a_kept_clip_is_paid_in_its_own_currency(self, page, spend, team):
        spend("1.00")
        AccountFactory(team=team, region="beijing")
        spend("7.00")
        Generation.objects.update(pick=1)

        reports = [page(currency=currency).context["report"] for currency in ("USD", "CNY")]

        assert [(report.kept, report.per_kept) for report in reports] == [(1, 1), (1, 7)]

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

    def test_only_who_pays_nothing_reads_that_it_is_a_demo(self, page, team, settings):
        settings.STUDIO_DEMO = True
        account = AccountFactory(team=team)

        paying = page().content.decode()
        account.delete()
        free = page().content.decode()

        for words in ("This is a demo", '<span class="pill wide-only">Demo</span>'):
            assert words not in paying
            assert words in free

    def test_the_chart_is_a_table_as_well(self, page, spend, november):
        spend("0.50")
        spend("0.25", resolution="1080P")
        november.shift(timedelta(days=2))
        spend("1.00")
        spend("9.00", ended=Status.CANCELED)

        html = page().content.decode()

        table = re.search(r"<table>.*?</table>", html[html.index('aria-labelledby="daily"') :], re.DOTALL)[0]
        rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(<td.*?)</tr>", table)]
        assert rows == [
            ["22 Nov", "1080P", "US$\xa00.25", "1"],
            ["22 Nov", "720P", "US$\xa00.50", "1"],
            ["24 Nov", "720P", "US$\xa01.00", "1"],
        ]

    def test_an_empty_month_is_a_page_too(self, page):
        html = page().content.decode()

        assert "Nothing in this month." in html
        assert "Nothing was charged in this month." in html
        assert '<svg class="chart"' not in html

    def test_a_limit_is_drawn_before_anything_is_spent(self, page, project):
        BudgetFactory(team=project.team, amount=50)

        assert '<svg class="chart"' in page(scope="team").content.decode()


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


class TestOtherCurrency:
    """The crew's budgets are in US$, and its account bills in CN¥ by now."""

    @pytest.fixture
    def account(self, team):
        return AccountFactory(team=team, region="beijing")

    @pytest.fixture
    def read(self, client, project, account):
        def read(url, person):
            client.force_login(person)
            html = client.get(url, {"project": str(project.uuid)}).content.decode()
            return strip_tags(html.partition('id="unbound"')[2].partition("</ul>")[0].replace("\xa0", " "))

        return read

    @pytest.mark.parametrize("url", [URL, BUDGETS])
    def test_budgets_that_bind_nothing_are_shown(self, read, alice, team, project, bob, url):
        BudgetFactory(team=team, amount=20)
        BudgetFactory(team=team, scope="project", project=project, amount=7)
        BudgetFactory(team=team, scope="person", person=bob, amount=5)

        said = read(url, alice)

        for words in ("The teamUS$ 20.00", f"{project.name}US$ 7.00", "BobUS$ 5.00"):
            assert words in said
        assert "It is in US$ and amounts are never converted, so it limits nothing while the" in said
        assert "project's account bills in CN¥. Set one in CN¥ for it." in said

    def test_others_people_are_the_owners_to_know(self, read, team, bob, vera):
        BudgetFactory(team=team, scope="person", person=bob, amount=5)

        assert "Bob" in read(URL, bob)
        assert "Bob" not in read(URL, vera)

    def test_what_was_taken_back_is_none(self, read, alice, team):
        BudgetFactory(team=team, amount=20)
        BudgetFactory(team=team, amount=None, month=date(2026, 1, 1))

        assert read(URL, alice) == ""


class TestMovedProject:
    """Money stays booked where it was, and who has a project reads nothing of those who had it."""

    @pytest.fixture
    def agency(self, project, alice, bob, charlie, spend):
        """Bob's clip was paid, then the project moved to the agency, where Charlie watches."""
        Generation.objects.filter(pk=spend("5.00", user=bob).pk).update(pick=1)
        agency = Team.objects.create_shared(alice, "Agency")
        MembershipFactory(team=agency, user=charlie, role="viewer")
        moving.move(project, agency, by=alice)
        Project.objects.filter(pk=project.pk).update(name="Secret merger")
        Scene.objects.update(name="CEO resigns")
        return agency

    @pytest.fixture
    def read(self, client):
        def read(person, **query):
            """The page, and the lines of the CSV."""
            client.force_login(person)
            lines = client.get("/usage/takes.csv", query).getvalue().decode("utf-8-sig")
            return client.get(URL, query), list(csv.DictReader(io.StringIO(lines)))

        return read

    def test_begins_at_nothing_in_its_new_team(self, read, agency, project, charlie):
        for scope in ("project", "team"):
            page, lines = read(charlie, project=str(project.uuid), scope=scope)

            report = page.context["report"]
            assert (report.spent, report.clips, report.kept, report.by_person, lines) == (0, 0, 0, [], [])
            assert "Bob" not in page.content.decode()

    def test_is_unnamed_in_the_books_it_left(self, read, agency, team, vera):
        rest = ProjectFactory(team=team, name="Rest")

        page, (line,) = read(vera, project=str(rest.uuid), scope="team")

        report = page.context["report"]
        assert (report.spent, report.per_kept, [bar.name for bar in report.by_person]) == (5, 5, ["Bob"])
        assert [bar.name for bar in report.by_project] == ["A project that moved away"]
        assert [line[title] for title in ("Project", "Scene", "Take", "Person", "Charged")] == [
            *("A project that moved away", "", "", "Bob", "5.0000")
        ]
        html = page.content.decode()
        assert "Secret merger" not in html
        assert "CEO resigns" not in html


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
            ({"month": "2032-01"}, "Name a month of the next five years."),
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

    def test_typed_in_another_currency_are_not_saved(self, as_alice, project, team):
        """The project got another account while the page stood open."""
        planned = BudgetFactory(team=team, scope="project", project=project, month=date(2027, 1, 1), currency="CNY")
        page = as_alice.get(f"{BUDGETS}?project={project.uuid}").content.decode()
        (shown,) = set(re.findall(r'name="currency" value="(\w+)"', page))
        AccountFactory(team=team, region="beijing")
        url, sent = f"{BUDGETS}?project={project.uuid}", {"which": "project", "currency": shown}

        refused = as_alice.post(url, sent | {"project-amount": "50", "project-warn_at": "80"})
        kept = as_alice.post(url, sent | {"drop": "2027-01"}, follow=True)

        html = refused.content.decode()
        assert (shown, refused.status_code) == ("USD", 422)
        assert "The account bills in CN¥ now. Nothing was changed." in html
        assert 'value="50"' in html
        assert "Nothing was changed." in kept.content.decode()
        assert list(Budget.objects.filter(project=project)) == [planned]
        again = {"which": "project", "currency": "CNY", "project-amount": "50", "project-warn_at": "80"}
        assert as_alice.post(url, again).status_code == 303
        assert Budget.objects.get(project=project, month=date(2026, 11, 1)).currency == "CNY"

    def test_of_all_persons_are_led_to_from_the_month(self, page, client, bob, project):
        words = "Each person&#x27;s budget, and what is used of it", "Each person's budget, and what is used of it"

        assert any(one in page().content.decode() for one in words)
        client.force_login(bob)
        assert not any(one in client.get(URL, {"project": str(project.uuid)}).content.decode() for one in words)

    def test_of_a_month_to_come_are_listed_and_taken_back(self, as_alice, project, team):
        BudgetFactory(team=team, scope="project", project=project, amount=10)
        self.post(as_alice, project, amount="20", month="2027-01")
        url = f"{BUDGETS}?project={project.uuid}"

        saved = as_alice.get(url).content.decode()
        answer = as_alice.post(url, {"which": "project", "drop": "2027-01"}, follow=True).content.decode()
        again = as_alice.post(url, {"which": "project", "drop": "2027-01"}, follow=True).content.decode()

        assert "It holds from January 2027 on." in saved
        assert "From January 2027 on: US$\xa020.00 each month" in saved
        assert "Taken back." in answer
        assert "From January 2027" not in answer
        assert "was taken back before" in again
        assert list(Budget.objects.filter(project=project).values_list("amount", flat=True)) == [10]

    def test_that_hold_are_not_taken_back(self, as_alice, project, team):
        BudgetFactory(team=team, scope="project", project=project, amount=10, month=date(2026, 11, 1))

        as_alice.post(f"{BUDGETS}?project={project.uuid}", {"which": "project", "drop": "2026-11"})

        assert Budget.objects.filter(project=project).exists()

    def test_stand_beside_what_everybody_has_used(self, as_alice, project, team, spend, bob, vera):
        BudgetFactory(team=team, scope="person", amount=5)
        BudgetFactory(team=team, scope="person", person=vera, amount=8)
        spend("0.50", user=bob)
        spend("0.30", user=bob, ended=None)
        spend("1.00")

        html = as_alice.get(f"{BUDGETS}?project={project.uuid}").content.decode()

        used = re.findall(r'<li id="([\w-]+)">.*?<small>(US[^<]*?)\s*</small>', html, re.DOTALL)
        assert (
            dict(used)[f"person-{bob.uuid}"] == "US$\xa00.50 spent, US$\xa00.20 held, US$\xa04.30 left of US$\xa05.00"
        )
        assert (
            dict(used)[f"person-{vera.uuid}"] == "US$\xa00.00 spent, US$\xa00.00 held, US$\xa08.00 left of US$\xa08.00"
        )
        assert dict(used)["project"] == "US$\xa01.50 spent, US$\xa00.20 held"

    def test_of_nothing_known_change_nothing(self, as_alice, project):
        answer = self.post(as_alice, project, "installation")

        assert answer.status_code == 422
        assert "Nothing was changed." in answer.content.decode()
        assert Budget.objects.count() == 1

    def test_of_somebody_who_has_left_say_so(self, as_alice, project, team, alice, bob):
        """The page stood open meanwhile."""
        people.remove(team, bob.uuid, by=alice)

        answer = self.post(as_alice, project, f"person-{bob.uuid}")

        assert answer.status_code == 422
        assert "Whoever this budget was for is not in the team any more." in answer.content.decode()
        assert not Budget.objects.filter(person=bob).exists()

    def test_the_zone_of_the_month_is_set_beside_them(self, as_alice, project, team):
        url = f"{BUDGETS}?project={project.uuid}"

        assert as_alice.post(url, {"which": "zone", "time_zone": "Mars/Base"}).status_code == 422
        assert as_alice.post(url, {"which": "zone", "time_zone": "Asia/Taipei"}).status_code == 303

        team.refresh_from_db()
        assert team.zone.key == "Asia/Taipei"
        assert "Now it is Asia/Taipei." in as_alice.get(url).content.decode()


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

        assert "US$\xa00.20 held already" in html


class TestChart:
    def test_stays_in_its_frame(self):
        amounts = {1: {"720P": Decimal("0.20")}, 22: {"720P": Decimal(1), "1080P": Decimal("2.50")}}

        chart = Chart(30, amounts, until=22, forecast=Decimal(6), limit=Decimal(50))

        assert all(26 <= mark.y <= 126 for mark in chart.total_marks)
        assert all(162 <= piece.y <= 234 and piece.height <= 72 for piece in chart.pieces)
        assert chart.limit_y == 26
        assert [mark.value for mark in chart.day_marks] == ["0", "2.5", "5"]
        assert chart.numbers[-1].amount == 30

    def test_says_what_is_spent_and_where_the_month_ends_where_there_is_room_for_both(self):
        amounts = {1: {"720P": Decimal(4)}}

        early, late = (Chart(30, amounts, until=day, forecast=Decimal(6), limit=None).labels for day in (22, 29))

        assert [(point.amount, point.anchor) for point in early] == [(4, "middle"), (6, "end")]
        assert [(point.amount, point.anchor) for point in late] == [(4, "end")]

    def test_of_nothing_is_flat(self):
        chart = Chart(31, {}, until=31, forecast=None, limit=None)

        assert chart.now.y == 126
        assert chart.ahead is None
        assert chart.labels == []
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
        assert "12.40 <small>spent, US$\xa00.20 held, US$\xa037.40 left of US$\xa050.00</small>" in said
        held = take.reserved
        assert f"Held US$\xa0{held:.2f}" in said
        assert f"Forecast US$\xa0{Decimal('12.40') * 9 + held:.2f}" in said  # and as much on each of eight days to come
        assert "At this pace it is used up before the month ends." in said
        assert "Generate says so and stops" in said

    def test_a_wider_budget_is_told_where_the_project_has_none(self, panel, spend, team, alice):
        BudgetFactory(team=team, amount=20)
        BudgetFactory(team=team, scope="person", person=alice, amount=3)
        spend("1.25")

        html = panel()

        assert "no limit is set" not in html
        assert "spent, no limit of its own" in html
        assert "The team has US$\xa018.75 left this month." in html
        assert "You have US$\xa01.75 left this month." in html

    def test_without_a_budget_there_is_no_bar(self, panel, spend):
        spend("2.00")
        Budget.objects.all().delete()

        said = panel()

        assert "2.00 <small>spent, no limit is set</small>" in said
        assert "envelope" not in said

    @pytest.mark.parametrize("amount", ["0.50", "0"])
    def test_says_that_it_is_used_up(self, panel, spend, project, team, amount):
        spend("0.50")
        BudgetFactory(team=team, scope="project", project=project, amount=amount)

        said = panel()

        assert "used up" in said
        assert "Forecast" not in said
        assert "Generate stops until 1 December" in said

    def test_owners_set_it(self, panel, client, bob):
        assert "Set budgets" in panel()

        client.force_login(bob)
        assert "Set budgets" not in panel()
