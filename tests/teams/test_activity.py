"""Who did what when: written down by whoever does it, read by the people of the project and by nobody else."""

import uuid
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from generations.lifecycle import batches, cancel, moves, purge, trash
from generations.lifecycle.press import press
from generations.models import Status
from screenings import review
from screenings.models import ShareLink
from teams import closing, inviting, moving, people, telling, verbs
from teams.activity import record
from teams.models import Activity, Membership, Project
from tests.factories import (
    AccountFactory,
    GenerationFactory,
    ProjectFactory,
    ReadyFactory,
    SceneFactory,
    TeamFactory,
)
from tests.generations.pressing import RECIPE


@pytest.fixture
def scene(project, alice):
    AccountFactory(team=project.team)
    return SceneFactory(project=project, created_by=alice, name="Harbour", takes_made=100)


def told(place):
    """The sentences, newest first."""
    of = Activity.objects.of_project if isinstance(place, Project) else Activity.objects.of_team
    return [entry.text for entry in telling.entries(of(place).for_telling())]


def read(response):
    """Its words."""
    return unescape(strip_tags(response.content.decode()))


def page(client, place, **query):
    name = "projects:activity" if isinstance(place, Project) else "teams:activity"
    return client.get(reverse(name, args=[place.uuid]), query)


class TestRow:
    def test_is_never_rewritten_nor_taken_back(self, project, alice):
        row = record("project_archived", project, by=alice)

        with pytest.raises(TypeError):
            row.save()
        with pytest.raises(TypeError):
            row.delete()
        assert Activity.objects.filter(pk=row.pk).exists()

    def test_a_verb_without_words_is_an_error(self, project):
        with pytest.raises(KeyError):
            record("dreamt", project)

    def test_every_verb_can_be_told(self, project, scene, alice, bob):
        take = ReadyFactory(scene=scene, owner=alice)
        labels = {"name": "One <b>", "to": "Two", "role": "editor", "scope": "team", "amount": "50", "currency": "USD"}
        labels["month"] = "2027-01-01"

        for verb in verbs.VERBS:
            for count in (1, 4):
                entry = telling.Entry([record(verb, take, by=alice, person=bob, count=count, **labels)])

                assert "%" not in entry.text
                assert "One <b>" not in entry.sentence
                assert entry.text[0].isdigit() or entry.text[0].isupper()


class TestTakes:
    def test_a_press_is_one_line_with_its_count(self, project, scene, bob):
        press(RECIPE, user=bob, project=project, scene=scene, takes=4, token=uuid.uuid4())

        assert told(project) == ["Bob pressed Generate for 4 takes of Harbour"]

    def test_the_same_press_sent_twice_is_told_once(self, project, scene, bob):
        token = uuid.uuid4()
        for _time in range(2):
            press(RECIPE, user=bob, project=project, scene=scene, takes=1, token=token)

        assert told(project) == ["Bob pressed Generate for take 101 of Harbour"]

    def test_a_call_sheet_is_one_line(self, project, scene, bob):
        rows = [("Dawn", RECIPE), ("Dawn", RECIPE), ("Dusk", RECIPE)]

        batches.send(rows, user=bob, project=project, name="Monday", token=uuid.uuid4())

        assert told(project) == ["Bob sent the call sheet Monday with 3 takes"]

    @pytest.mark.parametrize(
        ("status", "to", "sentence"),
        [
            ("archiving", "ready", "Take 7 of Harbour is ready"),
            ("running", "failed", "Take 7 of Harbour failed"),
            ("archiving", "lost", "Take 7 of Harbour is lost"),
            ("running", "canceled", "Take 7 of Harbour was canceled"),
        ],
    )
    def test_an_end_is_told_of_nobody(self, project, scene, alice, status, to, sentence):
        take = GenerationFactory(scene=scene, owner=alice, status=status, number=7)
        fields = {"ready_at": take.created_at, "video_key": "x"} if to == "ready" else {}

        moves.move(take, Status(to), "archived", **fields)

        assert told(project) == [sentence]

    def test_a_move_that_came_second_is_not_told(self, project, scene, alice):
        take = GenerationFactory(scene=scene, owner=alice, status="running")
        take.task_id = "another"

        assert not moves.move(take, Status.FAILED, "failed")
        assert told(project) == []

    def test_neighbours_of_one_scene_are_told_as_one(self, project, scene, alice):
        for number in (1, 2, 3):
            take = GenerationFactory(scene=scene, owner=alice, status="running", number=number)
            moves.move(take, Status.FAILED, "failed")

        assert told(project) == ["3 takes of Harbour failed"]

    def test_cancel_trash_restore_and_purge_name_who_did_it(self, project, scene, alice, bob):
        take = GenerationFactory(scene=scene, owner=alice, number=7)
        cancel.request(take, by=bob)
        type(take).objects.filter(pk=take.pk).update(due_at=None)
        trash.trash(take, by=bob)
        trash.restore(take, by=alice)
        trash.trash(take, by=alice)
        purge.purge(take, by=alice)

        assert told(project) == [
            "Alice deleted take 7 of Harbour for good",
            "Alice moved take 7 of Harbour to the trash",
            "Alice took take 7 of Harbour out of the trash",
            "Bob moved take 7 of Harbour to the trash",
            "Bob canceled take 7 of Harbour",
        ]

    def test_a_bulk_deed_is_one_line_for_each_project(self, project, team, scene, alice):
        other = SceneFactory(project=ProjectFactory(team=team), created_by=alice)
        takes = [ReadyFactory(scene=one, owner=alice) for one in (scene, scene, other)]

        trash.trash_all([take.pk for take in takes], by=alice)

        assert told(project) == ["Alice moved 2 takes of Harbour to the trash"]
        assert len(told(other.project)) == 1

    def test_what_went_to_another_project_is_not_shown_here(self, as_alice, project, team, scene, alice):
        secret = SceneFactory(project=ProjectFactory(team=TeamFactory()), created_by=alice, name="Somebody's secret")
        take = ReadyFactory(scene=scene, owner=alice)
        record("ready", take)
        type(take).objects.filter(pk=take.pk).update(scene=secret, project=secret.project, team=secret.project.team)

        html = page(as_alice, project).content.decode()

        assert "A take is ready" in html
        assert "secret" not in html
        assert str(take.uuid) not in html


class TestTalkAndSharing:
    def test_comments_verdicts_and_settling(self, project, scene, alice, bob):
        take = ReadyFactory(scene=scene, owner=alice, number=7)
        comment = review.say(take, review.Speaker(person=bob), text="Secret words", second=None, parent=None)
        review.say(take, review.Speaker(person=alice), text="Yes", second=None, parent=comment)
        review.judge(take, review.Speaker(guest="Client"), "changes")
        review.settle(comment, by=alice)

        assert told(project) == [
            "Alice settled a comment on take 7 of Harbour",
            "Client (guest) asked for changes to take 7 of Harbour",
            "Alice answered on take 7 of Harbour",
            "Bob commented on take 7 of Harbour",
        ]
        assert not Activity.objects.filter(data__icontains="Secret").exists()

    def test_a_link_is_told_with_its_first_visit_only(self, as_alice, client, project, scene, alice):
        take = ReadyFactory(scene=scene, owner=alice)
        as_alice.post(f"{reverse('screenings:new')}?take={take.uuid}", {"take": take.uuid, "name": "Cut", "days": 30})
        link = ShareLink.objects.get()
        token = link.renew_token()
        link.save()
        client.logout()
        for _visit in range(2):
            client.get(reverse("screenings:seen", args=[token]))

        assert told(project) == [
            "The screening Cut was opened for the first time",
            "Alice made the screening link Cut",
        ]
        assert not [row for row in Activity.objects.all() if token in str(row.data)]


class TestTeam:
    def test_people_come_change_and_go(self, team, alice, bob, vera, charlie):
        _invitation, link = inviting.invite(team, charlie.email, "viewer", by=alice)
        inviting.accept(link.rstrip("/").rpartition("/")[2], charlie)
        people.change_role(team, charlie.uuid, "editor", by=alice)
        people.change_role(team, charlie.uuid, "editor", by=alice)
        people.hand_over(team, bob.uuid, by=alice)
        people.remove(team, charlie.uuid, by=bob)
        people.leave(team, by=vera)

        assert told(team) == [
            "Vera left the team",
            "Bob took Charlie out of the team",
            "Alice handed the team over to Bob",
            "Alice changed the role of Charlie to Editor",
            "Charlie joined as Viewer",
            "Alice invited somebody as Viewer",
        ]
        assert charlie.email not in str(list(Activity.objects.values_list("data", flat=True)))

    def test_a_project_that_moves_is_told_on_both_sides(self, team, project, alice):
        own = alice.personal_team

        moving.move(project, own, by=alice)

        assert told(team) == ["Alice moved the project Harbour film to another team"]
        assert told(own) == ["Alice moved the project Harbour film to this team"]

    def test_settings_are_told_when_they_change(self, as_alice, project, team):
        url = reverse("projects:settings", args=[project.uuid])
        as_alice.post(url, {"name": project.name, "description": "Only this"})
        as_alice.post(url, {"name": "Final", "description": ""})
        as_alice.post(reverse("projects:archive", args=[project.uuid]))
        as_alice.post(reverse("projects:archive", args=[project.uuid]))
        as_alice.post(reverse("teams:rename", args=[team.uuid]), {"name": "Crew"})

        assert told(project) == [
            "Alice put the project into the archive",
            "Alice renamed the project from Harbour film to Final",
        ]
        assert told(team) == ["Alice renamed the team from Harbour crew to Crew"]

    def test_a_budget_is_told_with_its_amount(self, as_alice, project, team):
        AccountFactory(team=team)
        url = f"{reverse('generations:budgets')}?project={project.uuid}"
        today = timezone.localdate(timezone=team.zone)
        soon = date(today.year + 1, 1, 1)
        data = {"which": "project", "project-amount": "1250", "project-warn_at": "80", "project-month": f"{soon:%Y-%m}"}
        as_alice.post(url, data | {"project-month": f"{today:%Y-%m}"})
        as_alice.post(url, data)
        as_alice.post(url, data | {"project-amount": ""})
        as_alice.post(url, {"which": "project", "drop": f"{soon:%Y-%m}"})

        assert told(team) == [
            f"Alice took back the budget of Harbour film from {soon:%B %Y} on",
            f"Alice took the limit off the budget of Harbour film from {soon:%B %Y} on",
            f"Alice set the budget of Harbour film to US$\xa01,250.00 from {soon:%B %Y} on",
            "Alice set the budget of Harbour film to US$\xa01,250.00",
        ]

    def test_a_wan_account_is_told_without_its_key(self, as_alice, team):
        url = reverse("teams:wan_accounts", args=[team.uuid])
        as_alice.post(
            url,
            {
                "name": "Crew's",
                "region": "singapore",
                "running_limit": 5,
                "pending_limit": 500,
                "creates_per_second": 5,
                "queries_per_second": 20,
                "key": "sk-secret",
            },
        )

        assert told(team) == ["Alice added the Wan account Crew's"]
        assert not [row for row in Activity.objects.all() if "secret" in str(row.data)]

    def test_goes_with_its_project_and_not_before(self, project, team, scene, alice):
        record("ready", ReadyFactory(scene=scene, owner=alice))
        now = datetime.now(UTC)
        closing.delete_project(project, by=alice)
        with time_machine.travel(now + timedelta(days=29), tick=False):
            closing.sweep()
            assert Activity.objects.of_project(project).exists()
        with time_machine.travel(now + timedelta(days=31), tick=False):
            closing.sweep()

        assert not Activity.objects.of_project(project).exists()
        assert told(team) == ["Alice deleted the project Harbour film"]


class TestPage:
    @pytest.fixture
    def acts(self, project, scene, alice, bob):
        with time_machine.travel(datetime(2026, 11, 27, 12, tzinfo=UTC), tick=False):
            record("project_archived", project, by=alice)
        with time_machine.travel(datetime(2026, 11, 28, 12, tzinfo=UTC), tick=False):
            record("commented", ReadyFactory(scene=scene, owner=alice), by=bob)

    def test_a_viewer_reads_it_day_by_day(self, client, vera, acts, project):
        client.force_login(vera)

        response = page(client, project)

        html = read(response)
        assert [str(day) for day, _entries in response.context["history"].days] == ["2026-11-28", "2026-11-27"]
        assert "Alice put the project into the archive" in html
        assert "Bob commented on" in html
        assert 'title="28 Nov 2026 12:00">12:00</time>' in response.content.decode()

    def test_days_are_the_readers(self, client, vera, acts, project):
        vera.time_zone = "Pacific/Kiritimati"
        vera.save()
        client.force_login(vera)

        assert [str(day) for day, _entries in page(client, project).context["history"].days] == [
            "2026-11-29",
            "2026-11-28",
        ]

    def test_filters_by_person_and_kind(self, as_alice, acts, project, bob):
        by_bob = read(page(as_alice, project, person=str(bob.uuid)))
        settings = read(page(as_alice, project, kind="settings"))
        both = page(as_alice, project, person=str(bob.uuid), kind="settings").content.decode()

        assert "Bob commented on" in by_bob
        assert "into the archive" not in by_bob
        assert "into the archive" in settings
        assert "Bob commented on" not in settings
        assert "Nothing like that" in both

    @pytest.mark.parametrize("query", [{"person": "x" * 5000}, {"kind": "'"}, {"before": "forged"}])
    def test_strange_addresses_are_only_strange(self, as_alice, acts, project, query):
        assert page(as_alice, project, **query).status_code == 200

    def test_goes_on_from_where_a_page_ended(self, as_alice, project, alice):
        for number in range(telling.PAGE + 5):
            record("link_made", project, by=alice, name=f"Link {number:03}.")
        first = page(as_alice, project, kind="sharing")
        record("link_made", project, by=alice, name="Later")

        second = page(as_alice, project, kind="sharing", before=first.context["history"].earlier)

        html = first.content.decode() + second.content.decode()
        assert [html.count(f"Link {number:03}.") for number in range(telling.PAGE + 5)] == [1] * (telling.PAGE + 5)
        assert second.context["history"].earlier == ""

    def test_costs_few_queries_however_much_happened(
        self, as_alice, project, scene, alice, django_assert_max_num_queries
    ):
        for _act in range(50):
            record("commented", ReadyFactory(scene=scene, owner=alice), by=alice)
        page(as_alice, project)

        with django_assert_max_num_queries(10):
            page(as_alice, project)

    def test_a_removed_member_reads_it_no_more(self, client, bob, acts, team, project):
        Membership.objects.filter(team=team, user=bob).delete()
        client.force_login(bob)

        assert page(client, project).status_code == 404
        assert page(client, team).status_code == 404

    def test_the_team_page_is_of_the_team(self, as_alice, team, acts):
        record("team_renamed", team, name="One", to="Two")

        html = read(page(as_alice, team))

        assert "Somebody renamed the team from One to Two" in html
        assert "into the archive" not in html

    def test_panels_of_project_and_team_lead_there(self, as_alice, acts, project, team, alice):
        record("joined", team, by=alice, role="owner")
        for place in (project, team):
            assert page(as_alice, place).request["PATH_INFO"] in as_alice.get(place.get_absolute_url()).content.decode()
