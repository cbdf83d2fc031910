"""What no page sends: each address of the URLconf, with whatever it looks for holding what no field is for.

Nobody tells which names these are: they are noted as they are asked for. An answer of any kind will do, but no error.
"""

from __future__ import annotations

from collections import deque
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import QueryDict
from django.urls import reverse

from tests import test_rights
from tests.test_rights import OPEN, RIGHTS, addresses

world, clients = test_rights.world, test_rights.clients

# PostgreSQL keeps no NUL in a text; SQLite does, and says of a long number only when it is there that it is too long.
HOSTILE = {"postgresql": "One\0", "sqlite": "9" * 25}


@pytest.fixture
def asked_for(monkeypatch):
    """Names that a view has looked up in what was sent."""
    names = set()

    def note(method):
        real = getattr(QueryDict, method)

        def noting(self, name, *more):
            names.add(str(name))
            return real(self, name, *more)

        monkeypatch.setattr(QueryDict, method, noting)

    for method in ("__getitem__", "__contains__", "getlist"):
        note(method)
    return names


def send(client, method, url, data, **headers) -> str:
    """What went wrong; "" of any answer. What is done is undone."""
    try:
        with transaction.atomic():
            response = getattr(client, method.lower())(url, data, headers=headers)
            deque(response if response.streaming else (), maxlen=0)  # to its end, which closes it
            transaction.set_rollback(True)
    except Exception as error:
        return f"{method} {url.partition('?')[0]}: {error!r}"
    is_error = response.status_code >= 500 and response.status_code != 503
    return f"{method} {url.partition('?')[0]}: {response.status_code}" if is_error else ""


def visited(world):
    """Addresses with a method, and as whom they are opened: those of guests as a guest."""
    for name, route in addresses().items():
        url = world.url(name, route).partition("?")[0]
        for method in {"GET", "POST"} & set(RIGHTS[name]):
            person = "visitor" if route.startswith("s/") else "guest" if RIGHTS[name][method] == OPEN else "owner"
            yield name, method, url, person


@pytest.mark.parametrize("first", sorted({name.partition(":")[0].partition("_")[0] for name in RIGHTS}))
def test_no_value_of_any_name_is_an_error(world, clients, asked_for, first):
    wrong = set()
    for name, method, url, person in visited(world):
        if name.partition(":")[0].partition("_")[0] != first:
            continue
        known = world.data() | {"name": "Two"}
        asked_for.clear()
        wrong.add(send(clients(person), method, url, known))
        tried = {"csrfmiddlewaretoken"}
        while waiting := asked_for - tried:
            tried |= waiting
            for field in sorted(waiting):
                found = send(clients(person), method, url, known | {field: HOSTILE[connection.vendor]})
                wrong.add(f"{field}: {found}" if found else "")

    assert wrong <= {""}, "\n".join(sorted(wrong))


@pytest.mark.parametrize("view", ["q=%00", "person=%00&tag=%00", "until=9999-12-31", "since=0001-01-01"])
def test_no_view_of_the_library_is_an_error(world, clients, view):
    wrong = set()
    for name, method, url, person in visited(world):
        if name.startswith(("generations:", "screenings:")):
            query = f"project={world.project.uuid}&{view}"
            more = {"view": query, "in": query, "all": "1", "name": "Two"}
            wrong.add(send(clients(person), method, url, world.data() | more))
            if method == "GET":
                wrong.add(send(clients(person), method, f"{url}?{query}", {}))

    assert wrong <= {""}, "\n".join(sorted(wrong))


@pytest.mark.parametrize("cookie", [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages"])
def test_no_cookie_is_an_error(world, clients, cookie):
    """In quotation marks a cookie may name any sign."""
    for url in (
        reverse("generations:studio"),
        reverse("account_login"),
        reverse("screenings:room", args=[world.visit]),
    ):
        client = clients("owner")
        client.cookies[cookie] = f"{'x' * 32}\0"

        assert not send(client, "GET", url, {})


@pytest.mark.parametrize("page", ["http://[", "//[", f"http://testserver/{quote(chr(0))}", "x"])
@pytest.mark.parametrize(("person", "headers"), [("owner", {"HX-Request": "true"}), ("guest", {})])
def test_no_page_that_something_is_sent_from_is_an_error(world, clients, page, person, headers):
    data = {"do": "trash", "take": str(world.clip.uuid)}
    headers |= {"HX-Current-URL": page, "Referer": page}

    assert not send(clients(person), "POST", reverse("generations:bulk"), data, **headers)
