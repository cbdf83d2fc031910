"""django-allauth's passkey forms, for which a made-up credential is a wrong one and no server error."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from allauth.mfa.webauthn import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator

MALFORMED = (KeyError, TypeError, ValueError, AttributeError)  # as the parser of the payload raises them


@contextmanager
def _no_passkey() -> Iterator[None]:
    try:
        yield
    except MALFORMED as error:
        raise ValidationError(_("This is not a passkey. Try again."), code="malformed") from error


class LoginForm(forms.LoginWebAuthnForm):
    def clean_credential(self) -> Any:
        with _no_passkey():
            return super().clean_credential()


class SecondFactorForm(forms.AuthenticateWebAuthnForm):
    def clean_credential(self) -> Any:
        with _no_passkey():
            return super().clean_credential()


class ReauthenticateForm(forms.ReauthenticateWebAuthnForm):
    def clean_credential(self) -> Any:
        with _no_passkey():
            return super().clean_credential()


class AddForm(forms.AddWebAuthnForm):
    def clean(self) -> Any:
        with _no_passkey():
            return super().clean()
