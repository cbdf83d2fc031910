"""Who may open what: every address of the URLconf, by every method, as everybody, against one written table.

The table names what is let in; every other method must be refused. A new address needs one line in RIGHTS (the
failure says which), and, if it has ids in it, a row of the world that they belong to (`ids`).
"""

from __future__ import annotations

import re
import uuid
from collections import deque
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.test import Client
from django.test.client import ClientHandler
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import DataCopy
from generations import storage
from generations.models import Batch, BulkAction, Collection, Note, SavedSearch, Template
from screenings.models import Comment, ShareLink
from teams.models import Invitation
from tests.factories import (
    AccountFactory,
    AudioFactory,
    MembershipFactory,
    ProjectFactory,
    ReadyFactory,
    SceneFactory,
    TeamFactory,
    UserFactory,
)

METHODS = ("GET", "HEAD", "POST")
OTHER_METHODS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")  # are nobody's, on any database: tried on the first one
LIBRARY = ("account_", "mfa_", "usersessions_")  # django-allauth's own, which takes PUT for POST and tells OPTIONS
PEOPLE = ("guest", "stranger", "viewer", "editor", "owner", "admin", "removed", "visitor")
DOORS = ("/accounts/login/", "/admin/login/")
PASSCODE = "open sesame"

# What each of PEOPLE gets, in their order: "in" (an answer of any kind but the following), "door" (to sign-in, or 401
# for a fragment), "404", "403". An administrator of the installation sees no team's things but as its member; the
# visitor has given the passcode of a screening.
OPEN = "in in in in in in in in"
SIGNED_IN = "door in in in in in in door"
SEE = "door 404 in in in 404 404 door"
EDIT = "door 404 403 in in 404 404 door"
OWN = "door 404 403 403 in 404 404 door"
NOBODY = "door 404 404 404 404 404 404 door"
BOBS = "door 404 404 in 404 404 404 door"  # rows of the editor alone
OWNERS = "door 404 404 404 in 404 404 door"  # others don't learn that it is there
EDITORS = "door 404 404 in in 404 404 door"
TEMPLATE = "door 404 403 in 404 404 404 door"  # to be used where one edits, and it is the editor's own
NO_ONE = "404 404 404 404 404 404 404 404"  # outside of the demo, or with a made-up key
DOOR = "door door door door door door door door"  # 401: the passcode is wrong
LINK = "door door door door door door door in"  # members give the passcode, too
STAFF = "door door door door door in door door"

RECIPE = {
    "prompt": "One",
    "negative_prompt": "",
    "resolution": "720P",
    "ratio": "16:9",
    "duration": 5,
    "shots": [],
    "prompt_extend": True,
    "watermark": False,
}

RIGHTS: dict[str, dict[str, str]] = {
    "landing": {"GET": SIGNED_IN, "HEAD": SIGNED_IN},
    "generations:studio": {"GET": SEE, "HEAD": SEE},
    "generations:sheet": {"GET": EDIT, "HEAD": EDIT, "POST": EDIT},
    "generations:sheet_template": {"GET": SIGNED_IN, "HEAD": SIGNED_IN},
    "generations:templates": {"GET": SEE, "HEAD": SEE},
    "generations:template_new": {"POST": EDIT},
    "generations:template_use": {"POST": TEMPLATE},
    "generations:template_change": {"POST": BOBS},
    "generations:history": {"GET": SEE, "HEAD": SEE},
    "generations:batch": {"GET": SEE, "HEAD": SEE},
    "generations:batch_line": {"POST": EDIT},
    "generations:facets": {"GET": SEE, "HEAD": SEE},
    "generations:searches": {"GET": SEE, "HEAD": SEE},  # their own, beside a view of a project that they see
    "generations:save_search": {"POST": SEE},
    "generations:rename_search": {"POST": BOBS},
    "generations:delete_search": {"POST": BOBS},
    "generations:create": {"POST": EDIT},
    "generations:retry_failed": {"POST": EDIT},
    "generations:bundle": {"GET": SEE, "HEAD": SEE, "POST": SEE},
    "generations:status": {"GET": SIGNED_IN, "HEAD": SIGNED_IN},
    "generations:line_all": {"POST": EDIT},
    "generations:promise": {"GET": SEE, "HEAD": SEE},
    "generations:words": {"GET": SIGNED_IN, "HEAD": SIGNED_IN},
    "generations:detail": {"GET": SEE, "HEAD": SEE},
    "generations:beside": {"GET": SEE, "HEAD": SEE},
    "generations:video": {"GET": SEE, "HEAD": SEE},
    "generations:poster": {"GET": SEE, "HEAD": SEE},
    "generations:preview": {"GET": SEE, "HEAD": SEE},
    "generations:strip": {"GET": SEE, "HEAD": SEE},
    "generations:download": {"GET": SEE, "HEAD": SEE},
    "generations:cancel": {"POST": EDIT},
    "generations:retry": {"POST": EDIT},
    "generations:print": {"POST": EDIT},
    "generations:decide": {"POST": EDIT},
    "generations:trash": {"POST": EDIT},
    "generations:restore": {"POST": EDIT},
    "generations:rate": {"POST": EDIT},
    "generations:pick": {"POST": EDIT},
    "generations:favourite": {"POST": SEE},
    "generations:tag": {"POST": EDIT},
    "generations:note_create": {"POST": EDIT},
    "generations:note_delete": {"POST": EDIT},
    "generations:bulk": {"POST": SIGNED_IN},
    "generations:bulk_choices": {"GET": EDITORS, "HEAD": EDITORS, "POST": EDITORS},
    "generations:bulk_count": {"GET": SIGNED_IN, "HEAD": SIGNED_IN},
    "generations:bulk_progress": {"GET": BOBS, "HEAD": BOBS},
    "generations:bulk_undo": {"POST": BOBS},
    "generations:compare": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "generations:trash_list": {"GET": SEE, "HEAD": SEE},
    "generations:scene_edit": {"GET": EDIT, "HEAD": EDIT},
    "generations:scene_rename": {"POST": EDIT},
    "generations:scene_merge": {"POST": EDIT},
    "generations:collections": {"GET": SEE, "HEAD": SEE},
    "generations:collection_create": {"POST": EDIT},
    "generations:collection": {"GET": SEE, "HEAD": SEE},
    "generations:collection_rename": {"POST": EDIT},
    "generations:collection_delete": {"POST": EDIT},
    "generations:collection_arrange": {"POST": EDIT},
    "generations:line": {"POST": EDIT},
    "generations:audio": {"GET": EDIT, "HEAD": EDIT},
    "generations:audio_upload": {"POST": EDIT},
    "generations:audio_lane": {"GET": SEE, "HEAD": SEE},
    "generations:audio_file": {"GET": SEE},
    "generations:audio_trim": {"POST": EDIT},
    "generations:usage": {"GET": SEE, "HEAD": SEE},
    "generations:usage_csv": {"GET": SEE, "HEAD": SEE},
    "generations:budgets": {"GET": OWN, "HEAD": OWN, "POST": OWN},
    "generations:drafts": {"GET": EDITORS, "HEAD": EDITORS},
    "generations:draft_save": {"POST": EDITORS},
    "generations:rescue": {"GET": OWNERS, "HEAD": OWNERS},
    "generations:rescue_desk": {"GET": OWN, "HEAD": OWN},
    "generations:rescue_read": {"POST": OWN},
    "generations:rescue_import": {"POST": OWN},
    "screenings:index": {"GET": SEE, "HEAD": SEE},
    "screenings:new": {"GET": EDIT, "HEAD": EDIT, "POST": EDIT},
    "screenings:edit": {"GET": EDIT, "HEAD": EDIT, "POST": EDIT},
    "screenings:update": {"POST": EDIT},
    "screenings:renew": {"POST": EDIT},
    "screenings:revoke": {"POST": EDIT},
    "screenings:comment": {"POST": SEE},
    "screenings:verdict": {"POST": SEE},
    "screenings:settle": {"POST": SEE},
    "screenings:take_away": {"POST": "door 404 403 in 403 404 404 door"},  # the editor's own
    "screenings:seen": {"GET": LINK, "HEAD": LINK},
    "screenings:room": {"GET": LINK, "HEAD": LINK},
    "screenings:enter": {"POST": DOOR},
    "screenings:name": {"POST": LINK},
    "screenings:room_comment": {"POST": LINK},
    "screenings:room_verdict": {"POST": LINK},
    "screenings:video": {"GET": LINK, "HEAD": LINK},
    "screenings:poster": {"GET": LINK, "HEAD": LINK},
    "screenings:preview": {"GET": LINK, "HEAD": LINK},
    "screenings:download": {"GET": LINK, "HEAD": LINK},
    "teams:index": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "teams:show": {"GET": SEE, "HEAD": SEE},
    "teams:activity": {"GET": SEE, "HEAD": SEE},
    "teams:rename": {"POST": OWN},
    "teams:delete": {"POST": OWN},
    "teams:restore": {"POST": OWNERS},
    "teams:role": {"POST": OWN},
    "teams:remove": {"POST": OWN},
    "teams:hand_over": {"POST": OWN},
    "teams:leave": {"POST": SEE},
    "teams:invite": {"POST": OWN},
    "teams:invite_again": {"POST": OWN},
    "teams:invite_revoke": {"POST": OWN},
    "teams:wan_accounts": {"GET": OWN, "HEAD": OWN, "POST": OWN},
    "teams:wan_account": {"GET": OWN, "HEAD": OWN, "POST": OWN},
    "teams:wan_key": {"POST": OWN},
    "teams:wan_prices": {"POST": OWN},
    "teams:wan_check": {"POST": OWN},
    "teams:wan_checked": {"GET": OWN, "HEAD": OWN},
    "teams:wan_again": {"POST": OWN},
    "teams:wan_close": {"POST": OWN},
    "teams:join": {"GET": OPEN, "HEAD": OPEN, "POST": SIGNED_IN},
    "projects:index": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "projects:menu": {"GET": SIGNED_IN, "HEAD": SIGNED_IN},
    "projects:show": {"GET": SEE, "HEAD": SEE},
    "projects:activity": {"GET": SEE, "HEAD": SEE},
    "projects:people": {"GET": SEE, "HEAD": SEE},
    "projects:settings": {"GET": EDIT, "HEAD": EDIT, "POST": EDIT},
    "projects:defaults": {"POST": EDIT},
    "projects:cover": {"POST": EDIT},
    "projects:account": {"POST": OWN},
    "projects:archive": {"POST": OWN},
    "projects:move": {"POST": OWN},
    "projects:delete": {"POST": OWN},
    "projects:restore": {"POST": OWNERS},
    "accounts:profile": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "accounts:theme": {"POST": SIGNED_IN},
    "accounts:language": {"POST": OPEN},
    "accounts:demo": {"POST": NO_ONE},
    "accounts:digest_off": {"GET": NO_ONE, "HEAD": NO_ONE, "POST": NO_ONE},
    "accounts:data": {"GET": SIGNED_IN, "HEAD": SIGNED_IN},
    "accounts:request_copy": {"POST": SIGNED_IN},
    "accounts:data_copy": {"GET": BOBS, "HEAD": BOBS},
    "accounts:delete": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "account_login": {"GET": OPEN, "HEAD": OPEN, "POST": OPEN},
    "account_logout": {"GET": OPEN, "HEAD": OPEN, "POST": OPEN},
    "account_inactive": {"GET": OPEN, "HEAD": OPEN},
    "account_signup": {"GET": OPEN, "HEAD": OPEN, "POST": OPEN},
    "account_reauthenticate": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "account_email": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "account_email_verification_sent": {"GET": OPEN, "HEAD": OPEN},
    "account_change_password": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "account_set_password": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "account_reset_password": {"GET": OPEN, "HEAD": OPEN, "POST": OPEN},
    "account_confirm_login_code": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "account_confirm_email": {"GET": OPEN, "HEAD": OPEN, "POST": NO_ONE},
    "account_reset_password_from_key_done": {"GET": OPEN, "HEAD": OPEN},
    "account_reset_password_from_key": {"GET": OPEN, "HEAD": OPEN, "POST": OPEN},
    "account_reset_password_done": {"GET": OPEN, "HEAD": OPEN},
    "mfa_index": {"GET": SIGNED_IN, "HEAD": SIGNED_IN},
    "mfa_authenticate": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_reauthenticate": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_activate_totp": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_deactivate_totp": {"GET": NOBODY, "HEAD": NOBODY, "POST": NOBODY},
    "mfa_view_recovery_codes": {"GET": NOBODY, "HEAD": NOBODY},
    "mfa_generate_recovery_codes": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_download_recovery_codes": {"GET": NOBODY, "HEAD": NOBODY, "POST": NOBODY},
    "mfa_list_webauthn": {"GET": SIGNED_IN, "HEAD": SIGNED_IN},
    "mfa_add_webauthn": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_reauthenticate_webauthn": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_remove_webauthn": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_edit_webauthn": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_login_webauthn": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "usersessions_list": {"GET": SIGNED_IN, "HEAD": SIGNED_IN, "POST": SIGNED_IN},
    "notifications": {"GET": SIGNED_IN, "HEAD": SIGNED_IN},
    "notifications_seen": {"POST": SIGNED_IN},
    "metrics": {"GET": STAFF, "HEAD": STAFF},
    "healthz": {"GET": OPEN, "HEAD": OPEN},
    "readyz": {"GET": OPEN, "HEAD": OPEN},
}

# Of a template that is shared with the project, by who made it.
SHARED: dict[str, dict[str, str]] = {
    "editor": {"generations:template_use": EDIT, "generations:template_change": EDIT},
    "owner": {"generations:template_use": EDIT, "generations:template_change": OWN},
    "removed": {"generations:template_use": EDIT, "generations:template_change": OWN},
}


class World:
    """A team with its people and one row, with its files, of everything that an address can name."""

    def __init__(self, files: Path) -> None:
        self.files = files
        self.people = {name: UserFactory(email=f"{name}@example.com", name=name) for name in PEOPLE[1:-1]}
        admin = self.people["admin"]
        type(admin).objects.filter(pk=admin.pk).update(is_staff=True, is_superuser=True)
        bob = self.people["editor"]
        self.team = TeamFactory(uses_installation_account=True)
        for role in ("viewer", "editor", "owner"):
            MembershipFactory(team=self.team, user=self.people[role], role=role)
        MembershipFactory(team=self.team, user=self.people["removed"], role="editor").delete()
        self.project = ProjectFactory(team=self.team)
        self.gone = ProjectFactory(team=self.team, deleted_at=timezone.now())
        self.gone_team = TeamFactory(deleted_at=timezone.now())
        for role in ("viewer", "editor", "owner"):
            MembershipFactory(team=self.gone_team, user=self.people[role], role=role)
        self.account = AccountFactory(team=self.team)
        scene = SceneFactory(project=self.project, created_by=bob)
        self.clip = ReadyFactory(scene=scene, owner=bob, account=self.account)
        self.rows = self._rows(bob)
        names = ("poster.webp", "poster-small.webp", "preview.mp4", "strip.webp")
        keys = [storage.generation_key(self.clip.uuid, name) for name in names]
        for key in (*keys, self.clip.video_key, self.rows["audio/"].key, self.rows["accounts/data/"].key):
            path = files / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x" * 100)

    def _rows(self, bob) -> dict[str, object]:
        """By the beginning of the address."""
        soon = timezone.now() + timedelta(days=1)
        made = {"project": self.project, "name": "One", "created_by": bob}
        invitation = Invitation(team=self.team, email="erin@example.com", invited_by=self.people["owner"])
        self.token = invitation.renew()
        invitation.save()
        self.invitation = invitation
        link = ShareLink(project=self.project, created_by=bob, name="One", expires_at=soon, allows_download=True)
        self.visit = link.renew_token()
        link.set_passcode(PASSCODE)
        link.save()
        link.show([self.clip])
        return {
            "screenings/": link,
            "comments/": Comment.objects.create(generation=self.clip, person=bob, text="One"),
            "s/": self.clip,
            "studio/templates/": Template.objects.create(owner=bob, name="One", recipe=RECIPE),
            "batches/": Batch.objects.create(**made, press=uuid.uuid4()),
            "searches/": SavedSearch.objects.create(person=bob, project=self.project, name="One", query=""),
            "generations/bulk/": BulkAction.objects.create(person=bob, verb="trash"),
            "generations/": self.clip,
            "notes/": Note.objects.create(generation=self.clip, author=bob, text="One"),
            "scenes/": self.clip.scene,
            "collections/": Collection.objects.create(team=self.team, name="One", created_by=bob),
            "audio/": AudioFactory(project=self.project, uploaded_by=bob),
            "rescue/": self.account,
            "teams/": self.team,
            "projects/": self.project,
            "accounts/data/": DataCopy.objects.create(
                user=bob,
                requested_at=timezone.now(),
                ready_at=timezone.now(),
                expires_at=soon,
                storage="local",
                key="copies/one/my-data.zip",
            ),
        }

    def url(self, name: str, route: str) -> str:
        given = {
            "person": self.people["viewer"].uuid,
            "invitation": self.invitation.uuid,
            "account": self.account.uuid,
            "token": self.visit if route.startswith("s/") else self.token,
            "key": "x-1",
            "uidb36": "1",
            "pk": 1,
        }
        restores = {"projects:restore": self.gone.uuid, "teams:restore": self.gone_team.uuid}
        row = next((row for start, row in self.rows.items() if route.startswith(start)), None)
        named = re.findall(r"<(?:\w+:)?(\w+)>", route)
        ids = {one: restores.get(name, getattr(row, "uuid", None)) if one == "uuid" else given[one] for one in named}
        return f"{reverse(name, kwargs=ids)}?project={self.project.uuid}"

    def data(self) -> dict[str, str]:
        """What names things in forms and queries; the rest of a form is missing, which is an answer like another."""
        return {
            "project": str(self.project.uuid),
            "person": str(self.people["viewer"].uuid),
            "scene": str(self.clip.scene.uuid),
            "here": str(self.project.uuid),
            "view": f"project={self.project.uuid}",
            "ids": str(self.clip.uuid),
        }


def addresses() -> dict[str, str]:
    """Name and route of everything but the administration, which is of staff as a whole."""
    return dict(_walk(get_resolver()))


def _walk(resolver, prefix="", spaces=()):
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if not isinstance(entry, URLResolver):
            yield ":".join((*spaces, entry.name or route)), route
        elif entry.namespace != "admin":
            yield from _walk(entry, route, (*spaces, entry.namespace) if entry.namespace else spaces)


def answer(client, method, url, data) -> str:
    """In the words of the table; what is done is undone."""
    with transaction.atomic():
        response = (
            client.generic(method, url)
            if method not in ("GET", "HEAD", "POST")
            else getattr(client, method.lower())(url, data)
        )
        if response.streaming:  # read to its end: closing it by hand would close the test's connection, too
            deque(response, maxlen=0)
        transaction.set_rollback(True)
    status = response.status_code
    if status in (403, 404, 405):
        return str(status)
    is_door = status == 401 or (status in (302, 303) and response["Location"].startswith(DOORS))
    assert status < 500 or status == 503, f"{method} {url}: {status}"
    return "door" if is_door else "in"


@pytest.fixture
def world(db, tmp_path, settings):
    local = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"local": local}
    return World(tmp_path)


@pytest.fixture
def clients(world, settings):
    """`clients(person)` is signed in anew each time: some addresses sign out."""
    cookies = {}
    handler = ClientHandler(
        enforce_csrf_checks=False
    )  # loads the middleware once, and not for each of thousands of requests
    for person, user in world.people.items():
        client = Client()
        client.force_login(user)
        cookies[person] = client.cookies[settings.SESSION_COOKIE_NAME].value
    visitor = Client()
    visitor.post(reverse("screenings:enter", args=[world.visit]), {"passcode": PASSCODE})
    cookies["visitor"] = visitor.cookies[settings.SESSION_COOKIE_NAME].value

    def fresh(person):
        client = Client()
        client.handler = handler
        if person in cookies:
            client.cookies[settings.SESSION_COOKIE_NAME] = cookies[person]
        return client

    return fresh


def asked(name):
    """By which methods."""
    yield from METHODS
    if not name.startswith(LIBRARY) and connection.vendor == "sqlite":
        yield from OTHER_METHODS


def test_every_address_is_in_the_table():
    missing = [
        f'    "{name}": {{"GET": SEE, "HEAD": SEE, "POST": EDIT}},' for name in addresses() if name not in RIGHTS
    ]
    gone = [name for name in RIGHTS if name not in addresses()]

    assert not missing, "Say who may, in RIGHTS of tests/test_rights.py, for example:\n" + "\n".join(missing)
    assert not gone, f"Not in the URLconf any more, take out of RIGHTS: {gone}"


@pytest.mark.parametrize("first", sorted({name.partition(":")[0].partition("_")[0] for name in RIGHTS}))
def test_addresses_answer_as_the_table_says(world, clients, first):
    wrong = []
    for name, route in addresses().items():
        if name.partition(":")[0].partition("_")[0] != first or name not in RIGHTS:
            continue
        url = world.url(name, route)
        for method in asked(name):
            got = {person: answer(clients(person), method, url, world.data()) for person in PEOPLE}
            wrong += _differing(name, method, got)

    assert not wrong, "\n".join(wrong)


def test_the_librarys_addresses_let_nobody_in_by_a_stranger_method(world, clients):
    """Whoever is refused by every method of the table is by every other; OPTIONS names methods, and nothing else."""
    wrong = []
    for name, route in addresses().items():
        if not name.startswith(LIBRARY):
            continue
        rows = [said.split() for said in RIGHTS[name].values()]
        for place, person in enumerate(PEOPLE):
            if any(row[place] == "in" for row in rows):
                continue
            url = world.url(name, route)
            others = {each: answer(clients(person), each, url, {}) for each in OTHER_METHODS if each != "OPTIONS"}
            wrong += [f"{name}: {method} lets {person} in" for method, got in others.items() if got == "in"]
            told = clients(person).options(url)
            wrong += [f"{name}: OPTIONS tells {person}"] if told.status_code == 200 and told.content else []

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("maker", SHARED)
def test_a_shared_template_is_the_teams(world, clients, maker):
    template = world.rows["studio/templates/"]
    Template.objects.filter(pk=template.pk).update(project=world.project, owner=world.people[maker])
    wrong = []
    for name, said in SHARED[maker].items():
        url = world.url(name, addresses()[name])
        got = {person: answer(clients(person), "POST", url, world.data()) for person in PEOPLE}
        wrong += _differing(name, "POST", got, {"POST": said})

    assert not wrong, "\n".join(wrong)


def _differing(name, method, got, rights=None) -> list[str]:
    """Lines that say what the table has and what came."""
    said = (rights or RIGHTS[name]).get(method)
    if said is None:
        let_in = [person for person, word in got.items() if word == "in"]
        return [f"{name}: {method} lets {let_in} in; RIGHTS does not name it"] if let_in else []
    wanted = dict(zip(PEOPLE, said.split(), strict=True))
    different = {person: word for person, word in got.items() if word != wanted[person]}
    return [f'{name}: RIGHTS has "{method}": "{said}", but {different}'] if different else []


def test_administration_is_of_staff_alone(world, clients):
    """Each of its pages, about a row that is there; to sign in and out by it is everybody's."""
    wrong, opened = [], []
    for url in administration():
        for method in asked("administration"):
            got = {person: answer(clients(person), method, url, {}) for person in PEOPLE}
            wrong += [f"{method} {url} lets {person} in" for person in got if got[person] == "in" and person != "admin"]
            opened += [url] if got["admin"] == "in" else []

    assert not wrong, "\n".join(wrong)
    assert reverse("admin:teams_team_changelist") in opened
    assert len(set(opened)) > 40


def administration():
    """Addresses of it, as they stand in the URLconf; ids are of the newest row, or of none."""
    rows = {model._meta.label_lower.replace(".", "/"): model for model in admin.site._registry}
    for entry in admin.site.get_urls():
        inside = entry.url_patterns if isinstance(entry, URLResolver) else [None]
        for page in inside:
            route = f"{entry.pattern}{page.pattern if page else ''}"
            model = rows.get("/".join(route.split("/")[:2]))
            row = model._default_manager.order_by("pk").last() if model else None
            if getattr(page or entry, "name", "") not in ("login", "logout"):
                yield reverse("admin:index") + _filled(route, str(row.pk) if row else "1")


def _filled(route, key):
    route = re.sub(r"\(\?P<app_label>(\w+)[^)]*\)", r"\1", route)
    return re.sub(r"\(\?P<url>.*\)|<[^>]+>", key, route).strip("^$")
