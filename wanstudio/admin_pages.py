"""Lists of administration that stay quick at a million rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.core.paginator import Paginator
from django.utils.functional import cached_property

if TYPE_CHECKING:
    from django.db.models import QuerySet


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
