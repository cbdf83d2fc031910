"""What the studio promises about requests from outside, one test for each claim, over every address of the URLconf."""

from __future__ import annotations

import json
import re
from collections import deque
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import User
from generations.models import (
    AudioUpload,
    Batch,
    Collection,
    Generation,
    Note,
    SavedSearch,
    Scene,
    Tag,
    Tagging,
    WanAccount,
)
from generations.models import Template as RecipeTemplate
from screenings.models import Comment, ShareLink
from teams.models import Project, Team
from tests.generations.conftest import bucket, s3_server  # noqa: F401  fixtures
from tests.test_rights import RIGHTS, addresses, clients, world
from wanstudio import settings as real

__all__ = ["clients", "world"]  # fixtures
EVIL = "\"'><script>alert(1)</script>"
TOKEN = "csrfmiddlewaretoken"
PASSWORD = "harbour-lamp-42"


class Inline(HTMLParser):
    """What a page has that a strict policy forbids: scripts, handlers and styles written into it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        is_data = named.get("type") in ("application/json", "text/html")
        if (tag == "script" and "src" not in named and not is_data) or tag == "style":
            self.found.append(tag)
        self.found += [name for name in named if name.startswith(("on", "hx-on")) and len(name) > 2]
        self.found += [value for value in named.values() if (value or "").strip().lower().startswith("javascript:")]


class Asked(HTMLParser):
    """Forms of a page that would put their token into an address: of every button that sends them, and as they are."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._form: dict[str, str | None] = {}
        self._by_get: set[str] = set()  # ids of forms
        self._tokens: set[str] = set()
        self.feed(page)
        self.found = self._by_get & self._tokens

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if tag == "form":
            self._form = {"id": f"form {self.getpos()}", "method": "get"} | named
            if self._form["method"] == "get":
                self._by_get.add(self._form["id"])
        form = named.get("form") or self._form.get("id")
        if named.get("formmethod") == "get" and form:
            self._by_get.add(form)
        if named.get("name") == TOKEN and form:
            self._tokens.add(form)
        assert not [value for value in named.values() if TOKEN in (value or "") and value != TOKEN]

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = {}


def pages(world, person, clients):
    """Every page that may be asked for, as that person."""
    for name, route in addresses().items():
        if "GET" in RIGHTS[name]:
            response = clients(person).get(world.url(name, route))
            if response.streaming:
                deque(response, maxlen=0)
            else:
                yield name, response


def is_page(response) -> bool:
    return response.get("Content-Type", "").startswith("text/html")


class TestForgery:
    def test_every_post_needs_the_token(self, world, clients):
        let_in = []
        for name, route in addresses().items():
            if "POST" not in RIGHTS[name]:
                continue
            client = clients("owner")
            client.handler.enforce_csrf_checks = True
            response = client.post(world.url(name, route), world.data())
            if response.status_code != 403 or "reload" not in response.content.decode().lower():
                let_in.append(name)

        assert let_in == []

    def test_administration_needs_it_too(self, world, clients):
        client = clients("admin")
        client.handler.enforce_csrf_checks = True

        for url in (reverse("admin:login"), reverse("admin:accounts_user_change", args=[world.people["owner"].pk])):
            assert client.post(url).status_code == 403

    @pytest.mark.parametrize("person", ["guest", "editor", "owner", "visitor"])
    def test_no_address_carries_the_token(self, world, clients, person):
        leaks = {name: Asked(response.content.decode()).found for name, response in pages(world, person, clients)}

        assert [name for name, found in leaks.items() if found] == []


class TestPolicy:
    def check(self, name, response):
        policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == policy["script-src"] == policy["form-action"] == "'self'", name
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'", name
        assert response["X-Content-Type-Options"] == "nosniff", name
        assert response["X-Frame-Options"] == "DENY", name
        assert response["Referrer-Policy"] == "same-origin", name
        if is_page(response):
            assert Inline(response.content.decode()).found == [], name

    @pytest.mark.parametrize("person", ["guest", "owner", "visitor"])
    def test_is_strict_on_every_page(self, world, clients, person):
        for name, response in pages(world, person, clients):
            self.check(name, response)

    def test_is_strict_in_the_administration(self, world, clients):
        client = clients("admin")
        for model in admin.site._registry:
            for page in ("changelist", "add"):
                url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")
                self.check(url, client.get(url))

    @pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
    def test_is_strict_on_error_pages(self, client, db, monkeypatch, status, settings):
        client.raise_request_exception = False
        if status == 500:
            monkeypatch.setattr("accounts.models.User.objects.exists", lambda: 1 / 0)
        if status == 429:
            settings.ACCOUNT_RATE_LIMITS = {"login": "0/m/ip"}
        answers = {
            400: lambda: client.get("/", headers={"host": "evil.example"}),
            403: lambda: Client(enforce_csrf_checks=True).post(reverse("account_login")),
            404: lambda: client.get("/nowhere/"),
            429: lambda: client.post(reverse("account_login"), {"login": "a@example.com", "password": "x"}),
            500: lambda: client.get("/"),
        }

        response = answers[status]()

        assert response.status_code == status
        self.check(status, response)

    def test_an_error_page_tells_nothing_of_the_error(self, client, db, monkeypatch):
        def break_down():
            raise RuntimeError("sk-0123456789 of somebody")

        client.raise_request_exception = False
        monkeypatch.setattr("accounts.models.User.objects.exists", break_down)

        page = client.get("/").content.decode()

        assert "RuntimeError" not in page
        assert "somebody" not in page


class TestTexts:
    """Whatever people call things, it is text on every page."""

    @pytest.fixture
    def evil(self, world):
        named = {
            "name": [User, Team, Project, Scene, WanAccount, Collection, SavedSearch, RecipeTemplate, Batch, ShareLink],
            "text": [Comment, Note],
            "prompt": [Generation],
        }
        for field, models in named.items():
            for model in models:
                model.objects.update(**{field: EVIL})
        recipe = RecipeTemplate.objects.get().recipe | {"prompt": EVIL + "{hero}", "negative_prompt": EVIL}
        RecipeTemplate.objects.update(recipe=recipe)
        shots = [{"text": EVIL, "seconds": 5}]
        Generation.objects.update(negative_prompt=EVIL, sent_prompt=EVIL, actual_prompt=EVIL, shots=shots)
        Generation.objects.update(failure_message=EVIL)
        Project.objects.update(description=EVIL)
        AudioUpload.objects.update(name=EVIL)
        ShareLink.objects.update(shows_recipe=True)
        SavedSearch.objects.update(query=f"q={EVIL}")
        link = ShareLink.objects.get()
        Comment.objects.create(generation=world.clip, guest=EVIL[:60], link=link, text=EVIL, second=1.0)
        tag = Tag.objects.create(team=world.team, name=EVIL)
        Tagging.objects.create(tag=tag, generation=world.clip, by=world.people["editor"])
        return world

    @pytest.mark.parametrize("person", ["editor", "owner", "visitor"])
    def test_never_become_markup(self, evil, clients, person):
        seen = set()
        for name, response in pages(evil, person, clients):
            page = response.content.decode()
            if is_page(response):
                assert "<script>alert" not in page, name
                seen |= {name} if "alert(1)" in page else set()

        wanted = {"visitor": {"screenings:room"}}.get(
            person, {"generations:studio", "generations:detail", "teams:show"}
        )
        assert wanted <= seen

    def test_never_become_markup_in_the_administration(self, evil, clients):
        client, seen = clients("admin"), 0
        for model in admin.site._registry:
            space = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            first = model._default_manager.first()
            urls = [reverse(f"{space}_changelist"), *([reverse(f"{space}_change", args=[first.pk])] if first else [])]
            for page in (client.get(url).content.decode() for url in urls):
                assert "<script>alert" not in page, space
                seen += "alert(1)" in page

        assert seen > 5

    def test_cannot_leave_the_data_of_a_page(self, evil, clients):
        """JSON within a page ends at no tag of theirs."""
        page = clients("editor").get(f"/studio/?project={evil.project.uuid}").content.decode()
        blocks = re.findall(r'<script[^>]+type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)

        for block in blocks:
            json.loads(block)


class TestWayOut:
    """`next` leads to a page of ours, or is passed over."""

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/",
            "//evil.example/",
            r"/\evil.example/",
            "javascript:alert(1)",
            "\thttps://evil.example",
        ],
    )
    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("accounts:theme", {"theme": "dark"}),
            ("accounts:language", {"language": "en"}),
            ("teams:rename", {"name": "Crew"}),
            ("projects:archive", {}),
            ("generations:trash", {}),
            ("generations:favourite", {"favourite": "1"}),
            ("generations:scene_rename", {"name": "One"}),
            ("account_login", {"login": "owner@example.com", "password": PASSWORD}),
            ("account_logout", {}),
        ],
    )
    def test_is_never_another_site(self, world, clients, name, data, url):
        owner = world.people["owner"]
        owner.set_password(PASSWORD)
        client = clients("owner")
        if name == "account_login":
            owner.save()
            client = Client()

        response = client.post(world.url(name, addresses()[name]), {**world.data(), **data, "next": url})

        assert response.status_code in (302, 303), name
        assert "evil" not in response["Location"]
        assert not response["Location"].startswith("javascript")


class TestAdministration:
    """Its own sign-in knows neither limits nor second factors: people come in by the studio's."""

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_has_no_door_of_its_own(self, world, method):
        admin = world.people["admin"]
        admin.set_password(PASSWORD)
        admin.save()
        client = Client()
        known = {"username": admin.email, "password": PASSWORD, "next": "/admin/"}

        response = getattr(client, method)(reverse("admin:login"), known)

        assert response["Location"] == f"{reverse('account_login')}?next=%2Fadmin%2F"
        assert "_auth_user_id" not in client.session

    def test_is_closed_to_people_who_are_no_administrators(self, world, clients):
        assert clients("owner").get(reverse("admin:login")).status_code == 403


class TestProduction:
    """With an https address: cookies, HSTS, hosts; and nothing for Django's own check to remark."""

    def test_cookies_are_secure_and_out_of_reach_of_scripts(self, client, alice, settings):
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
        alice.set_password(PASSWORD)
        alice.save()
        client.get(reverse("account_login"))

        client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})

        session, token = client.cookies["sessionid"], client.cookies["csrftoken"]
        assert (session["secure"], session["httponly"], session["samesite"]) == (True, True, "Lax")
        assert (token["secure"], token["samesite"]) == (True, "Lax")

    def test_a_browser_stays_with_https_for_a_year(self, client, db, settings):
        settings.SECURE_HSTS_SECONDS = 31_536_000

        response = client.get("/healthz", secure=True)

        assert response["Strict-Transport-Security"] == "max-age=31536000"

    @pytest.mark.parametrize("host", ["evil.example", "studio.example.evil.example", "127.0.0.1.evil.example"])
    def test_other_hosts_are_refused(self, client, db, host):
        assert client.get("/healthz", headers={"host": host}).status_code == 400


class TestSignedAddresses:
    """Of files in a bucket: an hour at most, for browsers, for Wan and for the copy of one's data."""

    def test_are_good_for_an_hour_at_most(self, bucket):  # noqa: F811
        from generations import storage

        expires = re.compile(r"X-Amz-Expires=(\d+)")
        assert int(expires.search(storage.signed_url("s3", "generations/one.mp4"))[1]) <= 3600
        with pytest.raises(ValueError, match="at most"):
            storage.signed_url("s3", "generations/one.mp4", expires=3601)


def test_settings_are_those_that_are_tested():
    """Headers come from middleware that tests/settings.py leaves alone."""
    from django.conf import settings

    assert settings.MIDDLEWARE == real.MIDDLEWARE
    assert settings.CONTENT_SECURITY_POLICY == real.CONTENT_SECURITY_POLICY
