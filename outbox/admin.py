from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from generations import clock
from outbox.models import Mail
from wanstudio.admin_pages import CarefulAdmin

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(Mail)
class MailAdmin(CarefulAdmin):
    """To whom and whether it went out. What is in it is shown to nobody: it may let somebody in."""

    list_display = ("recipients", "created_at", "sent_at", "failed_at", "due_at", "tries", "error")
    readonly_fields = fields = list_display
    list_filter = (("failed_at", admin.EmptyFieldListFilter), ("sent_at", admin.EmptyFieldListFilter))
    search_fields = ("recipients",)
    ordering = ("-created_at", "-pk")
    show_full_result_count = False
    actions = ("try_again",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=_("Try again what was given up"))
    def try_again(self, request: HttpRequest, chosen: QuerySet[Mail]) -> None:
        chosen.filter(failed_at__isnull=False).update(due_at=clock.now(), failed_at=None)
