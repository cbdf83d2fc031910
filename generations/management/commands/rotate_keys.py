from __future__ import annotations

import sys
from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand

from generations.models import WanAccount


class Command(BaseCommand):
    help = "Encrypts every stored API key anew with the first of STUDIO_ENCRYPTION_KEYS. May be repeated."

    def handle(self, *args: object, **options: Any) -> None:
        rotated = unreadable = 0
        for account in WanAccount.objects.exclude(encrypted_key=None).order_by("pk"):
            try:
                rotated += not account.is_key_current and account.rotate_api_key()
            except InvalidToken:
                unreadable += 1
                self.stderr.write(f"No key opens the API key of {account.name} ({account.pk}): enter it again.")
        self.stdout.write(f"{rotated} API keys encrypted anew.")
        if unreadable:
            sys.exit(1)
        self.stdout.write("All are encrypted with the first key now: the others may go from STUDIO_ENCRYPTION_KEYS.")
