"""Secrets of the second factor at rest: an app's, and that of recovery codes."""

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from cryptography.fernet import Fernet
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts.models import User

PASSWORD = "harbour-lamp-42"
SECRET = "JBSWY3DPEHPK3PXP"
SALT = SessionStore().key_salt


@pytest.fixture(autouse=True)
def one_code(time_machine):
    """A code is good for the half minute that it was made in."""
    time_machine.move_to(timezone.now(), tick=False)


@pytest.fixture
def anna(db):
    cache.clear()
    return User.objects.create_user("anna@example.com", PASSWORD)


@pytest.fixture
def app(anna):
    return TOTP.activate(anna, SECRET).instance


@pytest.fixture
def codes(anna, app):
    return RecoveryCodes.activate(anna)


def code_of_now() -> str:
    return format_hotp_value(hotp_value(SECRET, list(yield_hotp_counters_from_time())[0]))


@pytest.fixture
def enter(client, anna):
    """Password, then that code."""

    def enter(code):
        client.post(reverse("account_login"), {"login": anna.email, "password": PASSWORD})
        assert "_auth_user_id" not in client.session
        return client.post(reverse("mfa_authenticate"), {"code": code})

    return enter


def test_is_not_readable_in_the_database(app, codes):
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))

    assert SECRET not in stored
    assert not any(code in stored for code in codes.generate_codes())
    assert len(codes.instance.data["seed"]) > 100  # a token, and not the 80 hex digits of a seed


def test_signs_in_by_app(app, enter, client):
    enter(code_of_now())

    assert "_auth_user_id" in client.session


def test_signs_in_by_recovery_code_once(codes, enter, client):
    code = codes.generate_codes()[0]
    enter(code)
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))

    enter(code)

    assert "_auth_user_id" not in client.session


def test_cannot_be_guessed_at_leisure(app, codes, enter, client):
    """Neither of the two: whoever knows the password only has a million codes before them."""
    answers = [enter("000000") for _ in range(12)]

    for right in (code_of_now(), codes.generate_codes()[0]):
        enter(right)

    assert "_auth_user_id" not in client.session
    assert "Too many" in answers[-1].content.decode()


def test_of_before_it_was_encrypted_still_signs_in(app, enter, client):
    app.data["secret"] = SECRET
    app.save()

    enter(code_of_now())

    assert "_auth_user_id" in client.session


def test_that_no_key_opens_lets_nobody_in_and_says_so(app, codes, enter, client, settings):
    settings.STUDIO_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    enter("000000")
    answer = enter(code_of_now())

    assert "_auth_user_id" not in client.session
    assert answer.status_code == 503
    assert "can't read your second factor" in answer.content.decode()


def test_that_is_being_set_up_is_not_readable_in_the_database(client, anna):
    client.force_login(anna)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    (session,) = Session.objects.all()

    assert secret in json.dumps(dict(client.session))
    assert secret not in json.dumps(signing.loads(session.session_data, salt=SALT, serializer=AsItIs))


class AsItIs:
    """What lies under a session's signature."""

    def loads(self, data):
        return data.decode()


def test_session_that_no_key_opens_signs_in_anew(client, anna, settings):
    client.force_login(anna)
    assert client.get(reverse("accounts:profile")).status_code == 200
    settings.STUDIO_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    assert client.get(reverse("accounts:profile")).status_code == 302


def test_pages_go_on_when_no_key_opens_it(app, codes, client, anna):
    client.post(reverse("account_login"), {"login": anna.email, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": code_of_now()})
    lost = Fernet(Fernet.generate_key())
    for factor in (app, codes.instance):
        factor.data |= {name: lost.encrypt(b"lost").decode() for name in ("secret", "seed") if name in factor.data}
        factor.save()

    assert "None are left" in client.get(reverse("mfa_index")).content.decode()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(reverse("mfa_view_recovery_codes")).status_code == 503
