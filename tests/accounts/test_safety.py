"""Sessions, passkeys, and the limits on sign-in, sign-up and reset."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User

PASSWORD = "harbour-lamp-42"


@pytest.fixture
def anna(db):
    cache.clear()
    return User.objects.create_user("anna@example.com", PASSWORD, name="Anna")


def signed_in(agent="Firefox on the sofa"):
    client = Client(headers={"user-agent": agent})
    client.post(reverse("account_login"), {"login": "anna@example.com", "password": PASSWORD})
    return client


def is_in(client):
    return client.get("/accounts/profile/").status_code == 200


class TestSessions:
    def test_are_listed(self, anna):
        here, _there = signed_in("Firefox on the sofa"), signed_in("Chrome at work")

        page = here.get(reverse("usersessions_list")).content.decode()

        assert "Firefox on the sofa" in page
        assert "Chrome at work" in page

    @pytest.mark.parametrize(
        ("agent", "words"),
        [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36",
                "Chrome, Linux",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1",
                "Safari, iPhone",
            ),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/156.0 Safari/537.36 Edg/156.0", "Edge, Windows"),
            ("curl/8 <b>", "curl/8 &lt;b&gt;"),
        ],
    )
    def test_name_the_device(self, anna, agent, words):
        assert words in signed_in(agent).get(reverse("usersessions_list")).content.decode()

    def test_all_others_are_ended_with_a_press(self, anna):
        here, there = signed_in(), signed_in()

        here.post(reverse("usersessions_list"))

        assert is_in(here)
        assert not is_in(there)

    def test_others_end_when_the_password_changes(self, anna):
        here, there = signed_in(), signed_in()
        fields = {"oldpassword": PASSWORD, "password1": "another-lamp-43", "password2": "another-lamp-43"}

        here.post(reverse("account_change_password"), fields)

        assert is_in(here)
        assert not is_in(there)

    def test_all_end_when_a_forgotten_password_is_set_anew(self, anna, client):
        here, there = signed_in(), signed_in()
        client.post(reverse("account_reset_password"), {"email": anna.email})
        link = re.search(r"https?://[^/]+(/\S+)", mail.outbox[-1].body)[1]

        form = client.get(link)["Location"]
        client.post(form, {"password1": "another-lamp-43", "password2": "another-lamp-43"})

        assert not is_in(here)
        assert not is_in(there)

    def test_nobody_sees_those_of_others(self, anna, client, alice):
        signed_in("Chrome at work")
        client.force_login(alice)

        assert "Chrome at work" not in client.get(reverse("usersessions_list")).content.decode()


class TestPasskeys:
    def test_are_offered_at_sign_in(self, client, anna):
        assert "Use a passkey" in client.get(reverse("account_login")).content.decode()
        assert (
            "challenge"
            in client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"}).json()[
                "request_options"
            ]["publicKey"]
        )

    def test_can_be_added_by_who_knows_the_password(self, anna):
        client = signed_in()

        page = client.get(reverse("mfa_add_webauthn"), follow=True).content.decode()

        assert "credential" in page or "Is it you?" in page

    @pytest.mark.parametrize("credential", ["", "{}", "null", "[]", "x" * 10_000, '{"id": "AA"}'])
    def test_a_made_up_one_signs_nobody_in(self, client, anna, credential):
        client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})

        response = client.post(reverse("mfa_login_webauthn"), {"credential": credential})

        assert response.status_code < 500
        assert "_auth_user_id" not in client.session


class TestLimits:
    def test_of_wrong_passwords(self, client, anna):
        wrong = {"login": anna.email, "password": "wrong-password-1"}
        pages = [client.post(reverse("account_login"), wrong) for _ in range(12)]

        right = client.post(reverse("account_login"), {"login": anna.email, "password": PASSWORD})

        assert pages[-1].status_code in (200, 429)
        assert "_auth_user_id" not in client.session
        assert right.status_code in (200, 429)

    def test_of_sign_ups(self, client, anna):
        for number in range(30):
            data = {"email": f"new{number}@example.com", "password1": "short"}
            last = client.post(reverse("account_signup"), data)

        assert last.status_code == 429

    def test_of_resets(self, client, anna):
        for _ in range(30):
            last = client.post(reverse("account_reset_password"), {"email": anna.email})

        assert last.status_code == 429
