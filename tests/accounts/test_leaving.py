"""A copy of one's data, and deleting one's account."""

import io
import json
import re
import threading
import uuid
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts import closing, copying
from accounts.models import DataCopy, User
from generations.models import Draft, Generation, Note, SavedSearch, Scene, Template
from generations.storage import StorageError
from screenings import review
from teams import closing as places
from teams import inviting, people
from teams.activity import record
from teams.models import Invitation, Membership, Project, Team
from tests.factories import GenerationFactory, MembershipFactory, ReadyFactory, SceneFactory, UserFactory

DELETE = "/accounts/data/delete"


@pytest.fixture
def own_clip(bob):
    return ReadyFactory(scene=SceneFactory(project=bob.personal_team.projects.get(), created_by=bob))


@pytest.fixture
def team_clip(project, bob):
    return ReadyFactory(scene=SceneFactory(project=project, created_by=bob))


@pytest.fixture(autouse=True)
def without_passwords(alice, bob):
    """Who has none is not asked for it again."""
    for person in (alice, bob):
        person.set_unusable_password()
        person.save()


@pytest.fixture
def as_bob(client, bob):
    client.force_login(bob)
    return client


class TestCopy:
    @pytest.mark.parametrize(("email", "says"), [("", "Reload this page"), ("smtp://mail.example", "You get a mail")])
    def test_promises_a_mail_only_where_one_is_sent(self, as_bob, settings, email, says):
        settings.EMAIL_URL = email

        assert says in as_bob.post(reverse("accounts:request_copy"), follow=True).content.decode()

    @pytest.fixture
    def copy(self, simulator, as_bob, bob, own_clip, team_clip):
        as_bob.post(reverse("accounts:request_copy"))
        copying.sweep()
        return DataCopy.objects.get()

    def test_holds_person_and_recipes(self, copy, as_bob, bob, own_clip, team_clip):
        response = as_bob.get(reverse("accounts:data_copy", args=[copy.uuid]))

        archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
        takes = [json.loads(line) for line in archive.read("takes.jsonl").splitlines()]
        person = json.loads(archive.read("person.json"))
        assert person["email"] == bob.email
        assert {row["name"] for row in person["teams"]} == {"Harbour crew", bob.personal_team.name}
        assert {take["uuid"] for take in takes} == {str(own_clip.uuid), str(team_clip.uuid)}
        assert "password" not in archive.read("person.json").decode()

    def test_holds_what_was_said_and_by_whom_one_was_named(self, simulator, as_bob, bob, alice, team_clip):
        said = review.say(team_clip, review.Speaker(person=bob), text="Warmer, @Alice", second=1.5, parent=None)
        review.say(team_clip, review.Speaker(person=alice), text="A secret for @Bob", second=None, parent=said)
        review.judge(team_clip, review.Speaker(person=bob), "changes")
        Note.objects.create(generation=team_clip, author=bob, text="The third is best")
        as_bob.post(reverse("accounts:request_copy"))
        copying.sweep()

        response = as_bob.get(reverse("accounts:data_copy", args=[DataCopy.objects.get().uuid]))
        archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))

        def lines(name):
            return [json.loads(line) for line in archive.read(f"{name}.jsonl").splitlines()]

        (comment,), (verdict,), (mention,), (note,) = map(lines, ("comments", "verdicts", "mentions", "notes"))
        assert (comment["text"], comment["second"]) == ("Warmer, @Alice", 1.5)
        assert comment["page"].endswith(team_clip.get_absolute_url())
        assert (verdict["word"], mention["written"], note["text"]) == ("changes", "Bob", "The third is best")
        assert "secret" not in str([archive.read(name) for name in archive.namelist()])

    def test_names_no_place_that_is_out_of_sight(
        self, simulator, as_bob, bob, alice, project, team, own_clip, team_clip
    ):
        record("pressed", team_clip, by=bob, scene=team_clip.scene.name)
        people.remove(team, bob.uuid, by=alice)
        Project.objects.filter(pk=project.pk).update(name="ACME takeover")
        Scene.objects.filter(pk=team_clip.scene_id).update(name="Fire the CEO")
        as_bob.post(reverse("accounts:request_copy"))
        copying.sweep()

        response = as_bob.get(reverse("accounts:data_copy", args=[DataCopy.objects.get().uuid]))
        archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))

        takes = {take["uuid"]: take for take in map(json.loads, archive.read("takes.jsonl").splitlines())}
        theirs, own = takes[str(team_clip.uuid)], takes[str(own_clip.uuid)]
        assert [theirs[name] for name in ("team__name", "project__name", "scene__name")] == [None] * 3
        assert (theirs["prompt"], own["scene__name"]) == (team_clip.prompt, own_clip.scene.name)
        (done,) = map(json.loads, archive.read("activity.jsonl").splitlines())
        assert (done["verb"], done["team__name"], done["project__name"]) == ("pressed", None, None)

    def test_holds_what_is_kept_for_later(self, simulator, as_bob, bob, alice, project):
        for person, prompt in ((bob, "Fog"), (alice, "A secret")):
            Draft.objects.create(owner=person, project=project, data={"prompt": prompt}, writer=uuid.uuid4())
        Template.objects.create(owner=bob, name="Mine", recipe={"prompt": "Rain"})
        SavedSearch.objects.create(person=bob, project=project, name="Best", query="q=lighthouse")
        as_bob.post(reverse("accounts:request_copy"))
        copying.sweep()

        response = as_bob.get(reverse("accounts:data_copy", args=[DataCopy.objects.get().uuid]))
        archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))

        kept = {name: archive.read(f"{name}.jsonl").decode() for name in ("drafts", "templates", "saved_searches")}
        words = {"drafts": "Fog", "templates": "Rain", "saved_searches": "lighthouse"}
        assert all(words[name] in text and text.count("\n") == 1 for name, text in kept.items())

    def test_one_that_breaks_holds_up_no_other(self, simulator, bob, alice, charlie, monkeypatch):
        stored, deleted = copying.storage.put_file, []
        old = {"expires_at": timezone.now() - timedelta(days=1), "ready_at": timezone.now(), "storage": "local"}
        for number in (1, 2):
            DataCopy.objects.create(user=charlie, requested_at=timezone.now(), key=f"copies/{number}", **old)
        copies = [copying.request(person) for person in (alice, bob)]

        def breaks(path, key, **more):
            if str(copies[0].uuid) in key:
                raise StorageError("full")
            return stored(path, key, **more)

        def refuses(name, key):
            deleted.append(key)
            if len(deleted) == 1:
                raise StorageError("no answer")

        monkeypatch.setattr(copying.storage, "put_file", breaks)
        monkeypatch.setattr(copying.storage, "delete", refuses)
        copying.sweep()

        assert [bool(DataCopy.objects.get(pk=copy.pk).ready_at) for copy in copies] == [False, True]
        assert DataCopy.objects.filter(user=charlie).count() == 1

    def test_is_announced_by_mail_and_shown(self, copy, as_bob):
        assert str(copy.uuid) in mail.outbox[-1].body
        assert str(copy.uuid) in as_bob.get(reverse("accounts:data")).content.decode()

    def test_is_for_its_person_alone(self, copy, client, alice):
        client.force_login(alice)

        assert client.get(reverse("accounts:data_copy", args=[copy.uuid])).status_code == 404

    def test_goes_after_a_week(self, copy, as_bob, bob):
        with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
            copying.sweep()
            as_bob.force_login(bob)
            assert as_bob.get(reverse("accounts:data_copy", args=[copy.uuid])).status_code == 404

    def test_asked_twice_is_written_once(self, as_bob):
        as_bob.post(reverse("accounts:request_copy"))
        as_bob.post(reverse("accounts:request_copy"))

        assert DataCopy.objects.count() == 1


class TestDelete:
    def delete(self, client, sure="yes"):
        return client.post(DELETE, {"sure": sure})

    def test_says_first_what_happens(self, as_bob, own_clip, team_clip):
        page = as_bob.get(DELETE).content.decode()

        assert "1 take in your own space goes with it." in page
        assert "1 take that you made in teams stays there" in page

    def test_counts_with_the_own_space_what_others_made_there(self, as_bob, own_clip, alice):
        ReadyFactory(scene=own_clip.scene, owner=alice)

        page = as_bob.get(DELETE).content.decode()

        assert "2 takes in your own space go with it." in page
        assert "1 of them was made by others." in page

    def test_counts_with_a_team_of_ones_own_all_that_was_made_there(self, as_bob, bob, own_clip, alice):
        alone = Team.objects.create_shared(bob, "Only Bob")
        scene = SceneFactory(project=alone.projects.get(), created_by=bob)
        ReadyFactory(scene=scene)
        ReadyFactory(scene=scene, owner=alice)

        page = as_bob.get(DELETE).content.decode()

        assert "1 take in your own space goes with it." in page
        assert "Only Bob has nobody else and goes with it, with 2 takes." in page
        assert "0 takes that you made in teams stay there" in page

    @pytest.mark.parametrize("is_team", [True, False])
    def test_what_is_deleted_already_does_not_stay(self, as_bob, alice, team_clip, is_team):
        if is_team:
            places.delete_team(team_clip.team, by=alice)
        else:
            places.delete_project(team_clip.project, by=alice)

        assert "0 takes that you made in teams stay there" in as_bob.get(DELETE).content.decode()

    def test_asks_for_the_password_again(self, client, db):
        person = User.objects.create_user("anna@example.com", "harbour-lamp-42")
        client.force_login(person)

        for response in (client.get(DELETE), self.delete(client)):
            assert "reauthenticate" in response["Location"]
        person.refresh_from_db()
        assert person.is_active

    def test_needs_the_tick(self, as_bob, bob):
        self.delete(as_bob, sure="")

        bob.refresh_from_db()
        assert bob.is_active

    def test_ends_every_session_and_leaves_the_clips_of_teams(self, as_bob, bob, alice, own_clip, team_clip, client):
        self.delete(as_bob)

        bob.refresh_from_db()
        assert not bob.is_active
        assert as_bob.get("/studio/").status_code == 302
        assert not Membership.objects.filter(team=team_clip.team, user=bob).exists()
        client.force_login(alice)
        assert client.get(team_clip.get_absolute_url()).status_code == 200
        assert client.get(own_clip.get_absolute_url()).status_code == 404

    def test_the_only_owner_hands_over_first(self, client, alice, team):
        client.force_login(alice)

        assert "only owner" in client.get(DELETE).content.decode()
        assert self.delete(client).status_code == 409
        alice.refresh_from_db()
        assert alice.is_active

    def test_the_only_administrator_makes_another_first(self, client, bob):
        admin = UserFactory(is_superuser=True, is_staff=True, password="!")
        UserFactory(is_superuser=True, is_staff=False)  # to whom administration is closed
        client.force_login(admin)

        assert self.delete(client).status_code == 409

    def test_withdraws_what_was_sent_as_an_owner(self, as_bob, bob, team):
        Membership.objects.filter(team=team, user=bob).update(role="owner")
        invitation, _link = inviting.invite(team, "bobs.other@example.com", "owner", by=bob)

        self.delete(as_bob)

        invitation.refresh_from_db()
        assert invitation.revoked_at

    def test_takes_a_team_of_ones_own_along(self, as_bob, bob):
        alone = Team.objects.create_shared(bob, "Only Bob")

        self.delete(as_bob)

        alone.refresh_from_db()
        assert alone.is_deleted

    def test_cancels_what_waits(self, as_bob, bob, team_clip):
        waiting = GenerationFactory(scene=team_clip.scene, owner=bob, account=team_clip.account)
        self.delete(as_bob)

        places.sweep()

        waiting.refresh_from_db()
        assert waiting.status == "canceled"

    @pytest.mark.parametrize(("has_other_owner", "comes_back"), [(False, True), (True, False)])
    def test_what_one_had_deleted_before_can_be_brought_back_with_the_account(
        self, as_bob, bob, alice, vera, has_other_owner, comes_back
    ):
        """A team that nobody else owns; of others one is no member any more."""
        team = Team.objects.create_shared(bob, "Night crew")
        MembershipFactory(team=team, user=vera, role="owner" if has_other_owner else "editor")
        places.delete_team(team, by=bob)
        self.delete(as_bob)
        bob.refresh_from_db()
        closing.reopen(bob)
        as_bob.force_login(User.objects.get(pk=bob.pk))

        as_bob.post(reverse("teams:restore", args=[team.uuid]))

        team.refresh_from_db()
        assert (not team.is_deleted) is comes_back

    def test_an_administrator_opens_it_again(self, as_bob, bob, own_clip):
        self.delete(as_bob)
        bob.refresh_from_db()

        assert closing.reopen(bob)

        as_bob.force_login(User.objects.get(pk=bob.pk))
        assert as_bob.get(own_clip.get_absolute_url()).status_code == 200
        assert not closing.reopen(bob)

    def test_an_administrators_list_does_it(self, as_bob, bob, alice, own_clip):
        self.delete(as_bob)
        User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
        as_bob.force_login(User.objects.get(pk=alice.pk))
        press = {"action": "bring_back", "_selected_action": [str(bob.pk)]}

        page = as_bob.post("/admin/accounts/user/", press, follow=True).content.decode()

        assert "1 account is open." in page
        bob.refresh_from_db()
        assert (bob.is_active, bob.deleted_at) == (True, None)

    def test_after_thirty_days_nothing_of_the_person_is_left(self, simulator, as_bob, bob, alice, own_clip, team_clip):
        Template.objects.create(owner=bob, name="Mine", recipe={"prompt": "A secret"})
        SavedSearch.objects.create(person=bob, project=own_clip.project, name="Mine", query="q=secret")
        Invitation.objects.create(
            team=team_clip.team,
            email="bob.private@example.com",
            token_hash="x",
            invited_by=alice,
            expires_at=timezone.now(),
            accepted_at=timezone.now(),
            accepted_by=bob,
        )
        self.delete(as_bob)

        with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
            for _ in range(3):
                places.sweep()
            as_bob.force_login(alice)
            page = as_bob.get(team_clip.get_absolute_url()).content.decode()

        bob.refresh_from_db()
        assert not Template.objects.exists()
        assert not SavedSearch.objects.exists()
        assert not Invitation.objects.filter(email__contains="bob").exists()
        assert "bob" not in bob.email
        assert (bob.name, bob.is_active) == ("", False)
        assert not re.search(r"\bBob\b", page)
        assert "Somebody who left" in page
        assert Generation.objects.filter(pk=team_clip.pk, trashed_at=None).exists()
        assert not closing.reopen(bob)

    def test_after_thirty_days_no_letter_and_no_log_names_the_person(
        self, simulator, as_bob, bob, alice, charlie, team
    ):
        """An invitation of after that is somebody's who asks them back."""
        times = {"day": timezone.now(), "later": timezone.now() + timedelta(days=30)}
        for name, address in (("day", bob.email), ("later", bob.email), ("other", charlie.email)):
            where = Team.objects.create_shared(alice, name)
            Invitation.objects.create(
                team=where,
                email=address,
                token_hash=name,
                invited_by=alice,
                expires_at=times.get(name, timezone.now()) + timedelta(days=7),
            )
        for row in (bob, bob.personal_team, charlie):
            about = {"content_type": ContentType.objects.get_for_model(row), "object_id": str(row.pk)}
            LogEntry.objects.create(user=alice, action_flag=CHANGE, object_repr=str(row), change_message="[]", **about)
        self.delete(as_bob)

        with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
            for _ in range(3):
                places.sweep()

        assert set(Invitation.objects.values_list("token_hash", flat=True)) == {"later", "other"}
        assert sorted(LogEntry.objects.values_list("object_repr", flat=True)) == ["", "", "Charlie"]


def closes(person):
    try:
        closing.close(person)
    except closing.Refused:
        return False
    return True


class TestAtOnce:
    def test_two_owners_who_delete_themselves_leave_one(self, at_once, team, alice):
        other = UserFactory()
        MembershipFactory(team=team, user=other, role="owner")

        done = at_once(lambda: closes(alice), lambda: closes(other))

        assert sorted(done) == [False, True]
        assert Membership.objects.filter(team=team, role="owner").count() == 1

    def test_two_administrators_who_delete_themselves_leave_one(self, at_once, transactional_db):
        UserFactory()
        admins = [UserFactory(is_staff=True, is_superuser=True) for _ in range(2)]

        done = at_once(*[lambda person=person: closes(person) for person in admins])

        assert sorted(done) == [False, True]
        assert User.objects.administrators().count() == 1

    def test_an_invitation_that_is_accepted_meanwhile_leaves_no_member(self, at_once, alice, team, monkeypatch):
        """Of a closed account: nobody signs in to leave the team again."""
        if connection.vendor == "sqlite":
            pytest.skip("SQLite has one writer at a time")
        person, looked, closed, join = UserFactory(), threading.Event(), threading.Event(), people.join
        _invitation, link = inviting.invite(team, "somebody@example.com", "editor", by=alice)

        def joins(*args, **kwargs):
            looked.set()
            assert not closed.wait(0.5)
            join(*args, **kwargs)

        def accepts():
            inviting.accept(link.rstrip("/").rpartition("/")[2], person)

        def closes_now():
            assert looked.wait(60)
            with pytest.raises(closing.Refused, match="just come to another team"):
                closing.close(person)
            closed.set()

        monkeypatch.setattr(people, "join", joins)
        at_once(accepts, closes_now)
        closing.close(person)

        assert not Membership.objects.filter(team=team, user=person).exists()

    def test_nobody_joins_with_an_account_that_has_just_been_closed(self, alice, bob, team):
        other = Team.objects.create_shared(alice, "Festival crew")
        _invitation, link = inviting.invite(other, "somebody@example.com", "editor", by=alice)
        before = User.objects.get(pk=bob.pk)
        closing.close(bob)

        with pytest.raises(people.Refused, match="has just been closed"):
            inviting.accept(link.rstrip("/").rpartition("/")[2], before)

        assert not Membership.objects.filter(team=other, user=bob).exists()
        assert Invitation.objects.pending().filter(team=other).exists()
