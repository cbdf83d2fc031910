"""Rows that a transaction keeps to itself. Everybody takes them in one order, so that who meets another stands in line:
teams, projects, takes, attempts, people; and of each kind by primary key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet


def hold(rows: QuerySet[Model], *, from_references: bool = False) -> list[int]:
    """Lock them until the transaction ends; their keys.

    `from_references` also waits for who is writing a row that points to one, and keeps others from doing so.
    """
    held = rows.select_for_update(of=("self",), no_key=not from_references).order_by("pk")
    return list(held.values_list("pk", flat=True))
