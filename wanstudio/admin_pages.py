"""Pages of administration: lists that stay quick at a million rows, forms that leave alone what others write."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.core.paginator import Paginator
from django.utils.functional import cached_property

from wanstudio.own_columns import since_shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest


class CappedPaginator(Paginator):
    """Counts to MOST and no further: what lies behind is found by searching and filtering, not by paging."""

    MOST = 5_000

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)  # administration gives nothing else
        return rows[: self.MOST].count()


class TouchedFields(admin.options.BaseModelAdmin):
    """For forms and those within them."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)
        return since_shown(field) if field else field


class CarefulAdmin(TouchedFields, admin.ModelAdmin):
    """Of a row that is there only what was touched is written: workers and people change it while the page is open."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            write_touched(obj, form.changed_data)
        else:
            super().save_model(request, obj, form, change)


def write_touched(row: Any, names: Sequence[str], **more: Any) -> None:
    """The row's own columns among these, and `more`; afterwards it is as the database has it."""
    for name, value in more.items():
        setattr(row, name, value)
    own = {field.name for field in row._meta.concrete_fields}
    row.save(update_fields=[*more, *(name for name in names if name in own)])
    row.refresh_from_db()


class LeanAdmin(CarefulAdmin):
    """No second count of everything, and the first one capped."""

    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = 50
    sortable_by = ()  # a column without an index would sort them all
    view_on_site = False  # administration is no member: the page would not be there


class Kept:
    """Made and ended in the studio only: that takes more than a row."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(Kept):
    """Everything may be looked at, nothing changed."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def as_uuid(term: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(term.strip())
    except ValueError:
        return None
