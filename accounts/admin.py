from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import closing
from accounts.models import User
from teams import people
from teams.models import Membership, Team
from wanstudio.admin_pages import Kept, LeanAdmin, ReadOnly
from wanstudio.locks import hold

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.forms import ModelForm
    from django.http import HttpRequest


MAY = ("is_active", "is_staff", "is_superuser")  # open administration, all three


class PersonForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        """Somebody stays who may open administration."""
        kept = super().clean() or self.cleaned_data
        if "is_active" in self.changed_data and not kept.get("is_active"):
            self._keep_owners()
        now = {name: getattr(self.instance, name) for name in MAY}
        may = [kept.get(name) if name in self.changed_data else now[name] for name in MAY]
        if not all(may) and hold(User.objects.administrators()) in ([], [self.instance.pk]):
            raise forms.ValidationError(_("This is the last administrator. Make somebody else an administrator first."))
        return kept

    def _keep_owners(self) -> None:
        """Administration saves within a transaction, so this still holds when it does."""
        names = ", ".join(team.name for team in people.left_to_nobody(self.instance))
        if names:
            words = _("%(teams)s: nobody else who can sign in owns this. Make another member an owner of it first.")
            self.add_error("is_active", words % {"teams": names})


class MembershipInline(ReadOnly, admin.TabularInline):
    """Changed on the team's page, which keeps it an owner."""

    model = Membership
    extra = 0
    fields = readonly_fields = ("team", "role", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("team", "user")


@admin.register(User)
class UserAdmin(Kept, LeanAdmin):
    """People come by signing up or an invitation, and go by deleting their account."""

    list_display = ["email", "name", "is_active", "is_staff", "date_joined", "last_login"]
    list_filter = ["is_active", "is_staff", ("deleted_at", admin.EmptyFieldListFilter)]
    search_fields = ["email", "name"]
    actions = ["bring_back"]
    ordering = ["-id"]
    form = PersonForm
    inlines = [MembershipInline]
    WHO = ["email", "name", "language", "theme", "time_zone", "is_active", "is_staff", "is_superuser"]
    readonly_fields = ["date_joined", "last_login", "deleted_at", "purged_at"]
    fields = [*WHO, *readonly_fields]

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool) -> None:
        """Who had the old address can't sign in or ask for a new password with it any more.

        Nor does somebody who is shut out come back by an invitation that they sent.
        """
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            for team in Team.objects.filter(members=obj):
                people.withdraw_invitations(team, by=cast("User", request.user))
        if "email" in form.changed_data:
            EmailAddress.objects.filter(user=obj).exclude(email__iexact=obj.email).filter(primary=False).delete()
            EmailAddress.objects.filter(user=obj, primary=True).update(email=obj.email.lower())

    @admin.action(description=_("Open deleted accounts again"))
    def bring_back(self, request: HttpRequest, accounts: QuerySet[User]) -> None:
        count = sum(closing.reopen(person) for person in accounts)
        self.message_user(request, ngettext("%d account is open.", "%d accounts are open.", count) % count)
