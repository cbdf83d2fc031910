"""Secrets of the second factor at rest: what an app counts with, and what recovery codes are made from."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.db import transaction
from django.template.response import TemplateResponse

from wanstudio import encryption

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)
FERNET = "gAAAA"  # so begins what Fernet wrote, and neither base32 nor hex
SECRETS = ("secret", "seed")  # where allauth keeps them in `data`


class Unreadable(ImmediateHttpResponse):
    """No encryption key opens the secret: a page that says so. A template that only counts codes finds none."""

    silent_variable_failure = True


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts what allauth would write as it is. What was written before that is read as it is."""

    def encrypt(self, text: str) -> str:
        return encryption.encrypted(text).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises Unreadable."""
        if not encrypted_text.startswith(FERNET):
            return encrypted_text
        try:
            return encryption.decrypted(encrypted_text.encode())
        except InvalidToken as lost:
            logger.error("No key of STUDIO_ENCRYPTION_KEYS opens a second factor: manage.py doctor counts them.")
            page = TemplateResponse(context.request, "mfa/unreadable.html", status=503)
            raise Unreadable(page.render()) from lost


def are_current(authenticator: Authenticator) -> bool:
    """Whether its secrets are encrypted with the first key. Raises InvalidToken when no key opens one."""
    return all(
        secret.startswith(FERNET) and encryption.is_current(secret.encode()) for secret in _secrets(authenticator)
    )


def rotate(pk: int) -> bool:
    """Encrypt its secrets anew with the first key; False when they are already. Raises InvalidToken."""
    with transaction.atomic():
        authenticator = Authenticator.objects.select_for_update().get(pk=pk)
        if are_current(authenticator):
            return False
        for name in SECRETS:
            secret = authenticator.data.get(name)
            if secret and secret.startswith(FERNET):
                authenticator.data[name] = encryption.rotated(secret.encode()).decode()
            elif secret:
                authenticator.data[name] = encryption.encrypted(secret).decode()
        authenticator.save(update_fields=["data"])
    return True


def _secrets(authenticator: Authenticator) -> Iterator[str]:
    return (authenticator.data[name] for name in SECRETS if name in authenticator.data)
