"""Invitations: sent, sent again, withdrawn, accepted once by a signed-in person with an old or a new account."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from teams import inviting, people
from teams.models import Invitation, Membership, Team
from tests.factories import MembershipFactory, UserFactory

PASSWORD = "harbour-lamp-42"


@pytest.fixture(autouse=True)
def fresh_limits(db):
    cache.clear()


@pytest.fixture
def invite(as_alice, team):
    def invite(email="erin@example.com", role="editor"):
        return as_alice.post(reverse("teams:invite", args=[team.uuid]), {"email": email, "role": role})

    return invite


def link_in(letter):
    return re.search(r"http://127\.0\.0\.1:8000(/teams/join/[^/\s]+/)", letter.body)[1]


@pytest.fixture
def link(invite):
    """The way to the invitation of Erin, as her letter has it."""
    invite()
    return link_in(mail.outbox[-1])


@pytest.fixture
def erin(db):
    return UserFactory(email="erin@example.com", name="Erin")


class TestInvite:
    def test_sends_a_letter_and_keeps_only_a_hash(self, invite):
        response = invite("Erin@Example.com", "viewer")

        invitation = Invitation.objects.get()
        token = link_in(mail.outbox[0]).split("/")[-2]
        assert response.status_code == 303
        assert mail.outbox[0].to == ["erin@example.com"]
        assert "Alice invites you" in mail.outbox[0].body
        assert invitation.email == "erin@example.com"
        assert invitation.role == "viewer"
        assert token not in str(Invitation.objects.values().get())

    def test_without_mail_the_link_is_shown_once_to_be_copied(self, invite, as_alice):
        response = invite()

        page = as_alice.get(response["Location"])
        link = link_in(mail.outbox[0])
        assert page.content.decode().count(f'{link}"') == 2  # to read, and to copy
        assert "no-store" in page["Cache-Control"]
        assert link not in as_alice.get(response["Location"]).content.decode()

    def test_with_mail_the_link_is_in_the_letter_alone(self, invite, as_alice, settings):
        settings.EMAIL_URL = "smtp://mail.example"

        page = as_alice.get(invite()["Location"]).content.decode()

        assert "on its way to erin@example.com" in page
        assert link_in(mail.outbox[0]) not in page

    def test_again_replaces_the_first(self, invite, client):
        invite()
        first = link_in(mail.outbox[0])
        invite(role="viewer")

        assert Invitation.objects.get().role == "viewer"
        assert "a newer one was sent since" in client.get(first).content.decode()
        assert client.get(link_in(mail.outbox[1])).status_code == 200

    @pytest.mark.parametrize(
        ("email", "words"),
        [
            ("alice@example.com", "your own address"),
            ("ALICE@example.com", "your own address"),
            ("alices.other@example.com", "your own address"),
            ("bob@example.com", "in the team already"),
            ("bobs.other@example.com", "in the team already"),
            ("not an address", "valid email"),
            ("x" * 10_000 + "@example.com", "at most 254"),
            ("", "required"),
            ("erin@example.com\r\nBcc: all@example.com", "valid email"),
        ],
    )
    def test_bad_addresses_get_words(self, invite, email, words, alice, bob):
        for person, other in ((alice, "alices.other@example.com"), (bob, "bobs.other@example.com")):
            EmailAddress.objects.create(user=person, email=other, verified=True)

        response = invite(email)

        assert response.status_code == 422
        assert words in response.content.decode()
        assert not Invitation.objects.exists()
        assert not mail.outbox

    @pytest.mark.parametrize("role", ["king", "", "owner\0"])
    def test_a_role_that_is_none_gets_words(self, as_alice, team, role):
        answer = as_alice.post(reverse("teams:invite", args=[team.uuid]), {"email": "erin@example.com", "role": role})

        said = re.search(r'id="id_role_error">([^<]+)<', answer.content.decode())
        assert answer.status_code == 422
        assert said
        assert not Invitation.objects.exists()

    def test_nobody_is_invited_into_ones_own_space(self, as_alice, alice):
        url = reverse("teams:invite", args=[alice.personal_team.uuid])

        assert as_alice.post(url, {"email": "erin@example.com", "role": "editor"}).status_code == 422
        assert not Invitation.objects.exists()

    @pytest.mark.parametrize(("person", "status"), [("bob", 403), ("vera", 403), ("charlie", 404)])
    def test_only_owners_do(self, sign, request, team, person, status):
        url = reverse("teams:invite", args=[team.uuid])

        assert sign(request.getfixturevalue(person)).post(url, {"email": "e@example.com"}).status_code == status

    def test_so_many_an_hour(self, invite, settings):
        settings.ACCOUNT_RATE_LIMITS = {"invite": "2/h/user"}
        invite("a@example.com")
        invite("b@example.com")

        response = invite("c@example.com")

        assert response.status_code == 429
        assert 0 < int(response["Retry-After"]) <= 3600
        assert "Go on in about" in response.content.decode()
        assert len(mail.outbox) == 2


class TestAgainAndRevoke:
    def test_again_sends_a_new_link_for_another_week(self, link, as_alice, team, client):
        invitation = Invitation.objects.get()
        with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
            assert client.get(link).status_code == 410
            as_alice.post(reverse("teams:invite_again", args=[team.uuid, invitation.uuid]))
            assert client.get(link).status_code == 410
            assert client.get(link_in(mail.outbox[-1])).status_code == 200

    def test_again_is_not_for_who_joined_meanwhile(self, link, as_alice, team, erin):
        MembershipFactory(team=team, user=erin, role="viewer")
        invitation = Invitation.objects.get()

        response = as_alice.post(reverse("teams:invite_again", args=[team.uuid, invitation.uuid]))

        assert response.status_code == 409
        assert "erin@example.com is in the team already" in response.content.decode()
        assert len(mail.outbox) == 1

    def test_withdrawn_is_withdrawn(self, link, as_alice, team, client, erin):
        invitation = Invitation.objects.get()
        as_alice.post(reverse("teams:invite_revoke", args=[team.uuid, invitation.uuid]))

        client.force_login(erin)
        assert "was withdrawn" in client.get(link).content.decode()
        assert client.post(link).status_code == 409
        assert not Membership.objects.filter(team=team, user=erin).exists()

    def test_after_it_was_used_there_is_nothing_to_withdraw(self, link, client, alice, team, erin):
        client.force_login(erin)
        client.post(link)
        client.force_login(alice)
        invitation = Invitation.objects.get()

        for name in ("invite_again", "invite_revoke"):
            assert client.post(reverse(f"teams:{name}", args=[team.uuid, invitation.uuid])).status_code == 409

    def test_of_another_team_is_404(self, link, client, team):
        olga = UserFactory()
        other = Team.objects.create_shared(olga, "Others")
        client.force_login(olga)

        url = reverse("teams:invite_revoke", args=[other.uuid, Invitation.objects.get().uuid])
        assert client.post(url).status_code == 404


class TestJoin:
    def test_with_an_account(self, link, client, team, erin):
        client.force_login(erin)

        page = client.get(link).content.decode()
        response = client.post(link)

        assert "Join Harbour crew" in page
        assert response["Location"] == team.get_absolute_url()
        assert Membership.objects.get(team=team, user=erin).role == "editor"
        assert Invitation.objects.get().accepted_by == erin

    def test_a_get_changes_nothing(self, link, client, team, erin):
        client.force_login(erin)
        client.get(link)

        assert not Membership.objects.filter(team=team, user=erin).exists()

    def test_a_guest_is_shown_both_doors_and_comes_back(self, link, client, team, settings):
        settings.STUDIO_OPEN_SIGNUP = False
        client.logout()

        page = client.get(link).content.decode()
        door = re.search(r'href="(/accounts/signup/[^"]+)"', page)[1].replace("&amp;", "&")
        form = client.get(door).content.decode()
        response = client.post(door, {"email": "erin@example.com", "password1": PASSWORD, "next": link})
        client.post(link)

        assert 'value="erin@example.com"' in form
        assert response["Location"] == link
        assert Membership.objects.get(team=team, user__email="erin@example.com").role == "editor"

    def test_a_guests_press_leads_to_sign_in(self, link, client):
        client.logout()

        assert client.post(link)["Location"].startswith(reverse("account_login"))

    @pytest.mark.parametrize("made_up", ["/teams/join/made-up/", "/studio/", "//evil.example/teams/join/x/", ""])
    def test_a_closed_sign_up_stays_closed_without_an_invitation(self, client, alice, settings, made_up):
        settings.STUDIO_OPEN_SIGNUP = False

        client.post(reverse("account_signup"), {"email": "new@example.com", "password1": PASSWORD, "next": made_up})

        assert not User.objects.filter(email="new@example.com").exists()

    def test_a_used_invitation_opens_no_sign_up(self, link, client, settings, erin):
        settings.STUDIO_OPEN_SIGNUP = False
        client.force_login(erin)
        client.post(link)
        client.logout()

        client.post(reverse("account_signup"), {"email": "new@example.com", "password1": PASSWORD, "next": link})

        assert not User.objects.filter(email="new@example.com").exists()

    def test_opens_a_closed_sign_up_for_its_own_address_alone(self, link, client, settings):
        settings.STUDIO_OPEN_SIGNUP = False
        client.logout()

        def sign_up(email):
            return Client().post(reverse("account_signup"), {"email": email, "password1": PASSWORD, "next": link})

        refused = [sign_up(email) for email in ("new@example.com", "erin@example.com.evil.example", "")]
        sign_up("ERIN@example.com")
        sign_up("erin@example.com")

        assert "this one went to erin@example.com" in refused[0].content.decode()
        assert [answer.status_code for answer in refused] == [200] * 3
        assert list(User.objects.filter(email__contains="erin").values_list("email", flat=True)) == ["erin@example.com"]
        assert not User.objects.filter(email="new@example.com").exists()

    def test_binds_no_address_where_everybody_may_sign_up(self, link, client, settings):
        settings.STUDIO_OPEN_SIGNUP = True
        client.logout()

        client.post(reverse("account_signup"), {"email": "new@example.com", "password1": PASSWORD, "next": link})

        assert User.objects.filter(email="new@example.com").exists()

    def test_works_once(self, link, client, team, erin):
        client.force_login(erin)
        client.post(link)
        second = UserFactory()
        client.force_login(second)

        response = client.post(link)

        assert response.status_code == 409
        assert "has been used" in response.content.decode()
        assert not Membership.objects.filter(team=team, user=second).exists()

    def test_a_member_keeps_role_and_link(self, link, client, team, vera, erin):
        client.force_login(vera)
        assert client.post(link).status_code == 409
        assert Membership.objects.get(team=team, user=vera).role == "viewer"

        client.force_login(erin)
        assert client.post(link).status_code == 303

    def test_run_out(self, link, client, erin):
        client.force_login(erin)
        with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
            client.force_login(erin)
            assert "has run out" in client.get(link).content.decode()
            assert client.post(link).status_code == 409

    @pytest.mark.parametrize("token", ["forged", "x" * 2000, "%F0%9F%8E%AC", "..%2F"])
    def test_forged(self, client, erin, token):
        client.force_login(erin)

        assert client.get(f"/teams/join/{token}/").status_code in (404, 410)
        assert client.post(f"/teams/join/{token}/").status_code in (404, 409)


class TestTwoAtOnce:
    def test_one_of_them_joins(self, at_once, alice, team, erin):
        _invitation, link = inviting.invite(team, "somebody@example.com", "viewer", by=alice)
        other = UserFactory(name="Olga")

        def press(person):
            try:
                inviting.accept(link.split("/")[-2], person)
            except people.Refused as refusal:
                return refusal.sentence
            return ""

        said = at_once(lambda: press(erin), lambda: press(other))

        assert Membership.objects.filter(team=team, user__in=[erin, other]).count() == 1
        assert sorted(map(bool, said)) == [False, True]
