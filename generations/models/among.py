from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, F, Func, Subquery

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet


class Among(Func):
    """`column IN (rows)`, with the rows looked up once before anything else.

    PostgreSQL makes a join of an IN and guesses how many rows it leaves; where it guesses few it reads all takes of a
    team to sort them instead of the first page of an index. An array it can't take apart.
    """

    function = ""
    template = "%(expressions)s"
    arg_joiner = " IN "
    output_field = BooleanField()

    def __init__(self, column: str, rows: QuerySet[Model, Any]) -> None:
        super().__init__(F(column), Subquery(rows))

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, arg_joiner=" = ANY(ARRAY", template="%(expressions)s)", **context)
