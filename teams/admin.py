from __future__ import annotations

from django.contrib import admin

from teams.models import Membership, Project, Team


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    list_display = ["name", "personal_of", "uses_installation_account", "created_at"]
    list_filter = ["uses_installation_account"]
    search_fields = ["name", "members__email"]
    inlines = [MembershipInline]


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin):
    list_display = ["name", "team", "created_at"]
    search_fields = ["name", "team__name"]
    autocomplete_fields = ["team"]
