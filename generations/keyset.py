"""Comparisons of rows: what comes before or after one, in an order over several columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import BooleanField, F, Func, Value

if TYPE_CHECKING:
    from collections.abc import Sequence


class RowBefore(Func):
    """(a, b) < (c, d): the one form of "further on" that both databases read from an index over a and b."""

    function = ""
    template = "%(expressions)s"
    arg_joiner = " < "
    output_field = BooleanField()

    def __init__(self, names: tuple[str, ...], keys: Sequence[str | int]) -> None:
        left = Func(*map(F, names), function="", output_field=BooleanField())
        right = Func(*(Value(int(key)) for key in keys), function="", output_field=BooleanField())
        super().__init__(left, right)


class RowAfter(RowBefore):
    """(a, b) > (c, d)."""

    arg_joiner = " > "
