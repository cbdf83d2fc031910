from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from generations import usage
from teams.models import Budget, Membership, Project, Team
from wanstudio.admin_pages import LeanAdmin

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


class BudgetInline(admin.TabularInline):
    """Also the only place for a budget on the installation's account."""

    model = Budget
    extra = 0
    fields = ["scope", "project", "person", "currency", "month", "amount", "warn_at", "stops"]
    autocomplete_fields = ["project", "person"]


@admin.register(Team)
class TeamAdmin(LeanAdmin):
    list_display = ["name", "personal_of", "uses_installation_account", "stored", "created_at"]
    list_filter = ["uses_installation_account"]
    list_select_related = ["personal_of"]
    search_fields = ["name", "members__email"]
    ordering = ["-id"]
    inlines = [MembershipInline, BudgetInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return usage.with_stored_bytes(super().get_queryset(request))

    @admin.display(description=_("clips and audio"))
    def stored(self, team: Team) -> str:
        return filesizeformat((getattr(team, "clip_bytes", 0) or 0) + (getattr(team, "audio_bytes", 0) or 0))


@admin.register(Project)
class ProjectAdmin(LeanAdmin):
    list_display = ["name", "team", "created_at"]
    list_select_related = ["team"]
    ordering = ["-id"]
    search_fields = ["name", "team__name"]
    autocomplete_fields = ["team"]
