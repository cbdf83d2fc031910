"""The gallery with 1,000, 100,000 and 1,000,000 clips, of which one person has a tenth: what each page costs."""

from __future__ import annotations

import re
import sys
import time
from typing import TYPE_CHECKING, Any

from bench.options import QUICK
from bench.table import milliseconds, share, show
from bench.workbench import workbench

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User

SIZES = (1_000, 20_000) if QUICK else (1_000, 100_000, 1_000_000)
TIMES = 12 if QUICK else 40
DEEP = 500  # pages


def main(*, servers: bool) -> None:
    with workbench(servers=servers) as bench:
        from django.db import connection

        from generations import gallery_seed
        from generations.models import Generation

        user = bench.maker()
        measured: dict[str, list[list[Any]]] = {}
        seeded, scans = [], []
        for size in SIZES:
            have, began = Generation.objects.count(), time.monotonic()
            gallery_seed.fill(user, size - have)
            seeded.append(f"{size:,} after {time.monotonic() - began:.0f} s more")
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM ANALYZE")  # as its autovacuum would
            pages = _pages(user)
            for name, call in pages.items():
                measured.setdefault(name, []).append(_measure(call))
            scans = _scans(pages)
        _tell(measured, "PostgreSQL" if servers else "SQLite", [", ".join(seeded), *(scans or [NO_SCANS])])


NO_SCANS = "No query of these reads a whole table."


def _pages(user: User) -> dict[str, Callable[[], Any]]:
    from django.test import Client

    from generations.models import Generation

    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    newest = Generation.objects.filter(owner=user, status="ready").latest("pk")
    view = f"project={newest.project.uuid}"

    def get(address: str) -> Callable[[], Any]:
        return lambda: client.get(address, headers={"hx-request": "true"} if "before" in address else {})

    return {
        "first page": get(f"/studio/?{view}"),
        "ordered by length": get(f"/studio/?{view}&sort=longest"),
        f"page {DEEP} by scrolling": get(f"/studio/?{view}&sort=oldest&before={_deep(user, newest.project)}"),
        "mine": get(f"/studio/?{view}&scope=mine"),
        "mine, best rated": get(f"/studio/?{view}&scope=mine&sort=rating"),
        "whole team": get(f"/studio/?{view}&scope=team"),
        "one person's": get(f"/studio/?{view}&person={user.uuid}"),
        "filtered, many match": get(f"/studio/?{view}&ratio=16:9"),
        "filtered, few match": get(f"/studio/?{view}&ratio=3:4&rating=5&show=picked&audio=1"),
        "search, few hits": get(f"/studio/?{view}&q={newest.seed}"),
        "search, many hits": get(f"/studio/?{view}&q=harbour"),
        "search, Chinese": get(f"/studio/?{view}&q=海港"),
        "search in mine": get(f"/studio/?{view}&scope=mine&q=harbour"),
        "search, a phrase": get(f"/studio/?{view}&q=%22leaves+the+harbour%22"),
        "counts": get(f"/studio/facets?{view}"),
        "counts of a search": get(f"/studio/facets?{view}&q=harbour"),
        "clip page": get(newest.get_absolute_url()),
    }


def _deep(user: User, project: Any) -> str:
    """The cursor of a page far down, or of the last but one where there are not so many."""
    from urllib.parse import quote

    from generations import cursor
    from generations.lens import Lens
    from generations.wall import PAGE

    lens = Lens.read("sort=oldest", project)
    keys = lens.queryset(user).order_by(*lens.order).values_list("pk", flat=True)
    place = min(DEEP * PAGE, keys.count() - PAGE)
    return quote(cursor.write(lens.query, [keys[place]]))


def _measure(call: Callable[[], Any]) -> list[Any]:
    """p50 and p95 in seconds, queries, bytes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from bench.visitor import timed

    call()
    with CaptureQueriesContext(connection) as captured:
        response = call()
    assert response.status_code == 200, response.status_code
    queries = len(captured)
    seconds = timed(call, TIMES)
    return [share(seconds, 0.5), share(seconds, 0.95), queries, len(response.content)]


def _tell(measured: dict[str, list[list[Any]]], where: str, notes: list[str]) -> None:
    rows = []
    for name, sizes in measured.items():
        times = [f"{milliseconds(p50)} / {milliseconds(p95)}" for p50, p95, _queries, _bytes in sizes]
        ratio = f"{sizes[-1][1] / sizes[0][1]:.2f} ×"
        rows.append([name, *times, ratio, sizes[-1][2], f"{sizes[-1][3]:,}"])
    head = ["p50 / p95 of", *(f"{size:,} clips" for size in SIZES), "p95, last against first", "queries", "bytes"]
    show(f"Gallery, one person with a tenth of the clips, {where}", [head, *rows], note="\n".join(notes))


def _scans(pages: dict[str, Callable[[], Any]]) -> list[str]:
    """Queries that read a whole table of takes or what belongs to them."""
    from django.db import connection

    sent: dict[str, Any] = {}

    def remember(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            sent[sql] = params
        return execute(sql, params, many, context)

    with connection.execute_wrapper(remember):
        for call in pages.values():
            call()
    found = []
    for sql, params in sent.items():
        with connection.cursor() as cursor:
            cursor.execute(f"{EXPLAIN[connection.vendor]} {sql}", params)
            plan = " / ".join(str(row[-1]) for row in cursor.fetchall())
        if SCAN.search(plan):
            found.append(f"reads a whole table: {sql[:200]} … {sql[-300:]}\n  {plan[:600]}")
    return sorted(found)


EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}
SCAN = re.compile(r"(SCAN|Seq Scan on) generations_(generation|scene|searchentry|tagging|favourite|event)\b(?! USING)")


if __name__ == "__main__":
    main(servers="--servers" in sys.argv[1:])
