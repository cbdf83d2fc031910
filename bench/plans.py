"""Which queries read a whole table, by the database's own plan of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}


def whole_table_reads(work: Callable[[], object], tables: str, *, verbs: tuple[str, ...] = ("SELECT",)) -> list[str]:
    """A line for each query of the work that reads one of the tables whole, explained with what was sent with it.

    `tables`: a regular expression.
    """
    from django.db import connection

    scan = re.compile(rf"(SCAN|Seq Scan on) ({tables})\b(?! USING)")
    sent: dict[str, Any] = {}

    def remember(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(verbs):
            sent[sql] = params
        return execute(sql, params, many, context)

    with connection.execute_wrapper(remember):
        work()
    found = []
    for sql, params in sent.items():
        with connection.cursor() as cursor:
            cursor.execute(f"{EXPLAIN[connection.vendor]} {sql}", params)
            plan = " / ".join(str(row[-1]) for row in cursor.fetchall())
        if scan.search(plan):
            found.append(f"reads a whole table: {sql[:200]} … {sql[-300:]}\n  {plan[:600]}")
    return sorted(found)
