from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.models import User
from generations.models import Switchboard
from teams.models import Invitation

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest, HttpResponse

INVITED = re.compile(r"/teams/join/([\w-]{1,100})/")


class AccountAdapter(DefaultAccountAdapter):
    """Who may sign up: everyone while it is open; else whoever brings an invitation, and the first person of all, who
    becomes the installation's admin.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.STUDIO_OPEN_SIGNUP or _invitation(request) is not None or not User.objects.exists()

    def require_invited(self, request: HttpRequest, email: str) -> None:
        """An invitation opens a closed sign-up for its own address alone. Raises ValidationError."""
        invitation = _invitation(request)
        if settings.STUDIO_OPEN_SIGNUP or invitation is None or email.lower() == invitation.email:
            return
        sentence = _("Accounts are by invitation here, and this one went to %(email)s. Sign up with that address.")
        raise ValidationError(sentence % {"email": invitation.email}, code="not_invited")

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """An invitation's link was read at its address: where mail is sent, it is nowhere else."""
        invitation = _invitation(request)
        is_invited = invitation is not None and email.lower() == invitation.email and bool(settings.EMAIL_URL)
        return is_invited or super().is_email_verified(request, email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Links in letters lead to the studio's own address, whatever host the request named."""
        base = settings.STUDIO_BASE_URL
        ours = {name: base + _path(value) for name, value in context.items() if name.endswith("_url")}
        super().send_mail(template_prefix, email, context | ours | {"base": base})

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """One after the other: of two who are the first at the same moment, the second meets the rules for a second."""
        with transaction.atomic():
            Switchboard.objects.select_for_update().get(pk=Switchboard.load().pk)
            if not self.is_open_for_signup(request):
                raise ImmediateHttpResponse(TemplateResponse(request, "account/signup_closed.html").render())
            if User.objects.filter(email=form.cleaned_data["email"].lower()).exists():
                raise ImmediateHttpResponse(_known(request))
            if not settings.STUDIO_DEMO and not User.objects.exists():
                user.is_staff = user.is_superuser = True
            return super().save_user(request, user, form, commit)


def _path(url: str) -> str:
    return urlunsplit(("", "", *urlsplit(url)[2:]))


def _known(request: HttpRequest) -> HttpResponse:
    """The button was pressed twice."""
    messages.info(request, _("This account is there already. Sign in."))
    return redirect("account_login")


def _invitation(request: HttpRequest) -> Invitation | None:
    """The open one to which the sign-up form leads back."""
    found = INVITED.fullmatch(request.POST.get("next") or request.GET.get("next") or "")
    invitation = Invitation.objects.by_token(found[1]) if found else None
    return invitation if invitation and invitation.is_open else None
