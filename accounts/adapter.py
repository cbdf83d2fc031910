from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings

from accounts.models import User

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Who may sign up: everyone while it is open, else only the first person, who becomes the installation's admin."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.STUDIO_OPEN_SIGNUP or not User.objects.exists()

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        if not settings.STUDIO_DEMO and not User.objects.exists():
            user.is_staff = user.is_superuser = True
        return super().save_user(request, user, form, commit)
