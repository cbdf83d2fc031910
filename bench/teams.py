"""The studio page for a member of 50 teams with 500 projects beside that of a member of one: queries and time."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING

from bench.options import QUICK
from bench.table import milliseconds, share, show
from bench.workbench import workbench

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User

TEAMS, PROJECTS = 50, 10
TAKES = 40
ROUNDS = 10 if QUICK else 100


def main() -> None:
    with workbench():
        from accounts.models import User
        from bench.rows import finished

        people = {"one team": User.objects.create_superuser("one@example.com")}
        people[f"{TEAMS} teams, {TEAMS * PROJECTS} projects"] = User.objects.create_superuser("many@example.com")
        for person in people.values():
            finished(person, TAKES)
        _join_many(person)
        clients = {name: _signed_in(person) for name, person in people.items()}
        queries = {name: _queries(client) for name, client in clients.items()}
        times: dict[str, list[float]] = defaultdict(list)
        for _ in range(ROUNDS):
            for name, client in clients.items():
                times[name].append(_visit(client))
    base = share(times["one team"], 0.5)
    rows = [
        [name, queries[name], milliseconds(share(taken, 0.5)), f"{share(taken, 0.5) / base:.2f} ×", aim]
        for (name, taken), aim in zip(times.items(), ("", f"{queries['one team']} queries, ≤ 1.2 ×"), strict=True)
    ]
    show(
        f"Studio page with {TAKES} takes, {ROUNDS} visits each in turn",
        [["member of", "queries", "p50", "", "aim"], *rows],
    )


def _join_many(person: User) -> None:
    from teams.models import Project, Team

    for number in range(TEAMS - 1):  # one's own space is one, too
        team = Team.objects.create_shared(person, f"Team {number}")
        Project.objects.bulk_create(Project(team=team, name=f"Project {index}") for index in range(PROJECTS))


def _signed_in(person: User) -> Client:
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(person)
    return client


def _queries(client: Client) -> int:
    """Of a page whose caches are warm."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    _visit(client)
    with CaptureQueriesContext(connection) as captured:
        _visit(client)
    return len(captured)


def _visit(client: Client) -> float:
    began = time.perf_counter()
    response = client.get("/studio/")
    assert response.status_code == 200, response.status_code
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
