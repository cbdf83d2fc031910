"""Of the libraries' own pages of administration: what helps here, without what would let somebody in as another.

A session's key is its cookie, and an authenticator's data its secret; groups decide nothing in this studio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from allauth.account.admin import EmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.base.internal.flows import delete_and_cleanup
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group

from wanstudio.admin_pages import CarefulAdmin, LeanAdmin, ReadOnly

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

REMOVED = {  # by type: the letter of the account library
    Authenticator.Type.TOTP: "mfa/email/totp_deactivated",
    Authenticator.Type.WEBAUTHN: "mfa/email/webauthn_removed",
}

for model in (Authenticator, EmailAddress, UserSession, Group):
    admin.site.unregister(model)


@admin.register(EmailAddress)
class AddressAdmin(CarefulAdmin, EmailAddressAdmin):
    pass


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnly, LeanAdmin):
    """Taken away from somebody who has lost it, and is told so."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__name"]
    ordering = ["-id"]
    fields = ["user", "type", "created_at", "last_used_at"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and request.user.is_staff and request.user.is_superuser

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        """Recovery codes go with the last other one."""
        delete_and_cleanup(request, obj)
        if letter := REMOVED.get(obj.type):
            get_adapter(request).send_notification_mail(letter, obj.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Authenticator]) -> None:
        for authenticator in queryset.select_related("user"):
            self.delete_model(request, authenticator)


@admin.register(UserSession)
class UserSessionAdmin(ReadOnly, LeanAdmin):
    """Who is signed in from where; ended by its person, or by switching the account off."""

    list_display = ["user", "ip", "user_agent", "created_at", "last_seen_at"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__name", "ip"]
    ordering = ["-id"]
    fields = ["user", "ip", "user_agent", "created_at", "last_seen_at"]
