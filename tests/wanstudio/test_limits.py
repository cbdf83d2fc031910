"""Whose address counts behind proxies, and what is answered when something is done too often."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from wanstudio.middleware import ClientMiddleware

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::1")]
OUTSIDE = "203.0.113.7"


@pytest.fixture(autouse=True)
def fresh(db):
    cache.clear()


@pytest.fixture
def seen(settings):
    """What views see of a request from `peer` with that X-Forwarded-For."""
    settings.STUDIO_TRUSTED_PROXIES = PROXIES

    def seen(peer, said=None, **headers):
        request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"x-forwarded-for": said or "", **headers})
        ClientMiddleware(lambda _request: HttpResponse())(request)
        return request

    return seen


class TestClient:
    @pytest.mark.parametrize(
        ("peer", "said", "client"),
        [
            (OUTSIDE, None, OUTSIDE),
            (OUTSIDE, "198.51.100.1", OUTSIDE),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
            ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("fd00::1", "2001:db8::5", "2001:db8::5"),
            ("10.0.0.1", None, "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
            ("10.0.0.1", "10.0.0.9", "10.0.0.9"),
        ],
    )
    def test_is_the_last_that_is_no_proxy_of_ours(self, seen, peer, said, client):
        assert seen(peer, said).META["REMOTE_ADDR"] == client

    def test_does_not_choose_its_scheme(self, seen, settings):
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        claim = {"x-forwarded-proto": "https"}

        assert not seen(OUTSIDE, **claim).is_secure()
        assert seen("10.0.0.1", OUTSIDE, **claim).is_secure()

    def test_is_what_sessions_show(self, client, settings):
        settings.STUDIO_TRUSTED_PROXIES = PROXIES
        User.objects.create_user("anna@example.com", "harbour-lamp-42")
        sign_in = {"login": "anna@example.com", "password": "harbour-lamp-42"}
        via = {"REMOTE_ADDR": "10.0.0.1", "headers": {"x-forwarded-for": f"1.1.1.1, {OUTSIDE}"}}

        client.post(reverse("account_login"), sign_in, **via)

        assert OUTSIDE in client.get(reverse("usersessions_list"), **via).content.decode()


class TestForgedHeader:
    """A made-up X-Forwarded-For starts no new count, with proxies and without."""

    @pytest.fixture(params=[True, False], ids=["behind a proxy", "alone"])
    def ask(self, request, client, settings):
        settings.STUDIO_TRUSTED_PROXIES = PROXIES if request.param else []

        def ask(url, number, data, source=OUTSIDE):
            data = {name: value.format(number) for name, value in data.items()}
            made_up = f"198.51.100.{number}"
            said = f"{made_up}, {source}" if request.param else made_up
            peer = "10.0.0.1" if request.param else source
            return client.post(url, data, REMOTE_ADDR=peer, headers={"x-forwarded-for": said})

        return ask

    @pytest.mark.parametrize(
        ("page", "data"),
        [
            ("account_login", {"login": "{}@example.com", "password": "wrong"}),
            ("account_signup", {"email": "{}", "password1": "short"}),
            ("account_reset_password", {"email": "{}@example.com"}),
        ],
    )
    def test_at_the_doors(self, ask, page, data):
        answers = [ask(reverse(page), number, data) for number in range(31)]

        assert answers[-1].status_code == 429
        assert answers[-1]["Retry-After"] == "60"
        assert "A little slower" in answers[-1].content.decode()
        assert ask(reverse(page), 99, data, source="203.0.113.8").status_code != 429

    def test_at_wrong_passwords_of_one_account(self, ask):
        User.objects.create_user("anna@example.com", "harbour-lamp-42")
        for number in range(6):
            ask(reverse("account_login"), number, {"login": "anna@example.com", "password": "wrong"})

        right = {"login": "anna@example.com", "password": "harbour-lamp-42"}
        answer = ask(reverse("account_login"), 99, right)

        assert answer.status_code == 200
        assert "_auth_user_id" not in answer.wsgi_request.session


class TestUploads:
    @pytest.fixture
    def send(self, as_alice, project, settings):
        settings.ACCOUNT_RATE_LIMITS = {"upload": "2/10m/user,3/10m/ip"}
        fields = {
            "sound": (reverse("generations:audio_upload"), "audio", {}),
            "press": (reverse("generations:create"), "audio", {"prompt": "One", "duration": "99"}),
            "refill": (reverse("generations:create"), "clip", {"do": "refill"}),
            "sheet": (reverse("generations:sheet"), "file", {"do": "open"}),
        }

        def send(kind="sound", client=as_alice, project=project, **more):
            url, name, data = fields[kind]
            file = SimpleUploadedFile("one.bin", b"x" * 100)
            return client.post(url, {"project": str(project.uuid), name: file, **data}, **more)

        return send

    @pytest.mark.parametrize("kind", ["sound", "press", "refill", "sheet"])
    def test_wait_when_there_were_too_many(self, send, kind):
        codes = [send("sound").status_code, send(kind).status_code]

        answer = send(kind)

        assert 429 not in codes
        assert answer.status_code == 429
        assert "still there" not in answer.content.decode()
        assert 500 < int(answer["Retry-After"]) <= 600
        assert "Go on in about 10 min" in answer.content.decode()

    def test_go_on_after_the_wait(self, send):
        for _ in range(2):
            send()
        seconds = int(send()["Retry-After"])

        with time_machine.travel(timezone.now() + timedelta(seconds=seconds + 1), tick=False):
            assert send().status_code != 429

    def test_are_counted_by_address_as_well(self, send, client, bob, project):
        for _ in range(2):
            send()
        client.force_login(bob)

        assert [send(client=client).status_code for _ in range(2)] == [422, 429]

    def test_a_fragment_says_it_as_a_toast(self, send):
        for _ in range(2):
            send()

        answer = send(headers={"hx-request": "true"})

        assert answer.status_code == 429
        assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#messages", "innerHTML")
        assert answer.content.decode().startswith('<p class="notice toast"')

    def test_forms_without_a_file_are_not_counted(self, send, as_alice, project):
        for _ in range(5):
            as_alice.post(reverse("generations:sheet"), {"project": str(project.uuid), "do": "open"})

        assert send().status_code != 429

    def test_are_generous_for_creators(self, settings):
        person, address = settings.ACCOUNT_RATE_LIMITS["upload"].split(",")

        assert (person, address) == ("100/10m/user", "300/10m/ip")
