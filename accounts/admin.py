from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import closing
from accounts.models import User
from teams.models import Membership
from wanstudio.admin_pages import LeanAdmin

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["team"]


@admin.register(User)
class UserAdmin(LeanAdmin):
    list_display = ["email", "name", "is_active", "is_staff", "date_joined", "last_login"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "name"]
    actions = ["bring_back"]
    ordering = ["-id"]
    inlines = [MembershipInline]
    fields = ["email", "name", "language", "theme", "time_zone", "is_active", "is_staff", "is_superuser"]

    @admin.action(description=_("Open deleted accounts again"))
    def bring_back(self, request: HttpRequest, people: QuerySet[User]) -> None:
        count = sum(closing.reopen(person) for person in people)
        self.message_user(request, ngettext("%d account is open.", "%d accounts are open.", count) % count)
