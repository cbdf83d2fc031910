"""What the studio writes about accounts: in its own words, as plain text, with links to itself."""

import re
from pathlib import Path

import pytest
from allauth.account import app_settings
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.core.cache import cache
from django.template.loader import get_template
from django.urls import reverse

from accounts.models import User

PASSWORD = "harbour-lamp-42"
ALLAUTH = Path(app_settings.__file__).parents[1] / "templates"
OURS = [
    path.relative_to(ALLAUTH).as_posix()
    for app in ("account", "mfa")
    for path in sorted((ALLAUTH / app / "email").glob("*.txt"))
    if "_code_" not in path.name  # signing in by a mailed code is off
]


@pytest.fixture
def anna(db, settings):
    cache.clear()
    settings.EMAIL_URL = "smtp://mail.example"
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
    return User.objects.create_user("anna@example.com", PASSWORD, name="Anna <b>")


@pytest.fixture
def as_anna(client, anna):
    client.post(reverse("account_login"), {"login": anna.email, "password": PASSWORD})
    return client


def letter():
    """The last one, which has no part but text and nothing of the library's."""
    sent = mail.outbox[-1]
    assert not getattr(sent, "alternatives", [])
    assert "&" not in sent.body
    assert "Hello from" not in sent.body
    assert "example.com!" not in sent.body
    return sent


@pytest.mark.parametrize("name", OURS)
def test_no_letter_is_the_librarys(name):
    assert "site-packages" not in get_template(name).origin.name


def test_a_new_password_is_asked_for(client, anna):
    client.post(reverse("account_reset_password"), {"email": anna.email}, headers={"host": "localhost"})

    assert letter().subject == "A new password for Wan Studio"
    assert "choose a new password" in letter().body
    assert re.search(r"http://127\.0\.0\.1:8000/accounts/password/reset/key/\S+/", letter().body)
    assert "localhost" not in letter().body


def test_of_an_account_that_is_none(client, anna):
    client.post(reverse("account_reset_password"), {"email": "nobody@example.com"})

    assert letter().to == ["nobody@example.com"]
    assert "there is no account with this address" in letter().body


def test_an_address_is_to_be_confirmed(as_anna):
    as_anna.post(reverse("account_email"), {"email": "anna@studio.example", "action_add": ""})

    assert letter().to == ["anna@studio.example"]
    assert "to confirm that it is yours" in letter().body
    assert "http://127.0.0.1:8000/accounts/confirm-email/" in letter().body


def test_a_changed_password_is_told_with_what_to_do_if_it_was_not_you(as_anna):
    agent = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0"}
    fields = {"oldpassword": PASSWORD, "password1": "another-lamp-43", "password2": "another-lamp-43"}
    as_anna.post(reverse("account_change_password"), fields, headers=agent)

    assert letter().subject == "Your password was changed"
    assert "from 127.0.0.1, with Firefox, Linux" in letter().body
    assert "http://127.0.0.1:8000/accounts/password/reset/" in letter().body


def test_a_second_factor_that_is_switched_off_is_told(as_anna, anna):
    TOTP.activate(anna, "JBSWY3DPEHPK3PXP")
    as_anna.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    as_anna.post(reverse("mfa_deactivate_totp"))

    assert letter().to == [anna.email]
    assert "no longer asks for a code" in letter().body
