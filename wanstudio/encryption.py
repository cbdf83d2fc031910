"""Secrets at rest, encrypted with STUDIO_ENCRYPTION_KEYS (Fernet): API keys of teams, second factors of people, and
what a session holds (while a second factor is set up, its secret).
"""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.signing import JSONSerializer


def encrypted(text: str) -> bytes:
    """With the first of the keys."""
    return _fernet().encrypt(text.encode())


def decrypted(token: bytes | memoryview) -> str:
    """Raises InvalidToken when none of the keys opens it."""
    return _fernet().decrypt(bytes(token)).decode()


def is_current(token: bytes) -> bool:
    """Whether the first key opens it. Raises InvalidToken when none does."""
    try:
        Fernet(settings.STUDIO_ENCRYPTION_KEYS[0].strip()).decrypt(token)
    except InvalidToken:
        _fernet().decrypt(token)
        return False
    return True


def rotated(token: bytes) -> bytes:
    """The same, encrypted with the first key. Raises InvalidToken when no key opens it."""
    return _fernet().rotate(token)


class SessionSerializer(JSONSerializer):
    """Encrypted JSON. A session that no key opens is empty: its person signs in again."""

    def dumps(self, obj: Any) -> bytes:
        return _fernet().encrypt(super().dumps(obj))

    def loads(self, data: bytes) -> Any:
        return super().loads(_fernet().decrypt(data))


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in settings.STUDIO_ENCRYPTION_KEYS])
