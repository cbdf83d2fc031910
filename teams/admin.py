from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet, Select
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generations import phrases, purse, unbound, usage
from generations.models import WanAccount
from teams import people
from teams.models import Budget, Membership, Project, Role, Scope, Team
from wanstudio.admin_pages import Kept, LeanAdmin, TouchedFields, write_touched
from wanstudio.locks import hold

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from accounts.models import User


class MembersFormSet(BaseInlineFormSet):
    def add_fields(self, form: Any, index: int | None) -> None:
        """A membership stays its person's; her name is known, where a list to choose from asks once for each row."""
        super().add_fields(form, index)
        if form.instance.pk:
            person = form.fields["user"]
            person.widget = Select(choices=[(form.instance.user_id, str(form.instance.user))])
            person.disabled = True

    def clean(self) -> None:
        super().clean()
        owners = self._owners()
        if not owners:
            raise ValidationError(_("A team keeps at least one owner. Make somebody else an owner first."))
        had_one = Membership.objects.filter(team=self.instance).owners().exists()
        if had_one and not any(owner and owner.is_active for owner in owners):
            raise ValidationError(_("A team keeps an owner who can sign in. Make somebody else an owner first."))
        if self.instance.personal_of and self.instance.personal_of not in owners:
            raise ValidationError(_("Nobody loses their own space."))

    def _owners(self) -> list[User]:
        """As it would be: by what was touched here, else by what the team is now, which waits until this is saved."""
        hold(Team.objects.filter(pk=self.instance.pk), from_references=True)
        roles = dict(Membership.objects.filter(team=self.instance).values_list("pk", "role"))
        owners = []
        for form in self.forms:
            row = getattr(form, "cleaned_data", None) or {}
            is_touched = form.instance.pk is None or "role" in form.changed_data
            role = row.get("role") if is_touched else roles.get(form.instance.pk)
            if row and role == Role.OWNER and not row.get("DELETE"):
                owners.append(row["user"])
        return owners


class MembershipInline(TouchedFields, admin.TabularInline):
    model = Membership
    formset = MembersFormSet
    extra = 0
    autocomplete_fields = ["user"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "team")


class BudgetInline(TouchedFields, admin.TabularInline):
    """Also the only place for a budget on the installation's account."""

    model = Budget
    extra = 0
    fields = ["scope", "project", "person", "currency", "month", "amount", "warn_at", "stops"]
    autocomplete_fields = ["project", "person"]


@admin.register(Team)
class TeamAdmin(Kept, LeanAdmin):
    list_display = ["name", "personal_of", "uses_installation_account", "stored", "created_at"]
    list_filter = [
        "uses_installation_account",
        ("personal_of", admin.EmptyFieldListFilter),
        ("deleted_at", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["personal_of"]
    search_fields = ["name", "members__email"]
    ordering = ["-id"]
    inlines = [MembershipInline, BudgetInline]
    readonly_fields = ["personal_of", "created_at", "deleted_at", "deleted_by", "purged_at"]
    fields = ["name", "time_zone", "uses_installation_account", *readonly_fields]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return usage.with_stored_bytes(super().get_queryset(request))

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseInlineFormSet, change: bool) -> None:
        """Who set a budget stands beside it."""
        formset.save(commit=False)
        for row, names in formset.changed_objects:
            write_touched(row, names, **({"set_by": request.user} if isinstance(row, Budget) else {}))
        for row in formset.new_objects:
            if isinstance(row, Budget):
                row.set_by = cast("User", request.user)
            row.save()
        for row in formset.deleted_objects:
            row.delete()
        people.withdraw_invitations(form.instance, by=cast("User", request.user))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """What binds nothing on the account that the team may use by now is said at once."""
        super().save_related(request, form, formsets, change)
        for sentence in _unbound_of(form.instance):
            self.message_user(request, sentence, messages.WARNING)

    @admin.display(description=_("clips and audio"))
    def stored(self, team: Team) -> str:
        return filesizeformat((getattr(team, "clip_bytes", 0) or 0) + (getattr(team, "audio_bytes", 0) or 0))


def _unbound_of(team: Team) -> list[str]:
    account = WanAccount.objects.allowed_installation(team)
    if account is None or account.is_demo:
        return []
    found = unbound.warnings(team, [account.currency])
    is_administrators = team.personal_of is not None and team.personal_of.is_superuser
    funds = team.budgets.filter(scope=Scope.INSTALLATION).in_force(purse.this_month(team), account.currency)
    if not is_administrators and not funds.exists():
        words = {"sign": phrases.currency_sign(account.currency)}
        found.append(
            gettext("Without a budget in %(sign)s on the installation's account the team can spend nothing there.")
            % words
        )
    return found


@admin.register(Project)
class ProjectAdmin(Kept, LeanAdmin):
    """Each take knows its project's team and account, so a project moves in the studio only."""

    list_display = ["name", "team", "account", "created_at", "archived_at"]
    list_filter = [("archived_at", admin.EmptyFieldListFilter), ("deleted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["team", "account"]
    ordering = ["-id"]
    search_fields = ["name", "team__name"]
    readonly_fields = ["uuid", "team", "account", "created_at", "archived_at", "deleted_at", "deleted_by", "purged_at"]
    fields = ["name", "description", *readonly_fields]
