from __future__ import annotations

import sys
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand

from accounts import second_factor
from generations.models import WanAccount


class Command(BaseCommand):
    help = "Encrypts all API keys and second factors anew with the first of STUDIO_ENCRYPTION_KEYS. May be repeated."

    def handle(self, *args: object, **options: Any) -> None:
        unreadable = self.rotate_api_keys() + self.rotate_second_factors()
        if unreadable:
            sys.exit(1)
        self.stdout.write("All are encrypted with the first key now: the others may go from STUDIO_ENCRYPTION_KEYS.")

    def rotate_api_keys(self) -> int:
        """Returns how many no key opens."""
        rotated = unreadable = 0
        for account in WanAccount.objects.exclude(encrypted_key=None).order_by("pk"):
            try:
                rotated += not account.is_key_current and account.rotate_api_key()
            except InvalidToken:
                unreadable += 1
                self.stderr.write(f"No key opens the API key of {account.name} ({account.pk}): enter it again.")
        self.stdout.write(f"{rotated} API keys encrypted anew.")
        return unreadable

    def rotate_second_factors(self) -> int:
        """Returns how many no key opens."""
        rotated = unreadable = 0
        stored = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk")
        for pk, person in stored.values_list("pk", "user_id"):
            try:
                rotated += second_factor.rotate(pk)
            except InvalidToken:
                unreadable += 1
                self.stderr.write(
                    f"No key opens the second factor of account {person}: put back the key it was made with."
                )
        self.stdout.write(f"{rotated} second factors encrypted anew.")
        return unreadable
