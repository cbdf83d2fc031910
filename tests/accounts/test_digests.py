"""What is new, by mail: only for who asked for it, once, in their language and at their hour."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core import mail, signing
from django.urls import reverse

from accounts import digests, notifying
from accounts.models import Notification, User
from generations.lifecycle.moves import move
from generations.lifecycle.refused import Refused
from generations.models import Generation, Status
from generations.pricing import released
from outbox.models import Mail
from teams.activity import record
from teams.models import Membership
from tests.factories import BudgetFactory, GenerationFactory, ReadyFactory, SceneFactory
from tests.generations.pressing import press_once


def at(hour, minute=0, day=28):
    return time_machine.travel(datetime(2026, 11, day, hour, minute, tzinfo=UTC), tick=False)


@pytest.fixture
def choose(alice):
    def choose(digest, zone="UTC", language=""):
        User.objects.filter(pk=alice.pk).update(time_zone=zone, language=language)
        with at(0, day=1):
            digests.choose(alice, digest)

    return choose


@pytest.fixture
def news(project, alice, bob):
    """Something new for Alice."""
    scene = SceneFactory(project=project, created_by=alice, name="Harbour")

    def news(verb="commented", by=bob):
        take = ReadyFactory(scene=scene, owner=alice, number=Generation.objects.count() + 1, prompt="Secret prompt")
        notifying.tell(record(verb, take, by=by), [alice.pk])
        return take

    return news


class TestWhen:
    def test_each_hour(self, choose, news):
        choose("hour")
        with at(9, 10):
            news()
            digests.sweep()
        assert len(mail.outbox) == 1  # its turn at nine had not been used
        with at(9, 40):
            news()
            digests.sweep()
        assert len(mail.outbox) == 1
        with at(10, 1):
            digests.sweep()
        assert len(mail.outbox) == 2

    @pytest.mark.parametrize(("zone", "hour"), [("UTC", 8), ("Asia/Taipei", 0), ("America/New_York", 13)])
    def test_each_morning_of_the_person(self, choose, news, zone, hour):
        choose("day", zone)
        with at(hour, 30, day=27):
            news()
            digests.sweep()
        with at(hour, 31, day=27):
            news()
            digests.sweep()
        with at(hour - 1, 59) if hour else at(23, 59, day=27):
            digests.sweep()
        assert len(mail.outbox) == 1
        with at(hour, 1):
            digests.sweep()
        assert len(mail.outbox) == 2

    def test_the_newest_and_how_many_there_are(self, choose, news, monkeypatch):
        monkeypatch.setattr(digests, "SHOWN", 2)
        choose("hour")
        with at(9):
            for _ in range(5):
                news("approved")
            digests.sweep()

        assert mail.outbox[0].subject == "5 things new in Wan Studio"
        assert mail.outbox[0].body.count("/generations/") == 2
        assert "And 3 older ones." in mail.outbox[0].body

    def test_nothing_when_there_is_nothing(self, choose):
        choose("hour")
        with at(9):
            digests.sweep()

        assert mail.outbox == []

    def test_nothing_for_who_did_not_ask(self, news, alice):
        with at(9):
            news()
            digests.sweep()

        assert alice.digest == "off"
        assert mail.outbox == []

    def test_nothing_of_before_it_was_chosen(self, news, as_alice, alice):
        with at(9):
            news()
            fields = {"name": "Alice", "theme": "dark", "uses_keys": "on", "digest": "hour"}
            as_alice.post(reverse("accounts:profile"), fields)
        with at(11):
            digests.sweep()
            alice.refresh_from_db()
            assert (alice.digest, mail.outbox) == ("hour", [])
            news()
        with at(12):
            digests.sweep()

        assert len(mail.outbox) == 1

    def test_nothing_that_was_seen_or_cannot_be_seen_any_more(self, choose, news, team, alice):
        choose("hour")
        with at(9):
            news()
            notifying.see(alice, until=Notification.objects.latest("pk").pk)
            digests.sweep()
            news()
            Membership.objects.filter(team=team, user=alice).delete()
        with at(11):
            digests.sweep()

        assert mail.outbox == []

    def test_nothing_for_an_account_that_is_deleted(self, choose, news, alice):
        choose("hour")
        with at(9):
            news()
            User.objects.filter(pk=alice.pk).update(deleted_at=datetime(2026, 11, 1, tzinfo=UTC))
            digests.sweep()

        assert mail.outbox == []

    def test_nothing_is_mailed_twice(self, choose, news):
        choose("hour")
        with at(9):
            news()
            digests.sweep()
        with at(10):
            digests.sweep()

        assert len(mail.outbox) == 1

    def test_two_workers_send_one(self, choose, news, alice):
        choose("hour")
        with at(9):
            news()
            one, other = User.objects.get(pk=alice.pk), User.objects.get(pk=alice.pk)
            for person in (one, other):
                digests._send(person, datetime(2026, 11, 28, 9, tzinfo=UTC))

        assert len(mail.outbox) == 1


class TestLetter:
    @pytest.fixture
    def letter(self, choose, news):
        def letter(language="", verbs=("commented",)):
            choose("hour", language=language)
            with at(9):
                takes = [news(verb) for verb in verbs]
                digests.sweep()
            (found,) = mail.outbox
            return found, takes

        return letter

    def test_tells_and_leads_there_without_a_prompt(self, letter, alice):
        found, (take,) = letter()

        assert found.to == [alice.email]
        assert found.subject == "1 thing new in Wan Studio"
        assert "Bob commented on take 1 of Harbour (Harbour film)" in found.body
        assert f"http://127.0.0.1:8000{take.get_absolute_url()}" in found.body
        assert "http://127.0.0.1:8000/notifications/" in found.body
        assert "Secret" not in found.body
        assert "<" not in found.body

    def test_counts(self, letter):
        found, _takes = letter(verbs=("commented", "approved"))

        assert found.subject == "2 things new in Wan Studio"

    def test_tells_of_takes_that_failed(self, choose, project, alice):
        choose("hour")
        scene = SceneFactory(project=project, created_by=alice, name="Harbour")
        take = GenerationFactory(scene=scene, owner=alice, status=Status.RUNNING, prompt="Secret prompt")
        with at(9):
            move(take, Status.FAILED, "failed", failure_cause="content", **released())
            digests.sweep()

        (found,) = mail.outbox
        assert found.subject == "1 thing new in Wan Studio"
        assert f"Take {take.number} of Harbour failed (Harbour film)" in found.body
        assert f"http://127.0.0.1:8000{take.get_absolute_url()}" in found.body
        assert "Secret" not in found.body

    def test_warns_owners_of_a_budget_and_nobody_else(self, choose, project, team, alice, bob):
        choose("hour")
        with at(0, day=1):
            digests.choose(bob, "hour")
        BudgetFactory(team=team, amount="0.25", month=date(2026, 11, 1))
        with at(9):
            press_once(user=bob, project=project)
            digests.sweep()
        with at(10, 1):
            with pytest.raises(Refused):
                press_once(user=bob, project=project)
            digests.sweep()

        near, stopped = mail.outbox
        assert near.to == stopped.to == [alice.email]
        assert "The budget of the team is nearly used up" in near.body
        assert "The budget of the team has stopped a press" in stopped.body
        assert f"http://127.0.0.1:8000{team.get_absolute_url()}" in near.body

    def test_warns_a_person_of_their_own_budget(self, choose, project, team, alice, bob):
        with at(0, day=1):
            digests.choose(bob, "hour")
        BudgetFactory(team=team, scope="person", amount="0.20", month=date(2026, 11, 1))
        with at(9):
            press_once(user=bob, project=project)
            digests.sweep()

        (found,) = mail.outbox
        assert found.to == [bob.email]
        assert "The budget of Bob is used up" in found.body

    def test_is_a_row_first(self, settings, letter, choose, news):
        settings.EMAIL_BACKEND = "outbox.backend.OutboxBackend"
        choose("hour")
        with at(9):
            news()
            digests.sweep()

        row = Mail.objects.get()
        assert "List-Unsubscribe" in row.content["headers"]

    def test_its_link_ends_it_without_signing_in(self, letter, client, alice):
        found, _takes = letter()
        link = re.search(r"http://127\.0\.0\.1:8000(/accounts/digest/off/\S+)", found.body)[1]
        assert found.extra_headers["List-Unsubscribe"] == f"<http://127.0.0.1:8000{link}>"

        assert "End these mails?" in client.get(link).content.decode()
        alice.refresh_from_db()
        assert alice.digest == "hour"
        assert "No more of these mails" in client.post(link).content.decode()

        alice.refresh_from_db()
        assert alice.digest == "off"
        assert "_auth_user_id" not in client.session

    @pytest.mark.parametrize("token", ["x", "a:b:c", "%00"])
    def test_a_forged_link_leads_nowhere(self, client, db, token):
        assert client.get(f"/accounts/digest/off/{token}/").status_code == 404

    def test_a_token_for_something_else_is_no_good(self, client, alice):
        other = signing.dumps(str(alice.uuid), salt="another")

        assert client.post(reverse("accounts:digest_off", args=[other])).status_code == 404


def test_one_that_breaks_holds_up_no_other(choose, alice, bob, project, monkeypatch):
    choose("hour")
    with at(0, day=1):
        digests.choose(bob, "hour")
    written, letter = [], digests._letter
    with at(8, 30):
        notifying.tell(record("project_archived", project), [alice.pk, bob.pk])

    def breaks(person, *more):
        written.append(person)
        if person == alice:
            raise ValueError("no letter")
        return letter(person, *more)

    monkeypatch.setattr(digests, "_letter", breaks)
    with at(9, 5):
        digests.sweep()

    assert written == [alice, bob]
    assert Notification.objects.filter(person=bob, mailed_at=None).count() == 0
    assert Notification.objects.filter(person=alice, mailed_at=None).exists()
