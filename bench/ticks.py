"""One tick of every sweep beside finished rows: it must cost the same, by index, however many there are."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from bench.options import QUICK
from bench.table import milliseconds, share, show
from bench.workbench import workbench

if TYPE_CHECKING:
    from accounts.models import User

SIZES = (100, 10_000, 100_000) if QUICK else (100, 10_000, 1_000_000)
TIMES = 20


def main(*, servers: bool) -> None:
    with workbench(servers=servers) as bench:
        from bench.rows import finished, full_house, multiply_finished

        user = bench.maker()
        finished(user, 1)
        full_house(user)
        times: dict[str, list[float]] = defaultdict(list)
        for size in SIZES:
            multiply_finished(size)
            for name, seconds in _measure(user, TIMES).items():
                times[name].append(seconds)
        rows = [
            [name, *(milliseconds(second) for second in seconds), f"{seconds[-1] / seconds[0]:.2f} ×"]
            for name, seconds in times.items()
        ]
        where = "PostgreSQL" if servers else "SQLite"
        head = ["p50 of", *(f"{size:,} rows" for size in SIZES), "last against first"]
        scans = _scans(user) or ["No query of these reads a whole table."]
        show(f"One tick with full slots and one take waiting, {where}", [head, *rows], note="\n".join(scans))


def _measure(user: User, times: int) -> dict[str, float]:
    from django.test import Client

    from bench.visitor import timed
    from generations.lifecycle import archive, derive, reconcile, submit, watch

    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    calls = {module.__name__.rpartition(".")[2]: module.sweep for module in (submit, watch, reconcile, archive, derive)}
    calls["studio page"] = lambda: client.get("/studio/")
    calls["status poll"] = lambda: client.get("/generations/status")
    return {name: share(timed(call, times), 0.5) for name, call in calls.items()}


def _scans(user: User) -> list[str]:
    """Queries that read a whole table of takes, attempts or events, explained with the parameters that were sent."""
    from django.db import connection

    sent: dict[str, Any] = {}

    def remember(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SELECT", "UPDATE")):
            sent[sql] = params
        return execute(sql, params, many, context)

    with connection.execute_wrapper(remember):
        _measure(user, 1)
    found = []
    for sql, params in sent.items():
        with connection.cursor() as cursor:
            cursor.execute(f"{EXPLAIN[connection.vendor]} {sql}", params)
            plan = " / ".join(str(row[-1]) for row in cursor.fetchall())
        if SCAN.search(plan):
            found.append(f"reads a whole table: {sql[:100]} … {sql[-300:]}\n  {plan[:400]}")
    return sorted(found)


EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}
SCAN = re.compile(r"(SCAN|Seq Scan on) (generations_(generation|submitattempt|event)|U0)\b(?! USING)")


if __name__ == "__main__":
    main(servers="--servers" in sys.argv[1:])
