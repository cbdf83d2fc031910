from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import IntegerField, JSONField, Subquery
from django.db.models.functions import JSONObject

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet


class Rows(Subquery):
    """Rows that belong to each row of a query, as a list of objects in no order; None or empty where there are none.

    For pages that show a little of many tables: one question instead of one for each.
    """

    output_field = JSONField()
    template = "(SELECT JSON_GROUP_ARRAY(JSON(found.item)) FROM (%(subquery)s) AS found)"

    def __init__(self, rows: QuerySet[Model, Any], **fields: Any) -> None:
        super().__init__(rows.values(item=JSONObject(**fields)))

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        template = "(SELECT JSONB_AGG(found.item) FROM (%(subquery)s) AS found)"
        return self.as_sql(compiler, connection, template=template, **context)


class Counted(Subquery):
    """How many rows belong to each row of a query; what is sliced is counted up to there."""

    output_field = IntegerField()
    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS found)"

    def __init__(self, rows: QuerySet[Model, Any]) -> None:
        super().__init__(rows.values("pk"))
