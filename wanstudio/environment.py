"""Reading the environment: every wrong value raises ImproperlyConfigured with one sentence that names it."""

from __future__ import annotations

import os
import re
import secrets
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Network, IPv6Network

ROOT = Path(__file__).resolve().parent.parent
YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off"}


def load_env_file() -> None:
    """Read `.env` beside manage.py, if there is one; what is already set in the environment wins."""
    if (ROOT / ".env").is_file():
        environ.Env.read_env(ROOT / ".env", overwrite=False)


def text(name: str, default: str = "") -> str:
    """The variable without surrounding blanks; an empty one counts as unset."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name} is {value!r}: write true or false.")
    return value in YES


def choice(name: str, options: Sequence[str], default: str) -> str:
    value = text(name, default)
    if value not in options:
        raise ImproperlyConfigured(f"{name} is {value!r}: choose one of {', '.join(options)}.")
    return value


def words(name: str) -> list[str]:
    """A comma list without blanks and empty parts."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """A comma list of addresses and networks."""
    try:
        return [ip_network(word, strict=False) for word in words(name)]
    except ValueError as wrong:
        raise ImproperlyConfigured(f"{name}: give addresses or networks like 10.0.0.0/8.") from wrong


def matching(name: str, pattern: str, explanation: str) -> str:
    value = text(name)
    if value and not re.fullmatch(pattern, value):
        raise ImproperlyConfigured(f"{name} is {value!r}: {explanation}")
    return value


def url(name: str, *, schemes: Sequence[str] = ("http", "https"), suffix: str = "") -> str:
    """An absolute URL without a trailing slash, or "" when unset."""
    value = text(name).rstrip("/")
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme not in schemes or not parts.hostname or parts.username or not value.endswith(suffix):
        ending = f" that ends in {suffix}" if suffix else ""
        raise ImproperlyConfigured(f"{name} is {value!r}: give a full {' or '.join(schemes)} address{ending}.")
    return value


def parsed(name: str, default: str, parser: str) -> dict[str, object]:
    """CACHE_URL and EMAIL_URL by django-environ's parser of that name."""
    value = text(name, default)
    try:
        return getattr(environ.Env, parser)(value)
    except Exception as wrong:
        raise ImproperlyConfigured(f"{name} can't be read: give an address like {default or 'smtp://…'}.") from wrong


def database(name: str, default: str) -> dict[str, object]:
    """Django's settings of the database that the address names. The address may hold a password: it is not repeated."""
    value = text(name, default)
    if value.partition("://")[0] not in ("sqlite", "postgres", "postgresql"):
        raise ImproperlyConfigured(f"{name} can't be read: give sqlite:////a/file or postgres://user@host/name.")
    return parsed(name, default, "db_url_config")


def broker(name: str, default: str) -> str:
    """Where Celery's messages go; the address may hold a password: it is not repeated."""
    value = text(name, default)
    if value.partition("://")[0] not in ("filesystem", "redis", "rediss", "amqp", "amqps", "memory"):
        raise ImproperlyConfigured(f"{name} can't be read: give redis://host/0, amqp://host or leave it empty.")
    return value


def zone(name: str, default: str) -> str:
    value = text(name, default)
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as wrong:
        raise ImproperlyConfigured(f"{name} is {value!r}: give a name like Europe/Berlin.") from wrong


def directory(name: str, default: Path) -> Path:
    """An absolute path that exists afterwards."""
    path = Path(text(name, str(default))).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as wrong:
        raise ImproperlyConfigured(f"{name}: the directory {path} can't be made ({wrong.strerror}).") from wrong
    if not os.access(path, os.W_OK):
        raise ImproperlyConfigured(f"{name}: the directory {path} can't be written to.")
    return path


def encryption_keys(name: str, directory: Path, *, required: bool = False) -> list[str]:
    """Keys of Fernet, the first of which encrypts."""
    keys = [key.strip() for key in own_secret(name, directory, required=required).split(",")]
    for key in keys:
        try:
            Fernet(key)
        except ValueError as wrong:
            raise ImproperlyConfigured(f"{name}: each key is 32 bytes in URL-safe Base64.") from wrong
    return keys


def own_secret(name: str, directory: Path, *, required: bool = False) -> str:
    """The variable, or else a random secret made once in `directory` (mode 0600) and read from there ever after.

    Raises ImproperlyConfigured when `required` and unset: several machines can't share a file of one of them.
    """
    value = text(name)
    if value:
        return value
    if required:
        raise ImproperlyConfigured(f"{name} must be set when PostgreSQL is used and DJANGO_DEBUG is off.")
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / name.lower()
    fresh = directory / f".{name.lower()}-{secrets.token_hex(8)}"
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(_new_secret(name))
        try:
            os.link(fresh, path)  # atomic: of two processes that start at once, one wins and both read its secret
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


def _new_secret(name: str) -> str:
    return Fernet.generate_key().decode() if name == "STUDIO_ENCRYPTION_KEYS" else secrets.token_urlsafe(50)
