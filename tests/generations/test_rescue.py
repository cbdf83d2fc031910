"""The rescue desk: what Wan has and we don't is found, named and taken in."""

from __future__ import annotations

import json
import urllib.request
import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification
from generations import clock, deadline, rescue
from generations.lifecycle import desk, listing, submit
from generations.models import Generation, Reading, WanAccount
from tests.factories import AccountFactory, BudgetFactory, GenerationFactory
from tests.generations.pressing import press_once


@pytest.fixture
def only_travel():
    """`only_travel(hours=24)` lets that time pass, for Wan as well as for us, and no other time."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield lambda **delta: traveller.shift(timedelta(**delta))


@pytest.fixture
def account(simulator, alice, team):
    """The installation's account; alice administers the installation."""
    type(alice).objects.filter(pk=alice.pk).update(is_superuser=True, is_staff=True)
    alice.refresh_from_db()
    return WanAccount.objects.installation()


@pytest.fixture
def make_past_us(simulator, account, settings):
    """`make_past_us(prompt)` makes a task with the same key, as another program would. Returns its id."""

    def make(prompt):
        recipe = {"model": "wan2.7-t2v", "input": {"prompt": prompt}}
        recipe["parameters"] = {"resolution": "720P", "ratio": "9:16", "duration": 3}
        headers = {
            "Authorization": f"Bearer {settings.DASHSCOPE_API_KEY}",
            "Content-Type": "application/json",
            "X-DashScope-Async": "enable",
        }
        url = f"{simulator.base_url}/services/aigc/video-generation/video-synthesis"
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps(recipe).encode(), headers)) as answer:
            return json.load(answer)["output"]["task_id"]

    return make


@pytest.fixture
def stray(make_past_us):
    return make_past_us("A kite over the dunes")


@pytest.fixture
def second_row(account, settings):
    """Of the same Wan account, as another workspace or another team with the same key makes it."""
    row = AccountFactory(team=None, name="The same", origin=account.origin)
    row.set_api_key(settings.DASHSCOPE_API_KEY)
    row.save()
    return row


class TestReading:
    def test_of_nothing_is_repeated_soon(self, account, stray, project, only_travel):
        """The first take of an account may not be at Wan yet when its list is read first; whose it is is told then."""
        GenerationFactory(account=account, project=project)
        Reading.objects.create(account=account, read_at=clock.now(), total=0)

        only_travel(seconds=59)
        desk.sweep()
        assert WanAccount.objects.get(pk=account.pk).main_account == ""
        only_travel(seconds=2)
        desk.sweep()

        assert WanAccount.objects.get(pk=account.pk).main_account != ""

    def test_names_tasks_that_no_take_knows(self, account, stray):
        desk.request(account)

        desk.sweep()

        assert [row["task_id"] for row in Reading.objects.get().tasks] == [stray]

    def test_leaves_out_our_own_tasks(self, account, alice, project, way):
        way.until(press_once(user=alice, project=project), "ready")
        desk.request(account)

        desk.sweep()

        assert Reading.objects.get().tasks == []
        assert Reading.objects.get().total == 1

    def test_keeps_the_last_result_when_the_list_fails(self, account, stray, simulator):
        desk.request(account)
        desk.sweep()
        simulator.faults.add("list_500", times=5)
        desk.request(account)

        desk.sweep()

        reading = Reading.objects.get()
        assert reading.error
        assert len(reading.tasks) == 1

    def test_names_no_lost_answer_of_another_row_of_the_same_wan_account(
        self, second_row, as_alice, alice, project, way, simulator
    ):
        simulator.faults.add("drop_create_answer", times=1)
        take = press_once(user=alice, project=project)
        submit.sweep()
        desk.request(second_row)

        desk.sweep()

        reading = Reading.objects.get(account=second_row)
        assert (reading.tasks, reading.total, reading.in_doubt) == ([], 1, 1)
        page = as_alice.get(reverse("generations:rescue_desk", args=[second_row.uuid])).content.decode()
        assert "1 task may be the lost answer of a take" in page
        assert "belongs to a take" not in page
        way.until(take, "ready")
        assert len(simulator.ledger()) == 1

    def test_leaves_out_tasks_of_other_models(self, account, stray, as_alice, monkeypatch):
        real = listing.read_list
        monkeypatch.setattr(
            listing, "read_list", lambda account: [replace(task, model_name="wan2.6-t2i") for task in real(account)]
        )
        desk.request(account)

        desk.sweep()

        reading = Reading.objects.get()
        assert (reading.tasks, reading.total, reading.others) == ([], 1, 1)
        page = as_alice.get(reverse("generations:rescue_desk", args=[account.uuid])).content.decode()
        assert "1 task of another model is not the studio" in page

    def test_that_dies_says_nothing_and_is_taken_up_by_the_next(self, account, alice, stray, monkeypatch):
        def die(account):
            raise SystemExit

        desk.request(account)
        with monkeypatch.context() as patch:
            patch.setattr(listing, "read_list", die)
            with pytest.raises(SystemExit):
                desk.sweep()
        desk.sweep()  # it may be alive and reading
        assert Reading.objects.get().read_at is None
        assert not rescue.desk_of(account, alice).accounts_for_all

        Reading.objects.update(held_until=timezone.now())
        desk.sweep()

        assert [row["task_id"] for row in Reading.objects.get().tasks] == [stray]


class TestImport:
    @pytest.fixture
    def page(self, as_alice, account, stray, project):
        desk.request(account)
        desk.sweep()
        return lambda **fields: as_alice.post(
            reverse("generations:rescue_import", args=[account.uuid]),
            {"task": stray, "project": project.uuid} | fields,
        )

    def test_makes_a_take_that_is_watched_and_archived(self, page, way, simulator, stray):
        answer = page()

        take = way.until(Generation.objects.get(), "ready")
        assert answer.status_code == 303
        assert take.task_id == stray
        assert (take.sent_prompt, take.resolution, take.ratio, take.duration) == (
            "A kite over the dunes",
            "720P",
            "9:16",
            3,
        )
        assert take.scene.name == "A kite over the dunes"
        assert take.cost == take.price_per_second * 3
        assert len(simulator.ledger()) == 1

    @pytest.mark.parametrize(("resolution", "price"), [("720P", "0.2"), ("1080P", "0.01")])
    def test_keeps_its_price_unless_its_resolution_turns_out_another(self, page, way, resolution, price):
        page()
        Generation.objects.update(resolution=resolution, price_per_second="0.2")
        WanAccount.objects.update(own_price_720p="0.01")

        take = way.until(Generation.objects.get(), "ready")

        assert take.resolution == "720P"
        assert (take.price_per_second, take.cost) == (Decimal(price), Decimal(price) * 3)

    def test_is_told_where_it_uses_up_a_budget_and_refused_by_none(self, page, team, alice):
        BudgetFactory(team=team, amount="0.10")

        page()

        assert Generation.objects.get().reserved > Decimal("0.10")
        assert Notification.objects.filter(person=alice, activity__verb="budget_out").exists()

    def test_twice_makes_one_take(self, page):
        page()
        answer = page()

        assert answer.status_code == 409
        assert Generation.objects.count() == 1

    def test_refuses_a_task_that_is_not_on_the_list(self, page):
        assert page(task="11111111-2222-4333-8444-555555555555").status_code == 409

    def test_waits_for_an_answer_that_was_lost_since_the_reading(self, page, account, alice, project, simulator):
        simulator.faults.add("create_500_not_accepted", times=1)
        press_once(user=alice, project=project)
        submit.sweep()

        answer = page()

        assert answer.status_code == 409
        assert "The studio is finding out" in answer.content.decode()
        assert Generation.objects.count() == 1

    def test_of_what_wan_has_deleted_since_the_reading_makes_no_take(self, page, as_alice, account, only_travel):
        desk_page = reverse("generations:rescue_desk", args=[account.uuid])
        assert "Take in" in as_alice.get(desk_page).content.decode()
        only_travel(hours=28)

        answer = page()

        assert answer.status_code == 409
        assert "Wan has deleted this task" in answer.content.decode()
        assert not Generation.objects.exists()
        assert "Take in" not in as_alice.get(desk_page).content.decode()

    def test_counts_the_24_hours_from_when_wan_had_it(self, page, stray, only_travel):
        began = Reading.objects.get().tasks[0]["created_at"]
        only_travel(hours=20)

        page()

        take = Generation.objects.get()
        assert take.accepted_at.isoformat() == began
        assert deadline.of(take) < timezone.now() + timedelta(hours=5)

    def test_of_what_fails_at_wan_sends_nothing(self, as_alice, account, make_past_us, project, way, simulator):
        make_past_us("A kite [fault: fail=InternalError.Algo]")
        desk.request(account)
        desk.sweep()
        (row,) = Reading.objects.get().tasks
        as_alice.post(
            reverse("generations:rescue_import", args=[account.uuid]),
            {"task": row["task_id"], "project": project.uuid},
        )

        take = way.until(Generation.objects.get(), "failed")

        assert (take.cost, take.reserved) == (0, 0)
        way.turn()
        as_alice.post(reverse("generations:retry", args=[take.uuid]), {"token": uuid.uuid4()})
        as_alice.post(reverse("generations:retry_failed"), {"token": uuid.uuid4(), "project": project.uuid})
        way.turn()
        assert Generation.objects.count() == 1
        assert len(simulator.ledger()) == 1

    def test_into_a_project_of_others_is_404(self, page, charlie):
        theirs = charlie.personal_team.projects.get()

        assert page(project=theirs.uuid).status_code == 404


class TestPage:
    def test_says_that_nothing_is_at_risk(self, as_alice, account):
        page = as_alice.get(reverse("generations:rescue_desk", args=[account.uuid]))

        assert "Nothing at risk." in page.content.decode()

    def test_says_that_all_is_known_once_the_list_was_read(self, as_alice, account):
        def page():
            return as_alice.get(reverse("generations:rescue_desk", args=[account.uuid])).content.decode()

        unread = page()
        reading = Reading.objects.create(account=account, read_at=timezone.now())
        read = page()
        Reading.objects.filter(pk=reading.pk).update(error="HTTP 503")

        assert ["belongs to a take" in html for html in (unread, read, page())] == [False, True, False]

    def test_lists_what_is_saved_what_is_on_the_way_and_what_is_unknown(
        self, as_alice, alice, account, project, make_past_us, way, settings
    ):
        """Of the last 24 hours; what was taken in is on the way as everything else."""
        strays = [make_past_us("A kite over the dunes"), make_past_us("Somebody else's boat")]
        ready = way.until(press_once("A saved harbour", user=alice, project=project), "ready")
        running = press_once("A running harbour [fault: hang]", user=alice, project=project)
        way.until(running, "pending", "running")
        desk.request(account)
        desk.sweep()
        url = reverse("generations:rescue_import", args=[account.uuid])
        as_alice.post(url, {"task": strays[0], "project": project.uuid})
        taken_in = Generation.objects.get(task_id=strays[0])

        def lists(**past):
            with time_machine.travel(timezone.now() + timedelta(**past), tick=False):
                found = rescue.desk_of(account, alice)
            return set(found.saved), set(found.on_the_way), [task.task_id for task in found.unknown]

        assert lists() == ({ready}, {running, taken_in}, [strays[1]])
        assert lists(hours=25) == (set(), set(), [])
        page = as_alice.get(reverse("generations:rescue_desk", args=[account.uuid])).content.decode()
        way_there, saved = page[page.index('id="way"') :].split('id="saved"')
        assert ready.get_absolute_url() in saved
        assert running.get_absolute_url() in way_there
        assert strays[1][:12] in page[: page.index('id="way"')]

    def test_says_that_the_24_hours_are_over(self, client, as_alice, account, project, alice):
        scene = {"scene__project": project, "scene__created_by": alice}
        rendered = timezone.now() - timedelta(hours=24.5)
        GenerationFactory(account=account, status="archiving", rendered_at=rendered, **scene)
        client.force_login(alice)

        desk = as_alice.get(reverse("generations:rescue_desk", args=[account.uuid])).content.decode()
        studio = client.get("/studio/", {"project": project.uuid}).content.decode()

        assert "Past Wan&#x27;s 24 hours" in desk or "Past Wan's 24 hours" in desk
        assert "24 hours are over" in studio

    @pytest.mark.parametrize(("status", "since"), [("archiving", "rendered_at"), ("running", "accepted_at")])
    def test_names_whose_time_runs_out(self, as_alice, account, project, alice, status, since):
        scene = {"scene__project": project, "scene__created_by": alice, "scene__name": "The lost kite"}
        GenerationFactory(account=account, status=status, **{since: timezone.now() - timedelta(hours=19)}, **scene)

        page = as_alice.get(reverse("generations:rescue_desk", args=[account.uuid])).content.decode()

        assert "These run out next" in page
        assert "The lost kite" in page

    def test_warns_in_the_studio_of_the_take_that_stays_at_wan(self, client, alice, project):
        accepted = timezone.now() - timedelta(hours=19)
        scene = {"scene__project": project, "scene__created_by": alice}
        account = AccountFactory(team=project.team)
        GenerationFactory(account=account, status="pending", accepted_at=accepted, **scene)
        client.force_login(alice)

        page = client.get("/studio/", {"project": project.uuid}).content.decode()

        assert page.count("still not ended at Wan") == 2

    def test_says_that_a_fetched_file_waits_on_a_machine_of_ours(self, client, as_alice, account, project, alice):
        rendered, scene = timezone.now() - timedelta(hours=25), {"scene__project": project, "scene__created_by": alice}
        away = {"status": "archiving", "waiting_for": "away", "spool_host": "media-2"}
        GenerationFactory(account=account, rendered_at=rendered, **away, **scene)
        client.force_login(alice)

        desk = as_alice.get(reverse("generations:rescue_desk", args=[account.uuid])).content.decode()
        studio = client.get("/studio/", {"project": project.uuid}).content.decode()

        assert "File on media-2" in desk
        assert studio.count("A machine of the studio has its file and stores it.") == 2
        assert "Wan deletes it in" not in studio

    def test_counts_the_clips_of_other_teams_whose_time_runs_out(self, as_alice, account, charlie):
        now = timezone.now()
        theirs = {"account": account, "status": "archiving", "scene__created_by": charlie}
        first = GenerationFactory(rendered_at=now - timedelta(hours=20, minutes=59), **theirs)
        GenerationFactory(rendered_at=now - timedelta(hours=19), **theirs)

        page = as_alice.get(reverse("generations:rescue_desk", args=[account.uuid])).content.decode()

        assert "Nothing at risk." not in page
        assert "2 clips of other teams" in page
        assert "3\xa0hours left" in page
        assert first.scene.name not in page

    def test_shows_takes_of_other_teams_only_as_a_number(self, as_alice, account, charlie):
        theirs = GenerationFactory(account=account, status="running", task_id="t1", scene__created_by=charlie)
        theirs.attempts.create(account=account, fence=1, started_at=timezone.now(), task_id="t1", outcome="accepted")

        page = as_alice.get(reverse("generations:rescue_desk", args=[account.uuid])).content.decode()

        assert "And 1 task of another team." in page
        assert theirs.scene.name not in page

    @pytest.mark.parametrize(("hours", "words"), [(1, "Nothing at risk"), (19, "The lost kite")])
    def test_has_its_light_in_the_studio_as_well(self, client, alice, project, hours, words):
        account = AccountFactory(team=project.team)
        rendered = timezone.now() - timedelta(hours=hours)
        scene = {"scene__project": project, "scene__created_by": alice, "scene__name": "The lost kite"}
        GenerationFactory(account=account, status="archiving", rendered_at=rendered, **scene)
        client.force_login(alice)

        page = client.get("/studio/", {"project": project.uuid}).content.decode()

        tray = page[page.index('id="queue-tray"') :]
        assert ("Wan deletes it in" in tray) == (hours == 19)
        assert words in tray

    @pytest.mark.parametrize("person", ["bob", "vera", "charlie"])
    def test_is_404_for_everybody_else(self, client, account, request, person):
        client.force_login(request.getfixturevalue(person))

        assert client.get(reverse("generations:rescue_desk", args=[account.uuid])).status_code == 404
        assert client.get(reverse("generations:rescue")).status_code == 404

    def test_is_open_to_owners_of_the_team_that_owns_the_account(self, client, alice, team, simulator):
        own = WanAccount.objects.create(team=team, name="Crew", region="singapore", origin=simulator.base_url)

        assert [account.pk for account in rescue.accounts_of(alice)] == [own.pk]


def test_a_project_that_is_none_is_not_found(as_alice, team):
    account = AccountFactory(team=team)

    response = as_alice.post(reverse("generations:rescue_import", args=[account.uuid]), {"project": "nonsense"})

    assert response.status_code == 404
