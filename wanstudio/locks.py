"""Rows that a transaction keeps to itself. Everybody takes them in one order, so that who meets another stands in line:
teams, projects, takes, attempts, people; and of each kind by primary key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    Row = TypeVar("Row", bound=Model)


def held(rows: QuerySet[Row], *, from_references: bool = False) -> QuerySet[Row]:
    """These rows, locked until the transaction ends once they are read.

    `from_references` also waits for who is writing a row that points to one, and keeps others from doing so.
    """
    return rows.select_for_update(of=("self",), no_key=not from_references).order_by("pk")


def hold(rows: QuerySet[Model], *, from_references: bool = False) -> list[int]:
    """Lock them as `held` does; their keys."""
    return list(held(rows, from_references=from_references).values_list("pk", flat=True))
