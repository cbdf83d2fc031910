"""Roles, leaving, handing over; a team never loses its last owner."""

import pytest
from django.urls import reverse

from accounts.models import User
from teams import inviting, people
from teams.models import Activity, Invitation, Membership
from tests.factories import MembershipFactory, ReadyFactory, SceneFactory, UserFactory


def role_of(team, user):
    return Membership.objects.filter(team=team, user=user).values_list("role", flat=True).first()


def ask(client, name, team, *args, **data):
    return client.post(reverse(f"teams:{name}", args=[team.uuid, *args]), data)


class TestRole:
    @pytest.mark.parametrize("role", ["owner", "editor", "viewer"])
    def test_owner_changes_it(self, as_alice, team, vera, role):
        response = ask(as_alice, "role", team, vera.uuid, role=role)

        assert response.status_code == 303
        assert role_of(team, vera) == role

    @pytest.mark.parametrize(("person", "status"), [("bob", 403), ("vera", 403), ("charlie", 404)])
    def test_nobody_else_does(self, sign, request, team, vera, person, status):
        response = ask(sign(request.getfixturevalue(person)), "role", team, vera.uuid, role="owner")

        assert response.status_code == status
        assert role_of(team, vera) == "viewer"

    def test_the_last_owner_stays_owner(self, as_alice, team, alice):
        response = ask(as_alice, "role", team, alice.uuid, role="viewer")

        assert response.status_code == 409
        assert "at least one owner" in response.content.decode()
        assert role_of(team, alice) == "owner"

    def test_unknown_role_and_unknown_person_get_words(self, as_alice, team, vera, charlie):
        assert "no such role" in ask(as_alice, "role", team, vera.uuid, role="king").content.decode()
        assert "not in the team" in ask(as_alice, "role", team, charlie.uuid, role="owner").content.decode()

    def test_a_fragment_gets_the_fresh_list_with_the_reason(self, as_alice, team, alice):
        url = reverse("teams:role", args=[team.uuid, alice.uuid])

        response = as_alice.post(url, {"role": "viewer"}, headers={"HX-Request": "true"}, follow=True)

        assert response.status_code == 200
        assert "at least one owner" in response.content.decode()


class TestRemove:
    def test_clips_stay_with_the_team(self, as_alice, team, project, bob, client):
        clip = ReadyFactory(scene=SceneFactory(project=project, created_by=bob))

        response = ask(as_alice, "remove", team, bob.uuid)

        assert response.status_code == 303
        assert role_of(team, bob) is None
        assert as_alice.get(clip.get_absolute_url()).status_code == 200
        assert "Bob" in as_alice.get(clip.get_absolute_url()).content.decode()
        client.force_login(bob)
        assert client.get(clip.get_absolute_url()).status_code == 404

    def test_a_stranger_is_refused_in_words(self, as_alice, team, charlie):
        assert "not in the team" in ask(as_alice, "remove", team, charlie.uuid).content.decode()

    def test_nobody_is_taken_out_of_their_own_space(self, as_alice, alice):
        response = ask(as_alice, "remove", alice.personal_team, alice.uuid)

        assert response.status_code == 409
        assert role_of(alice.personal_team, alice) == "owner"


class TestLeave:
    def test_anybody_may(self, sign, team, vera):
        assert ask(sign(vera), "leave", team).status_code == 303
        assert role_of(team, vera) is None

    def test_but_not_the_last_owner(self, as_alice, team, alice):
        answer = ask(as_alice, "leave", team)

        assert answer.status_code == 409
        assert f'href="{team.get_absolute_url()}">Back</a>' in answer.content.decode()
        assert role_of(team, alice) == "owner"

    def test_nor_the_last_who_can_sign_in(self, as_alice, team, alice, bob):
        Membership.objects.filter(team=team, user=bob).update(role="owner")
        User.objects.filter(pk=bob.pk).update(is_active=False)

        assert ask(as_alice, "leave", team).status_code == 409
        assert role_of(team, alice) == "owner"

    def test_a_stranger_finds_nothing(self, sign, team, charlie):
        assert ask(sign(charlie), "leave", team).status_code == 404


def token_of(invited):
    _invitation, link = invited
    return link.rstrip("/").rpartition("/")[2]


class TestInvitationsOfAnOwnerOfBefore:
    """Somebody could come back by one to another address of theirs."""

    @pytest.fixture
    def sent(self, team, bob):
        Membership.objects.filter(team=team, user=bob).update(role="owner")
        return token_of(inviting.invite(team, "bobs.other@example.com", "owner", by=bob))

    @pytest.mark.parametrize("verb", ["role", "remove", "leave", "hand_over"])
    def test_let_nobody_in(self, sign, team, alice, bob, charlie, sent, verb):
        person, whom, data = {
            "role": (alice, [bob.uuid], {"role": "editor"}),
            "remove": (alice, [bob.uuid], {}),
            "leave": (bob, [], {}),
            "hand_over": (bob, [], {"person": alice.uuid}),
        }[verb]

        assert ask(sign(person), verb, team, *whom, **data).status_code == 303

        with pytest.raises(inviting.Refused, match="withdrawn"):
            inviting.accept(sent, charlie)

    def test_let_nobody_in_while_they_wait(self, team, bob, charlie, sent):
        """However the ownership was lost."""
        Membership.objects.filter(team=team, user=bob).update(role="editor")

        with pytest.raises(inviting.Refused, match="does not own the team any more. Ask its owner for a new one"):
            inviting.accept(sent, charlie)

    def test_open_no_closed_sign_up(self, team, bob, sent, client, settings):
        settings.STUDIO_OPEN_SIGNUP = False
        Membership.objects.filter(team=team, user=bob).update(role="editor")
        link = reverse("teams:join", args=[sent])
        form = {"email": "bobs.other@example.com", "password1": "harbour-lamp-42", "next": link}

        client.post(reverse("account_signup"), form)

        assert client.get(link).status_code == 410
        assert not User.objects.filter(email="bobs.other@example.com").exists()

    @pytest.mark.parametrize("how", ["removed", "shut out"])
    @pytest.mark.parametrize(
        "press",
        [
            lambda waits, by: inviting.invite(waits.team, "bobs.other@example.com", "owner", by=by),
            lambda waits, by: inviting.send_again(waits, by=by),
            lambda waits, by: inviting.revoke(waits, by=by),
        ],
        ids=["invite", "again", "withdraw"],
    )
    def test_are_not_sent_by_a_press_that_came_late(self, team, alice, bob, mailoutbox, how, press):
        """The page had let the press through, and the owner was gone before it was done."""
        Membership.objects.filter(team=team, user=bob).update(role="owner")
        waits, _link = inviting.invite(team, "erin@example.com", "owner", by=alice)
        if how == "removed":
            people.remove(team, bob.uuid, by=alice)
        else:
            User.objects.filter(pk=bob.pk).update(is_active=False)

        with pytest.raises(inviting.Refused, match="do not own this team any more"):
            press(waits, bob)

        assert [letter.to for letter in mailoutbox] == [["erin@example.com"]]
        assert list(Invitation.objects.pending()) == [waits]

    def test_are_told_of(self, team, bob, charlie, sent):
        """In the activity, as one that is withdrawn by hand is."""
        people.leave(team, by=bob)

        assert Activity.objects.filter(team=team, verb="withdrawn", actor=bob).count() == 1

    def test_of_others_stay(self, sign, team, alice, bob, charlie, sent):
        ask(sign(bob), "leave", team)

        inviting.accept(token_of(inviting.invite(team, charlie.email, "viewer", by=alice)), charlie)

        assert role_of(team, charlie) == "viewer"


class TestHandOver:
    def test_makes_an_owner_and_an_editor(self, as_alice, team, alice, bob):
        assert ask(as_alice, "hand_over", team, person=bob.uuid).status_code == 303
        assert role_of(team, bob) == "owner"
        assert role_of(team, alice) == "editor"

    def test_not_to_a_non_member(self, as_alice, team, alice, charlie):
        response = ask(as_alice, "hand_over", team, person=charlie.uuid)

        assert response.status_code == 409
        assert "not in the team" in response.content.decode()
        assert role_of(team, alice) == "owner"

    def test_not_to_oneself_and_not_to_nobody(self, as_alice, team, alice):
        assert ask(as_alice, "hand_over", team, person=alice.uuid).status_code == 409
        assert ask(as_alice, "hand_over", team, person="nobody").status_code == 404

    def test_not_to_somebody_who_is_shut_out(self, as_alice, team, alice, bob):
        """The team would be left to nobody who can sign in."""
        assert "Make owner in your place" in as_alice.get(team.get_absolute_url()).content.decode()
        team.memberships.exclude(user__in=[alice, bob]).delete()
        User.objects.filter(pk=bob.pk).update(is_active=False)

        page = as_alice.get(team.get_absolute_url()).content.decode()
        response = ask(as_alice, "hand_over", team, person=bob.uuid)

        assert response.status_code == 409
        assert "Bob can&#x27;t sign in. Choose somebody else." in response.content.decode()
        assert "Make owner in your place" not in page
        assert role_of(team, alice) == "owner"

    def test_only_by_owners(self, sign, team, bob):
        assert ask(sign(bob), "hand_over", team, person=bob.uuid).status_code == 403


class TestTwoOwnersAtOnce:
    """Each presses in a transaction of a connection of their own."""

    @pytest.mark.parametrize("verb", ["remove", "leave", "demote"])
    def test_one_owner_is_left(self, at_once, team, alice, verb):
        other = UserFactory(name="Olga")
        MembershipFactory(team=team, user=other, role="owner")

        def press(by, about):
            try:
                if verb == "remove":
                    people.remove(team, about.uuid, by=by)
                elif verb == "leave":
                    people.leave(team, by=by)
                else:
                    people.change_role(team, by.uuid, "viewer", by=by)
            except people.Refused as refusal:
                return refusal.sentence
            return ""

        said = at_once(lambda: press(alice, other), lambda: press(other, alice))

        assert Membership.objects.filter(team=team, role="owner").count() == 1
        assert sorted(map(bool, said)) == [False, True]
