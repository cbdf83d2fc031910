"""One tick of every sweep beside finished rows: it must cost the same, by index, however many there are."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.busy import busy
from bench.options import QUICK
from bench.plans import whole_table_reads
from bench.table import milliseconds, share, show
from bench.workbench import workbench

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User

SIZES = (100, 10_000, 100_000) if QUICK else (100, 10_000, 1_000_000)
TIMES = 20
TABLES = "generations_(generation|submitattempt|event)|U0"


def main(*, servers: bool) -> None:
    with workbench(servers=servers) as bench:
        from bench.rows import finished, full_house, multiply_finished

        user = bench.maker()
        finished(user, 1)
        full_house(user)
        spent: dict[str, list[Spent]] = defaultdict(list)
        for size in SIZES:
            multiply_finished(size)
            for name, one in _measure(user, TIMES).items():
                spent[name].append(one)
        rows = [
            [name, *(milliseconds(one.clock) for one in each), _ratio(each, "clock"), _ratio(each, "busy")]
            for name, each in spent.items()
        ]
        where = "PostgreSQL" if servers else "SQLite"
        head = ["p50 of", *(f"{size:,} rows" for size in SIZES), "last against first", "on the processors"]
        scans = whole_table_reads(partial(_measure, user, 1), TABLES, verbs=("SELECT", "UPDATE"))
        note = "\n".join(scans) or "No query of these reads a whole table."
        show(f"One tick with full slots and one take waiting, {where}", [head, *rows], note=note)


class Spent(NamedTuple):
    """The p50 of a call's seconds on the clock, and of those on the processors."""

    clock: float
    busy: float


def _ratio(each: list[Spent], kind: str) -> str:
    return f"{getattr(each[-1], kind) / getattr(each[0], kind):.2f} ×"


def _measure(user: User, times: int) -> dict[str, Spent]:
    from django.test import Client

    from generations.lifecycle import archive, derive, reconcile, submit, watch

    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    calls = {module.__name__.rpartition(".")[2]: module.sweep for module in (submit, watch, reconcile, archive, derive)}
    calls["studio page"] = lambda: client.get("/studio/")
    calls["status poll"] = lambda: client.get("/generations/status")
    return {name: _spent(call, times) for name, call in calls.items()}


def _spent(call: Callable[[], Any], times: int) -> Spent:
    calls = []
    for _ in range(times):
        began, begun = time.perf_counter(), busy()
        call()
        calls.append((time.perf_counter() - began, busy() - begun))
    return Spent(*(share(kind, 0.5) for kind in zip(*calls, strict=True)))


if __name__ == "__main__":
    main(servers="--servers" in sys.argv[1:])
