"""Projects: made, found, described, covered, archived, moved, deleted and brought back."""

import re
import threading
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import closing as accounts
from accounts.models import User
from dashscope_client import TaskCreated, TaskStatus
from generations import purse, storage
from generations.budgeting import Budgeting
from generations.lifecycle import answers, desk, press, retry
from generations.models import (
    Collected,
    Collection,
    Generation,
    Note,
    Origin,
    Reading,
    SubmitAttempt,
    Tag,
    Tagging,
    Template,
    WanAccount,
)
from screenings.models import Comment, Mention, ShareLink, Verdict
from teams import closing, inviting, moving
from teams.models import Budget, Invitation, Project, Team
from tests.factories import (
    AccountFactory,
    AudioFactory,
    BudgetFactory,
    GenerationFactory,
    MembershipFactory,
    ProjectFactory,
    ReadyFactory,
    SceneFactory,
    TeamFactory,
    UserFactory,
)
from tests.generations.pressing import press_once

OTHERS = [("vera", 403), ("charlie", 404)]


def ask(client, action, project, *, follow=False, **data):
    return client.post(reverse(f"projects:{action}", args=[project.uuid]), data, follow=follow)


@pytest.fixture
def clip(project, bob):
    return ReadyFactory(scene=SceneFactory(project=project, created_by=bob), account=AccountFactory(team=project.team))


class TestMaking:
    def test_in_a_team_where_one_edits(self, sign, bob, team):
        response = sign(bob).post(reverse("projects:index"), {"name": "Night market", "team": team.uuid})

        made = Project.objects.get(name="Night market")
        assert made.team == team
        assert response["Location"] == made.get_absolute_url()

    @pytest.mark.parametrize("person", ["vera", "charlie"])
    def test_nowhere_else(self, sign, request, person, team):
        client = sign(request.getfixturevalue(person))

        assert client.post(reverse("projects:index"), {"name": "Mine", "team": team.uuid}).status_code == 422
        assert not Project.objects.filter(name="Mine").exists()

    @pytest.mark.parametrize("name", ["", " ", "x" * 81, "\u200b", "\u2060 \u00ad", "\u3164"])
    def test_needs_a_name_that_fits_and_is_seen(self, as_alice, team, project, name):
        made = as_alice.post(reverse("projects:index"), {"name": name, "team": team.uuid})
        renamed = as_alice.post(reverse("projects:settings", args=[project.uuid]), {"name": name})

        assert made.status_code == renamed.status_code == 422
        assert len(name) == 81 or "This field is required." in made.content.decode()
        project.refresh_from_db()
        assert project.name == "Harbour film"


class TestMenu:
    def test_finds_by_words_of_project_and_team(self, as_alice, project):
        found = as_alice.get(reverse("projects:menu"), {"q": "harb crew film"}).content.decode()

        assert "Harbour film" in found
        assert "Harbour film" not in as_alice.get(reverse("projects:menu"), {"q": "desert"}).content.decode()

    def test_shows_nothing_of_others(self, sign, charlie, project):
        assert "Harbour film" not in sign(charlie).get(reverse("projects:menu")).content.decode()

    def test_says_that_there_are_more(self, as_alice, team):
        for number in range(15):
            ProjectFactory(team=team, name=f"Project {number:02}")

        menu = as_alice.get(reverse("projects:menu")).content.decode()

        assert menu.count("menu-item") == 12
        assert "There are more" in menu

    @pytest.mark.parametrize("words", ["%_'\"\\" * 3000, "\0"])
    @pytest.mark.parametrize("page", ["menu", "index"])
    def test_a_long_strange_search_is_only_a_search(self, as_alice, project, page, words):
        assert as_alice.get(reverse(f"projects:{page}"), {"q": words}).status_code == 200


class TestManyTeams:
    def test_fifty_teams_cost_the_studio_page_no_query_more(self, as_alice, alice, project, django_assert_num_queries):
        url = f"/studio/?project={project.uuid}"
        as_alice.get(url)
        with CaptureQueriesContext(connection) as few:
            as_alice.get(url)
        for number in range(50):
            team = Team.objects.create(name=f"Team {number}")
            MembershipFactory(team=team, user=alice, role="editor")
            Project.objects.bulk_create(Project(team=team, name=f"Project {index}") for index in range(10))

        with django_assert_num_queries(len(few)):
            as_alice.get(url)

    @pytest.mark.parametrize("name", ["projects:index", "projects:menu", "teams:index"])
    def test_lists_cost_few(self, as_alice, alice, django_assert_max_num_queries, name):
        for number in range(20):
            team = Team.objects.create_shared(alice, f"Team {number}")
            Project.objects.bulk_create(Project(team=team, name=f"Project {index}") for index in range(10))

        as_alice.get(reverse(name))  # what is cached is cached
        with django_assert_max_num_queries(10):
            as_alice.get(reverse(name))

    def test_pages_of_team_and_project_cost_few(self, as_alice, team, project, clip, django_assert_max_num_queries):
        for url in (team.get_absolute_url(), project.get_absolute_url()):
            as_alice.get(url)  # what is cached is cached
            with django_assert_max_num_queries(10):
                as_alice.get(url)


class TestPage:
    def test_tells_the_size_without_script(self, as_alice, project, clip):
        page = as_alice.get(project.get_absolute_url()).content.decode()
        address = re.search(r'<noscript>, <a href="([^"]+)">Show size', page)[1]

        told = as_alice.get(address).content.decode()

        assert "in your storage</span>" not in page
        assert re.search(r">, [\d.]+\xa0\w+ in your storage</span>", told)
        assert "<h1>Harbour film</h1>" in told

    def test_exports_everything(self, as_alice, project, clip):
        page = as_alice.get(project.get_absolute_url()).content.decode()

        address = re.search(r'href="([^"]+)"[^>]*>(?:(?!</a>).)*?Export everything', page)[1]
        assert as_alice.head(address).headers["Content-Type"] == "application/zip"

    def test_exports_nothing_where_nothing_is(self, as_alice, project):
        assert "Export everything" not in as_alice.get(project.get_absolute_url()).content.decode()

    def save(self, client, project, which, page=""):
        """12.50, in the form of the page."""
        page = page or client.get(project.get_absolute_url()).content.decode()
        form = next(form for form in re.findall(r"<form.*?</form>", page, re.S) if f'value="{which}"' in form)
        values = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
        address = unescape(re.search(r'action="([^"]+)"', form)[1])
        return client.post(address, values | {f"{which}-amount": "12.50"})

    @pytest.mark.usefixtures("mid_month")
    @pytest.mark.parametrize(("which", "scope"), [("project", "project"), ("each", "person")])
    def test_owners_set_its_budgets_in_place(self, as_alice, project, which, scope):
        BudgetFactory(team=project.team, scope="person", amount=7, warn_at=60, stops=False)

        answer = self.save(as_alice, project, which)

        budget = Budget.objects.filter(team=project.team, scope=scope).latest("month")
        kept = (60, False) if which == "each" else (80, True)
        assert (budget.amount, budget.warn_at, budget.stops) == (Decimal("12.50"), *kept)
        assert answer["Location"] == f"{project.get_absolute_url()}#budget"
        assert 'value="12.50"' in as_alice.get(project.get_absolute_url()).content.decode()

    @pytest.mark.parametrize("which", ["project", "each"])
    def test_of_a_budget_without_a_limit_the_rest_is_kept(self, as_alice, project, which):
        of = {"scope": "project", "project": project} if which == "project" else {"scope": "person"}
        BudgetFactory(team=project.team, amount=None, warn_at=60, stops=False, **of)

        self.save(as_alice, project, which)

        budget = Budget.objects.filter(team=project.team, scope=of["scope"]).latest("month")
        assert (budget.amount, budget.warn_at, budget.stops) == (Decimal("12.50"), 60, False)

    def test_a_page_of_last_month_sets_this_months_budget(self, as_alice, project, mid_month):
        page = as_alice.get(project.get_absolute_url()).content.decode()

        with time_machine.travel(datetime(2026, 12, 1, 12, tzinfo=UTC), tick=False):
            self.save(as_alice, project, "project", page=page)

        assert Budget.objects.get(project=project).month == date(2026, 12, 1)

    def test_a_page_in_another_currency_sets_none(self, as_alice, project):
        page = as_alice.get(project.get_absolute_url()).content.decode()
        AccountFactory(team=project.team, region="beijing")

        answer = self.save(as_alice, project, "project", page=page)

        assert answer.status_code == 422
        assert not Budget.objects.filter(project=project).exists()

    def test_it_says_whose_budget_each_persons_is(self, as_alice, project):
        page = as_alice.get(project.get_absolute_url()).content.decode()

        assert "Each person, in all projects of the team, US$" in page

    def test_others_set_no_budgets(self, sign, bob, project):
        assert 'class="set-budgets"' not in sign(bob).get(project.get_absolute_url()).content.decode()


class TestSettings:
    def test_name_and_description(self, sign, bob, project):
        ask(sign(bob), "settings", project, name="Harbour, final", description="For the festival <b>")

        page = sign(bob).get(project.get_absolute_url()).content.decode()
        assert "Harbour, final" in page
        assert "For the festival &lt;b&gt;" in page

    def test_the_composer_starts_from_the_defaults(self, sign, bob, project):
        fields = {"resolution": "1080P", "ratio": "9:16", "duration": "8", "negative_prompt": "blur", "watermark": "on"}

        assert ask(sign(bob), "defaults", project, **fields).status_code == 303

        form = sign(bob).get("/studio/", {"project": project.uuid}).context["composer"].form
        for name, value in fields.items():
            assert str(form[name].value()) == {"on": "True"}.get(value, value)
        assert form["prompt_extend"].value() is False

    @pytest.mark.parametrize(
        "wrong", [{"duration": "99"}, {"ratio": "7:3"}, {"resolution": "8K"}, {"negative_prompt": "x" * 9000}]
    )
    def test_wrong_defaults_get_words(self, sign, bob, project, wrong):
        fields = {"resolution": "720P", "ratio": "16:9", "duration": "5", "negative_prompt": ""} | wrong

        response = ask(sign(bob), "defaults", project, **fields)

        assert response.status_code == 422
        assert 'class="error"' in response.content.decode()
        project.refresh_from_db()
        assert project.defaults == {}

    def test_a_clip_becomes_the_cover(self, sign, bob, project, clip):
        ask(sign(bob), "cover", project, take=clip.uuid)

        assert f"/generations/{clip.uuid}/poster" in sign(bob).get(reverse("projects:index")).content.decode()
        ask(sign(bob), "cover", project, take="")
        project.refresh_from_db()
        assert project.cover is None

    @pytest.mark.parametrize("where", ["trash", "another project"])
    def test_a_cover_that_is_gone_is_not_shown(self, sign, bob, project, team, clip, where):
        client, poster = sign(bob), reverse("generations:poster", args=[clip.uuid])
        ask(client, "cover", project, take=clip.uuid)
        assert poster in client.get(reverse("projects:index")).content.decode()

        if where == "trash":
            Generation.objects.filter(pk=clip.pk).update(trashed_at=timezone.now())
        else:
            Generation.objects.filter(pk=clip.pk).update(project=ProjectFactory(team=team))

        assert poster not in client.get(reverse("projects:index")).content.decode()

    def test_not_a_clip_of_elsewhere(self, sign, bob, project):
        assert ask(sign(bob), "cover", project, take=ReadyFactory().uuid).status_code == 404
        assert ask(sign(bob), "cover", project, take="nonsense").status_code == 404

    @pytest.mark.parametrize(("person", "status"), OTHERS)
    @pytest.mark.parametrize("name", ["settings", "defaults", "cover"])
    def test_editors_only(self, sign, request, project, person, status, name):
        client = sign(request.getfixturevalue(person))

        assert ask(client, name, project).status_code == status

    @pytest.mark.parametrize(("person", "status"), [("bob", 403), *OTHERS])
    @pytest.mark.parametrize("name", ["account", "archive", "move", "delete"])
    def test_owners_only(self, sign, request, project, person, status, name):
        assert ask(sign(request.getfixturevalue(person)), name, project).status_code == status


class TestAccount:
    def test_the_chosen_one_pays(self, as_alice, alice, team, project):
        chosen, usual = AccountFactory(team=team, name="Old"), AccountFactory(team=team, name="New")

        ask(as_alice, "account", project, account=chosen.uuid)

        project.refresh_from_db()
        assert press_once(user=alice, project=project).account == chosen
        assert press_once(user=alice, project=ProjectFactory(team=team)).account == usual

    def test_not_one_of_another_team(self, as_alice, project):
        assert ask(as_alice, "account", project, account=AccountFactory(team=TeamFactory()).uuid).status_code == 422

    def test_a_closed_one_is_passed_over(self, alice, team, project):
        usual = AccountFactory(team=team)
        project.account = AccountFactory(team=team, closed_at=timezone.now())
        project.save()

        assert press_once(user=alice, project=project).account == usual


class TestArchive:
    def test_takes_no_new_takes_and_keeps_its_clips(self, as_alice, alice, project, clip):
        ask(as_alice, "archive", project)
        project.refresh_from_db()

        with pytest.raises(press.Refused, match="archived"):
            press_once(user=alice, project=project)
        assert as_alice.get(clip.get_absolute_url()).status_code == 200
        assert as_alice.get("/studio/", {"project": project.uuid}).context["composer"] is None
        assert as_alice.post("/generations/", {"project": project.uuid, "prompt": "x"}).status_code == 403
        assert "Harbour film" not in as_alice.get(reverse("projects:menu")).content.decode()
        assert "Harbour film" in as_alice.get(reverse("projects:index"), {"archive": ""}).content.decode()

    @pytest.mark.parametrize(
        ("person", "words"),
        [
            ("alice", "Its settings take it out again."),
            ("bob", "Owners of the team can take it out."),
            ("vera", "Owners of the team can take it out."),
        ],
    )
    def test_is_what_the_studio_says_instead_of_the_composer(self, sign, request, project, person, words):
        Project.objects.filter(pk=project.pk).update(archived_at=timezone.now())

        page = sign(request.getfixturevalue(person)).get(reverse("generations:studio"), {"project": project.uuid})

        notice = page.content.decode().partition('id="watching"')[2].partition("</p>")[0]
        assert f"This project is in the archive, so nothing new is made here. {words}" in notice
        assert (reverse("projects:settings", args=[project.uuid]) in notice) == (person == "alice")

    def test_a_press_that_looked_before_is_refused(self, as_alice, alice, project, clip):
        before = Project.objects.select_related("team").get(pk=project.pk)
        ask(as_alice, "archive", project)

        with pytest.raises(press.Refused, match="archived"):
            press_once(user=alice, project=before)
        assert not Generation.objects.filter(status="queued").exists()

    @pytest.mark.parametrize("what", ["archive", "delete", "move"])
    def test_whoever_closes_it_waits_for_a_press_that_is_not_committed(
        self, at_once, alice, project, client, monkeypatch, what
    ):
        """Else the takes would be made in a project that is archived, deleted, or another team's."""
        if connection.vendor == "sqlite":
            pytest.skip("SQLite has one writer at a time")
        account, other = AccountFactory(team=project.team), Team.objects.create_shared(alice, "Festival crew")
        client.force_login(alice)
        looked, closed, write_down = threading.Event(), threading.Event(), press._write_down

        def writes(*args):
            looked.set()
            assert not closed.wait(1)
            write_down(*args)

        def closes():
            assert looked.wait(60)
            assert ask(client, what, project, team=other.uuid).status_code == 303
            closed.set()

        monkeypatch.setattr(press, "_write_down", writes)
        at_once(lambda: press_once(user=alice, project=project), closes)

        project.refresh_from_db()
        take = Generation.objects.get(account=account)
        assert (closed.is_set(), take.team) == (True, project.team)

    @pytest.mark.parametrize("origin", [Origin.FOUND, Origin.LATE])
    def test_a_move_waits_for_what_wan_has_made_already(self, at_once, alice, project, monkeypatch, origin):
        """Else the take would be of the old team, in a project of the new one."""
        if connection.vendor == "sqlite":
            pytest.skip("SQLite has one writer at a time")
        account, other = AccountFactory(team=project.team), Team.objects.create_shared(alice, "Festival crew")
        scene = SceneFactory(project=project, created_by=alice)
        canceled = GenerationFactory(scene=scene, account=account, status="canceled", owner=alice)
        lost = SubmitAttempt.objects.create(
            generation=canceled, account=account, fence=1, started_at=timezone.now(), outcome="released"
        )
        Reading.objects.create(account=account, tasks=[{"task_id": "one", "created_at": timezone.now().isoformat()}])
        WanAccount.objects.update(is_demo=True)  # costs nothing: the team's row is not locked for a budget
        looked, moved, write_down = threading.Event(), threading.Event(), press._write_down

        def writes(*args):
            looked.set()
            assert not moved.wait(1)
            write_down(*args)

        def moves():
            assert looked.wait(60)
            moving.move(Project.objects.get(pk=project.pk), other, by=alice)
            moved.set()

        def adopts():
            if origin == Origin.LATE:
                answers.accept(lost, TaskCreated("one", TaskStatus.PENDING, "request", timezone.now(), None))
            else:
                desk.adopt(WanAccount.objects.get(), "one", project=project, by=alice)

        monkeypatch.setattr(press, "_write_down", writes)
        at_once(adopts, moves)

        take = Generation.objects.get(status="pending", origin=origin)
        assert moved.is_set()
        assert take.team == take.project.team == other

    def test_what_is_late_comes_where_its_take_has_moved_meanwhile(self, alice, project, clip, monkeypatch):
        other = Team.objects.create_shared(alice, "Festival crew")
        lost = SubmitAttempt.objects.create(
            generation=clip, account=clip.account, fence=1, started_at=timezone.now(), outcome="released"
        )
        moving.move(project, other, by=alice)

        answers.accept(lost, TaskCreated("one", TaskStatus.PENDING, "request", timezone.now(), None))

        late = Generation.objects.get(status="pending")
        assert (late.team, late.project, late.parent) == (other, project, clip)

    def test_what_wan_has_made_already_is_taken_in_all_the_same(self, as_alice, alice, project, clip):
        before = Project.objects.select_related("team").get(pk=project.pk)
        ask(as_alice, "archive", project)

        (take,) = press.make(
            [retry.recipe_of(clip)],
            user=alice,
            project=before,
            scene=None,
            account=clip.account,
            token=uuid.uuid4(),
            kin=press.Kin(None, Origin.FOUND),
        )

        assert take.project == project

    def test_and_back(self, as_alice, alice, project, clip):
        ask(as_alice, "archive", project)
        ask(as_alice, "archive", project, back="1")
        project.refresh_from_db()

        assert press_once(user=alice, project=project)


class TestMove:
    @pytest.fixture
    def other(self, alice):
        return Team.objects.create_shared(alice, "Festival crew")

    def test_takes_everything_along(self, as_alice, alice, client, bob, project, clip, other):
        tag = Tag.objects.named(project.team, ["Hero"])[0]
        Tagging.objects.create(tag=tag, generation=clip, by=bob)
        shelf = Collection.objects.create(team=project.team, name="Best", created_by=bob)
        Collected.objects.create(collection=shelf, generation=clip, by=bob, place=1)

        assert ask(as_alice, "move", project, team=other.uuid).status_code == 303

        clip.refresh_from_db()
        assert clip.team == other
        assert [(tagging.tag.team, tagging.tag.name) for tagging in clip.taggings.all()] == [(other, "Hero")]
        assert not Collected.objects.filter(generation=clip).exists()
        assert as_alice.get(clip.get_absolute_url()).status_code == 200
        client.force_login(bob)
        assert client.get(clip.get_absolute_url()).status_code == 404

    def test_its_budget_goes_along(self, as_alice, alice, project, other):
        account = AccountFactory(team=other)
        BudgetFactory(team=project.team, scope="project", project=project, amount=7)

        page = ask(as_alice, "move", project, team=other.uuid, follow=True).content.decode()

        project.refresh_from_db()
        assert purse.purse_of(project, alice, account).line("project").limit == 7
        assert "Budgets that limit" not in page

    def test_a_budget_saved_meanwhile_is_refused(self, alice, project, other):
        """It would be the old team's, of a project that is not."""
        row = {"project-amount": "7", "project-warn_at": "80", "project-month": f"{timezone.now():%Y-%m}"}
        form = QueryDict(urlencode({"which": "project"} | row))
        budgeting = Budgeting(Project.objects.select_related("team").get(pk=project.pk), alice, None, form)
        moving.move(project, other, by=alice)

        assert "moved to another team" in budgeting.save()
        assert not Budget.objects.filter(project=project).exists()

    def test_a_budget_in_another_currency_is_said_to_bind_nothing(self, as_alice, project, other):
        AccountFactory(team=other, region="beijing")
        BudgetFactory(team=project.team, scope="project", project=project, amount=7)

        page = ask(as_alice, "move", project, team=other.uuid, follow=True).content.decode()

        assert f"Budgets that limit no account that bills in CN¥: {project.name} (US$\xa07.00)." in page

    def test_says_what_it_means_first(self, as_alice, project, other):
        page = as_alice.get(reverse("projects:settings", args=[project.uuid])).content.decode()

        assert "What was spent so far stays booked with Harbour crew" in page
        assert "A budget of the project goes along" in page

    def test_only_to_a_team_one_owns(self, as_alice, alice, project, other):
        MembershipFactory(team=other, user=alice.__class__.objects.create_user("z@example.com"), role="owner")
        other.memberships.filter(user=alice).update(role="editor")

        assert ask(as_alice, "move", project, team=other.uuid).status_code == 422
        assert ask(as_alice, "move", project, team="nonsense").status_code == 422

    @pytest.mark.parametrize(
        ("form", "action", "data"), [("ProjectForm", "settings", {"name": "New"}), ("AccountChoiceForm", "account", {})]
    )
    def test_what_was_set_meanwhile_brings_it_not_back(
        self, as_alice, alice, project, clip, other, meanwhile, form, action, data
    ):
        meanwhile(f"teams.views.project_settings.{form}", lambda: moving.move(project, other, by=alice))

        assert ask(as_alice, action, project, **data).status_code == 303

        project.refresh_from_db()
        assert project.team == other

    def test_a_press_that_looked_before_the_move_is_refused(self, as_alice, alice, project, clip, other):
        before = Project.objects.select_related("team").get(pk=project.pk)
        ask(as_alice, "move", project, team=other.uuid)

        with pytest.raises(press.Refused, match="moved"):
            press_once(user=alice, project=before)
        assert not Generation.objects.filter(status="queued").exists()


class TestDeletion:
    def test_is_out_of_sight_at_once_and_back_with_a_press(self, as_alice, project, clip):
        ask(as_alice, "delete", project)
        gone = [project.get_absolute_url(), clip.get_absolute_url(), f"/studio/?project={project.uuid}"]

        assert [as_alice.get(url).status_code for url in gone] == [404, 404, 404]
        assert "gone for good in" in as_alice.get(reverse("projects:index")).content.decode()

        assert ask(as_alice, "restore", project).status_code == 303
        assert [as_alice.get(url).status_code for url in gone] == [200, 200, 200]

    @pytest.mark.parametrize("what", ["project", "team"])
    def test_a_press_that_looked_before_is_refused(self, alice, project, clip, what):
        before = Project.objects.select_related("team").get(pk=project.pk)
        if what == "team":
            closing.delete_team(project.team, by=alice)
        else:
            closing.delete_project(project, by=alice)

        with pytest.raises(press.Refused, match="deleted"):
            press_once(user=alice, project=before)
        assert not Generation.objects.filter(status="queued").exists()

    @pytest.mark.parametrize("person", ["bob", "vera", "charlie"])
    def test_others_cannot_bring_it_back(self, sign, request, project, alice, person):
        closing.delete_project(project, by=alice)

        assert ask(sign(request.getfixturevalue(person)), "restore", project).status_code == 404

    @pytest.mark.parametrize(
        "broken", ["generations.lifecycle.cancel.request", "teams.closing._purge", "accounts.closing._forget"]
    )
    def test_one_that_breaks_holds_up_no_other(self, project, clip, alice, charlie, monkeypatch, broken):
        """The first of whatever it is breaks: what comes after it, of the same kind or another, is done."""
        other = ProjectFactory(team=project.team)
        takes = [GenerationFactory(scene=SceneFactory(project=one), account=clip.account) for one in (project, other)]
        people = [charlie, UserFactory()]
        verb, calls = import_string(broken), []

        def breaks(*args, **options):
            calls.append(args)
            if args[0] == calls[0][0]:
                raise ValueError(broken)
            return verb(*args, **options)

        for one in (project, other):
            closing.delete_project(one, by=alice)
        for person in people:
            accounts.close(person)
        monkeypatch.setattr(broken, breaks)
        closing.sweep()
        canceled = Generation.objects.filter(pk__in=[take.pk for take in takes], status="canceled").count()
        Generation.objects.unfinished().update(status="canceled", finished_at=timezone.now(), due_at=None)
        with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
            for _ in range(4):
                closing.sweep()

        purged = Project.objects.filter(pk__in=[project.pk, other.pk]).exclude(purged_at=None).count()
        forgotten = User.objects.exclude(purged_at=None).count()
        done = {"request": (1, 2, 2), "_purge": (2, 1, 2), "_forget": (2, 2, 1)}
        assert (canceled, purged, forgotten) == done[broken.rpartition(".")[2]]

    def test_cancels_what_waits_and_leaves_what_wan_has(self, project, clip, alice):
        waiting = GenerationFactory(scene=clip.scene, account=clip.account)
        running = GenerationFactory(scene=clip.scene, account=clip.account, status="running")
        closing.delete_project(project, by=alice)

        closing.sweep()

        waiting.refresh_from_db()
        running.refresh_from_db()
        assert waiting.status == "canceled"
        assert running.status == "running"

    def test_after_thirty_days_it_is_gone_for_good(self, simulator, as_alice, project, clip, alice):
        AudioFactory(project=project)
        closing.delete_project(project, by=alice)
        closing.sweep()
        clip.refresh_from_db()
        assert clip.trashed_at is None

        with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
            closing.sweep()

            clip.refresh_from_db()
            assert clip.trashed_at is not None
            assert clip.prompt == ""
            assert not project.audio.exists()
            as_alice.force_login(alice)
            assert ask(as_alice, "restore", project).status_code == 404

    def test_leaves_no_words_but_its_name_after_thirty_days(self, simulator, project, clip, alice, bob):
        comment = Comment.objects.create(generation=clip, person=bob, text="Too dark")
        Comment.objects.create(generation=clip, person=alice, text="True", parent=comment)
        Mention.objects.create(comment=comment, person=alice)
        Verdict.objects.create(generation=clip, person=bob, word="changes")
        Note.objects.create(generation=clip, author=bob, text="For Monday")
        template = Template.objects.create(owner=bob, project=project, name="House look", recipe={"prompt": "x"})
        closing.delete_project(project, by=alice)

        with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
            closing.sweep()

        left = (Comment, Mention, Verdict, Note)
        assert [model.objects.count() for model in left] == [0, 0, 0, 0]
        clip.scene.refresh_from_db()
        project.refresh_from_db()
        template.refresh_from_db()
        assert (clip.scene.name, project.name, template.project) == ("", "Harbour film", None)

    def test_leaves_the_audio_that_other_projects_use_and_goes_on(
        self, simulator, team, project, clip, alice, monkeypatch
    ):
        deleted = []
        monkeypatch.setattr(storage, "delete", lambda name, key: deleted.append(key))
        audio, own = AudioFactory(project=project), AudioFactory(project=project)
        elsewhere = SceneFactory(project=ProjectFactory(team=team, name="Two"), created_by=alice)
        take = GenerationFactory(scene=elsewhere, account=clip.account, audio=audio)
        third = ProjectFactory(team=team, name="Three")
        closing.delete_project(project, by=alice)
        closing.delete_project(third, by=alice)

        with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
            closing.sweep()

        take.refresh_from_db()
        third.refresh_from_db()
        project.refresh_from_db()
        assert take.audio == audio
        assert deleted == [own.key]
        assert project.purged_at
        assert third.purged_at

    def test_not_while_a_take_is_on_its_way(self, project, clip, alice):
        GenerationFactory(scene=clip.scene, account=clip.account, status="archiving")
        closing.delete_project(project, by=alice)

        with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
            closing.sweep()

        project.refresh_from_db()
        assert project.purged_at is None


class TestTeamDeletion:
    def url(self, name, team):
        return reverse(f"teams:{name}", args=[team.uuid])

    def test_hides_its_projects_from_everybody(self, as_alice, client, team, project, clip, vera):
        page = as_alice.get(team.get_absolute_url()).content.decode()
        asked = page.partition('id="delete" popover')[2].partition("</div>")[0]
        assert f'action="{self.url("delete", team)}"' in asked
        assert "its screening links stop at once" in asked
        assert as_alice.post(self.url("delete", team)).status_code == 303

        assert as_alice.get(clip.get_absolute_url()).status_code == 404
        client.force_login(vera)
        assert client.get(team.get_absolute_url()).status_code == 404
        assert client.get(clip.get_absolute_url()).status_code == 404

    def test_ends_its_screenings(self, client, alice, team, project, clip):
        link = ShareLink(project=project, created_by=alice, name="Cut", expires_at=timezone.now() + timedelta(days=9))
        token = link.renew_token()
        link.save()
        link.show([clip])
        assert client.get(f"/s/{token}/").status_code == 200

        closing.delete_team(team, by=alice)

        assert client.get(f"/s/{token}/").status_code == 404

    def test_comes_back(self, as_alice, team, clip):
        as_alice.post(self.url("delete", team))

        assert "Harbour crew" in as_alice.get(reverse("teams:index")).content.decode()
        assert as_alice.post(self.url("restore", team)).status_code == 303
        assert as_alice.get(clip.get_absolute_url()).status_code == 200

    def test_ones_own_space_stays(self, as_alice, alice):
        assert as_alice.post(self.url("delete", alice.personal_team)).status_code == 409

    @pytest.mark.parametrize(("person", "status"), [("bob", 403), *OTHERS])
    def test_owners_only(self, sign, request, team, person, status):
        assert sign(request.getfixturevalue(person)).post(self.url("delete", team)).status_code == status

    def test_is_over_when_its_projects_are(self, simulator, team, project, clip, alice):
        closing.delete_team(team, by=alice)

        with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
            closing.sweep()
            closing.sweep()

        team.refresh_from_db()
        assert team.purged_at is not None

    def test_leaves_no_words_and_no_address_but_its_name(self, simulator, team, project, clip, alice):
        inviting.invite(team, "stranger@example.org", "editor", by=alice)
        shelf = Collection.objects.create(team=team, name="Secret pitch", created_by=alice)
        Collected.objects.create(collection=shelf, generation=clip, by=alice, place=1)
        Tagging.objects.create(tag=Tag.objects.named(team, ["Secret"])[0], generation=clip, by=alice)
        closing.delete_team(team, by=alice)

        with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
            closing.sweep()
            closing.sweep()

        assert not any(model.objects.filter(team=team).exists() for model in (Invitation, Collection, Tag))
