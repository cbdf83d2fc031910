"""Lists of administration that stay quick at a million rows."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.core.paginator import Paginator
from django.utils.functional import cached_property

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


class CappedPaginator(Paginator):
    """Counts to MOST and no further: what lies behind is found by searching and filtering, not by paging."""

    MOST = 5_000

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)  # administration gives nothing else
        return rows[: self.MOST].count()


class LeanAdmin(admin.ModelAdmin):
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
