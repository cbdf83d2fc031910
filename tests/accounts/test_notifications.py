"""What concerns somebody rings their bell, once, and nobody else's."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import bell, closing, notifying
from accounts.bell import Bell, NotificationList
from accounts.copying import _notifications
from accounts.models import Notification
from generations import clock
from generations.lifecycle import cancel, moves
from generations.models import Status
from screenings import review
from screenings.models import ShareLink
from teams import inviting, people
from teams.activity import record
from teams.models import Activity, Membership, Project
from tests.factories import AccountFactory, GenerationFactory, ReadyFactory, SceneFactory

HTMX = {"HX-Request": "true"}


@pytest.fixture
def scene(project, alice):
    AccountFactory(team=project.team)
    return SceneFactory(project=project, created_by=alice, name="Harbour", takes_made=100)


@pytest.fixture
def take(scene, alice):
    return ReadyFactory(scene=scene, owner=alice, number=7)


def finish(scene, owner, press=None, to="ready"):
    take = GenerationFactory(scene=scene, owner=owner, status="archiving", press=press or uuid.uuid4())
    fields = {"ready_at": timezone.now(), "video_key": "x"} if to == "ready" else {}
    assert moves.move(take, Status(to), "archived", **fields)
    return take


def told(person):
    return [one.entry.text for one in NotificationList(person).shown]


class TestTakes:
    def test_the_takes_of_a_press_are_one_notification(self, scene, alice, bob):
        press = uuid.uuid4()
        for index in range(4):
            take = GenerationFactory(scene=scene, owner=alice, status="archiving", press=press, press_index=index)
            moves.move(take, Status.READY, "archived", ready_at=timezone.now(), video_key="x")
        lost = finish(scene, alice, to="lost")

        assert told(alice) == [
            f"Take {lost.number} of Harbour is lost",
            "4 takes of Harbour are ready",
        ]
        assert told(bob) == []
        assert (Bell(alice).count, Bell(alice).finished) == (2, 5)

    def test_nobody_is_told_of_their_own_cancel(self, scene, alice, bob):
        mine, other = (GenerationFactory(scene=scene, owner=alice, number=number) for number in (1, 2))
        cancel.request(mine, by=alice)
        cancel.request(other, by=bob)

        assert told(alice) == ["Bob canceled take 2 of Harbour"]

    def test_nothing_is_told_twice(self, scene, alice, take):
        activity = record("ready", take)
        for _time in range(2):
            notifying.tell(activity, [alice.pk, alice.pk])

        assert Notification.objects.count() == 1

    def test_telling_nobody_asks_the_database_nothing(self, take, alice, django_assert_num_queries):
        activity = record("approved", take, by=alice)

        with django_assert_num_queries(0):
            notifying.tell(activity, [alice.pk, None])


class TestTalk:
    def test_a_comment_reaches_the_maker_and_an_answer_the_thread(self, take, alice, bob, vera):
        comment = review.say(take, review.Speaker(person=bob), text="One", second=None, parent=None)
        review.say(take, review.Speaker(person=vera), text="Two", second=None, parent=comment)

        assert told(alice) == ["Vera answered on take 7 of Harbour", "Bob commented on take 7 of Harbour"]
        assert told(bob) == ["Vera answered on take 7 of Harbour"]
        assert told(vera) == []

    def test_what_guests_say_of_a_clip_within_a_day_rings_once(self, as_alice, alice, take, scene, monkeypatch):
        noon = clock.now().replace(hour=12)
        monkeypatch.setattr(clock, "now", lambda: noon)
        link = ShareLink(project=scene.project, created_by=alice, name="Cut", expires_at=timezone.now())
        link.renew_token()
        link.save()
        for name in ("Carol", "Dan", "Dan"):
            guest = review.Speaker(guest=name, link=link)
            review.say(take, guest, text="Lovely", second=None, parent=None)
            review.judge(take, guest, "approved")

        page = as_alice.get(reverse("notifications")).content.decode()

        assert Bell(alice).count == 2
        assert "3 comments on" in page
        assert "was approved 3 times, the last by <b>Dan (guest)</b>" in page
        assert "the last by <b>Dan (guest)</b>" in page
        assert "takes of" not in page.partition("<main")[2]

    @pytest.mark.parametrize(
        ("zone", "second", "rings"),
        [
            ("Asia/Taipei", datetime(2026, 11, 30, 1, tzinfo=UTC), 1),  # 07:00 and 09:00 of one day there
            ("Asia/Taipei", datetime(2026, 11, 30, 17, tzinfo=UTC), 2),
            ("", datetime(2026, 11, 30, 1, tzinfo=UTC), 2),
        ],
    )
    def test_days_of_guests_words_begin_at_the_readers_midnight(self, take, alice, scene, zone, second, rings):
        alice.time_zone = zone
        alice.save()
        link = ShareLink(project=scene.project, created_by=alice, name="Cut", expires_at=timezone.now())
        link.renew_token()
        link.save()
        for moment in (datetime(2026, 11, 29, 23, tzinfo=UTC), second):
            with time_machine.travel(moment, tick=False):
                carol = review.Speaker(guest="Carol", link=link)
                review.say(take, carol, text="Lovely", second=None, parent=None)

        assert Bell(alice).count == rings

    def test_guests_who_differ_are_both_told(self, take, alice, scene):
        link = ShareLink(project=scene.project, created_by=alice, name="Cut", expires_at=timezone.now())
        link.renew_token()
        link.save()

        review.judge(take, review.Speaker(guest="Carol", link=link), "changes")
        review.judge(take, review.Speaker(guest="Dan", link=link), "approved")

        assert told(alice) == [
            "Dan (guest) approved take 7 of Harbour",
            "Carol (guest) asked for changes to take 7 of Harbour",
        ]

    def test_a_guests_verdict_reaches_the_maker_and_who_made_the_link(self, scene, alice, bob):
        take = ReadyFactory(scene=scene, owner=alice, number=7)
        link = ShareLink(project=scene.project, created_by=bob, name="Cut", expires_at=timezone.now())
        link.renew_token()
        link.save()

        review.judge(take, review.Speaker(guest="Client", link=link), "approved")

        assert told(alice) == told(bob) == ["Client (guest) approved take 7 of Harbour"]


class TestPeople:
    def test_who_invited_and_whose_role_changed(self, team, alice, bob, charlie):
        _invitation, link = inviting.invite(team, charlie.email, "viewer", by=alice)
        inviting.accept(link.rstrip("/").rpartition("/")[2], charlie)
        people.change_role(team, charlie.uuid, "editor", by=alice)
        people.hand_over(team, bob.uuid, by=alice)

        assert told(alice) == ["Charlie joined as Viewer"]
        assert told(charlie) == ["Alice changed the role of Charlie to Editor"]
        assert told(bob) == ["Alice handed the team over to Bob"]


class TestSight:
    def test_who_left_is_told_nothing_any_more(self, scene, team, bob):
        finish(scene, bob)
        Membership.objects.filter(team=team, user=bob).delete()

        assert told(bob) == []
        assert Bell(bob).count == 0
        assert list(_notifications(bob)) == []

    def test_nor_of_a_deleted_project(self, scene, project, alice):
        finish(scene, alice)
        Project.objects.filter(pk=project.pk).update(deleted_at=timezone.now())

        assert told(alice) == []
        assert Bell(alice).count == 0

    def test_goes_with_the_activity_of_a_purged_project(self, scene, project, alice):
        finish(scene, alice)
        Activity.objects.of_project(project).forget()

        assert not Notification.objects.exists()

    def test_goes_with_the_account(self, scene, bob):
        finish(scene, bob)
        closing._forget(bob)

        assert not Notification.objects.exists()


class TestSeen:
    def test_marks_what_the_page_showed_and_nothing_later(self, as_alice, alice, bob, scene):
        finish(scene, alice)
        finish(scene, bob)
        newest = NotificationList(alice).newest
        finish(scene, alice, to="lost")

        response = as_alice.post(reverse("notifications_seen"), {"until": newest})

        assert response.status_code == 303
        assert [one.is_new for one in NotificationList(alice).shown] == [True, False]
        assert Bell(bob).count == 1

    @pytest.mark.parametrize("until", ["", "x", "-1", "9" * 500, "²"])
    def test_strange_numbers_change_nothing(self, as_alice, alice, scene, until):
        finish(scene, alice)

        assert as_alice.post(reverse("notifications_seen"), {"until": until}).status_code == 303
        assert Bell(alice).count == 1

    def test_the_menu_gets_itself_and_the_bell_back(self, as_alice, alice, scene):
        finish(scene, alice)

        html = as_alice.post(
            reverse("notifications_seen"), {"until": NotificationList(alice).newest}, headers=HTMX
        ).content.decode()

        assert 'id="bell"' in html
        assert "nothing new" in html

    def test_is_forgotten_90_days_after_it_was_seen(self, alice, scene):
        finish(scene, alice)
        finish(scene, alice, to="lost")
        notifying.see(alice, until=Notification.objects.earliest("pk").pk)
        with time_machine.travel(timezone.now() + timedelta(days=89), tick=False):
            notifying.forget()
            assert Notification.objects.count() == 2
        with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
            notifying.forget()

        assert [row.seen_at for row in Notification.objects.all()] == [None]


class TestPage:
    def test_works_without_script_and_tells_what_is_new(self, as_alice, alice, scene, project):
        take = finish(scene, alice)

        html = as_alice.get(reverse("notifications")).content.decode()

        assert take.get_absolute_url() in html
        assert project.name in html
        assert "data-new" in html
        assert "Mark as seen" in html

    def test_goes_on_from_where_a_page_ended(self, as_alice, alice, scene):
        takes = [finish(scene, alice) for _take in range(bell.PAGE + 3)]
        first = as_alice.get(reverse("notifications")).context["notifications"]
        second = as_alice.get(reverse("notifications"), {"before": first.earlier}).context["notifications"]

        shown = [one.notification.activity.generation_id for one in (*first.shown, *second.shown)]
        assert shown == [take.pk for take in reversed(takes)]
        assert second.earlier == ""
        assert as_alice.get(reverse("notifications"), {"before": "forged"}).status_code == 200

    def test_costs_few_queries(self, as_alice, alice, scene, django_assert_max_num_queries):
        for _take in range(20):
            finish(scene, alice)
        as_alice.get(reverse("notifications"))

        with django_assert_max_num_queries(12):
            as_alice.get(reverse("notifications"))


class TestBell:
    def test_stands_on_every_page_with_its_number(self, as_alice, alice, scene, project):
        for _take in range(11):
            finish(scene, alice)

        html = as_alice.get(project.get_absolute_url()).content.decode()

        assert 'id="bell" href="/notifications/"' in html
        assert "9+" in html
        assert "11 new notifications" in html

    def test_costs_one_query(self, as_alice, alice, scene, django_assert_num_queries):
        for _take in range(3):
            finish(scene, alice)

        with django_assert_num_queries(1):
            found = Bell(alice)
            assert (found.count, found.words, found.finished) == (3, "3", 3)

    def test_comes_with_the_poll_when_it_changed(self, as_alice, alice, scene, project):
        url = reverse("generations:status")
        page = as_alice.get(f"/studio/?project={project.uuid}")
        known = page.context["studio"].digest
        ask = {"project": project.uuid, "v": known}
        assert as_alice.get(url, ask, headers=HTMX).status_code == 204

        take = finish(scene, alice)

        html = as_alice.get(url, ask, headers=HTMX).content.decode()
        assert f'data-news="Take {take.number} of Harbour is ready"' in html
        assert 'data-finished="1"' in html


def test_an_end_is_two_inserts(scene, alice):
    take = GenerationFactory(scene=scene, owner=alice, status="running")
    with CaptureQueriesContext(connection) as caught:
        moves.move(take, Status.FAILED, "failed")

    told = [query["sql"] for query in caught if "activity" in query["sql"] or "notification" in query["sql"]]
    assert [sql.split()[0] for sql in told] == ["INSERT", "INSERT"]
