"""The parts that are ours: database, broker, beat, keys at rest, disk, settings."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from accounts import second_factor
from generations import clock, storage, storage_refusal, usage
from generations.lifecycle.tidy import FREE_BYTES_NEEDED
from generations.models import Switchboard, WanAccount
from outbox.models import Mail
from wanstudio import health
from wanstudio.doctor.finding import Finding, fail, ok, warn

if TYPE_CHECKING:
    from collections.abc import Iterator

MAIL_LATE = timedelta(minutes=10)
MAIL_FAILED_LATELY = timedelta(days=7)
SKEW_NOTICED = 5.0  # seconds; the way corrects for it, signatures of storages allow fifteen minutes
SKEW_HARMFUL = 300.0
REFUSED_FOR = {
    storage_refusal.STORAGE: "the storage does not accept files",
    storage_refusal.DISK: "the disk is full",
    storage_refusal.BACKLOG: "20 rendered takes wait to be saved: are the media workers running?",
}


def database() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        yield fail("database", f"Does not answer: {_first_line(error)}")
        return
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(connection.vendor, connection.vendor)
    if waiting:
        yield fail("database", f"{name} answers, but {waiting} migrations are not applied: run manage.py prepare.")
    else:
        yield ok("database", f"{name} answers, every migration is applied.")
    skew = (clock.now() - timezone.now()).total_seconds()
    yield skewed("clock", "the database's", skew)


def skewed(part: str, whose: str, seconds: float) -> Finding:
    """`seconds` that another clock is ahead of this machine's."""
    if abs(seconds) < SKEW_NOTICED:
        return ok(part, f"This machine's clock and {whose} agree.")
    words = f"This machine's clock is {abs(seconds):.0f} s {'behind' if seconds > 0 else 'ahead of'} {whose}"
    return (fail if abs(seconds) > SKEW_HARMFUL else warn)(part, f"{words}: let NTP set it.")


def jobs() -> Iterator[Finding]:
    board = Switchboard.objects.filter(pk=1).first() or Switchboard()
    now = clock.now()
    for part in (health.broker(), health.beat(board, now)):
        yield (ok if part.is_ok else fail)(part.name, part.says)
    if not board.submitting:
        yield warn("sending", "An administrator has stopped sending: nothing is submitted until it is switched on.")
    if board.storage_refuses(now):
        refusal = storage_refusal.first()
        where = f"on {refusal.host} " if refusal.host else ""
        yield fail("sending", f"Nothing new is sent: {where}{REFUSED_FOR[refusal.reason]}.")


def mail() -> Iterator[Finding]:
    """By the rows: what waits for longer than a try or two, and what was given up in the last week."""
    now = clock.now()
    late = Mail.objects.waiting().filter(created_at__lt=now - MAIL_LATE).order_by("created_at")
    failed = Mail.objects.failed().filter(failed_at__gt=now - MAIL_FAILED_LATELY)
    oldest, lost, last = late.first(), failed.count(), failed.order_by("failed_at").last()
    if oldest:
        said = oldest.error or "not tried yet: is the control worker running?"
        yield fail("mail", f"{late.count()} not sent since {oldest.created_at:%Y-%m-%d %H:%M} UTC: {said}.")
    if last:
        yield warn("mail", f"{lost} given up in the last week, the last one because: {last.error}.")
    if not oldest and not last:
        yield ok("mail", "Nothing waits." if settings.EMAIL_URL else "Is written to the log: EMAIL_URL is not set.")


def keys() -> Iterator[Finding]:
    """Every team's key and every second factor must be readable with the encryption keys of today."""
    unreadable, older = [], 0
    for account in WanAccount.objects.exclude(encrypted_key=None).order_by("pk"):
        try:
            older += not account.is_key_current
        except InvalidToken:
            unreadable.append(f"{account.name} ({account.pk})")
    locked_out, plain = _second_factors()
    if unreadable:
        names = ", ".join(unreadable[:5]) + (" …" if len(unreadable) > 5 else "")
        words = "No key of STUDIO_ENCRYPTION_KEYS opens the API key of"
        yield fail("keys", f"{words} {names}. Put back the key they were encrypted with, or enter them again.")
    if locked_out:
        words = "No key of STUDIO_ENCRYPTION_KEYS opens the second factor of"
        yield fail("keys", f"{words} {locked_out} accounts. Put back the key they were encrypted with.")
    if older:
        yield warn("keys", f"{older} API keys are encrypted with an older key: run manage.py rotate_keys.")
    if plain:
        yield warn("keys", f"{plain} second factors are not encrypted with the first key: run manage.py rotate_keys.")
    if not unreadable and not locked_out and not older and not plain:
        yield ok("keys", "All API keys of teams and all second factors can be read.")


def _second_factors() -> tuple[int, int]:
    """How many people's nobody can read, and how many are yet to be encrypted with the first key."""
    locked_out, plain = set(), 0
    for authenticator in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).iterator():
        try:
            plain += not second_factor.are_current(authenticator)
        except InvalidToken:
            locked_out.add(authenticator.user_id)
    return len(locked_out), plain


def space() -> Iterator[Finding]:
    free = storage.free_bytes()
    if free is None:
        yield fail("space", f"{settings.STUDIO_DATA_DIR} can't be read.")
        return
    says = f"{filesizeformat(free)} are free for {settings.STUDIO_DATA_DIR}"
    if free < FREE_BYTES_NEEDED:
        yield fail("space", f"{says}: below 2 GB nothing new is sent.")
    elif free < usage.FREE_BYTES_COMFORTABLE:
        yield warn("space", f"{says}: below 2 GB nothing new is sent.")
    else:
        yield ok("space", f"{says}.")
    yield ok("space", f"Clips and audio take {filesizeformat(usage.stored_bytes_of_all())} in all storages.")


def site() -> Iterator[Finding]:
    """Settings that are allowed and still worth a word."""
    words = list(_site_words())
    yield from (warn("settings", word) for word in words)
    if not words:
        yield ok("settings", f"Nothing to remark; people reach the studio at {settings.STUDIO_BASE_URL}.")


def _site_words() -> Iterator[str]:
    is_public = not _is_loopback(settings.HOST)
    if settings.STUDIO_DEMO:
        yield "This is the demo: a simulator renders, and anybody gets in without a password."
    if settings.DEBUG and is_public:
        yield f"DJANGO_DEBUG shows settings and code to everybody who reaches {settings.STUDIO_BASE_URL}: turn it off."
    if is_public and not settings.HTTPS:
        yield "STUDIO_BASE_URL is not https: passwords and cookies cross the network in plain text."
    if is_public and settings.HTTPS and not settings.STUDIO_TRUSTED_PROXIES:
        yield "STUDIO_TRUSTED_PROXIES is empty: behind a proxy, requests look unencrypted and all from one address."
    if is_public and not settings.EMAIL_URL:
        yield "EMAIL_URL is not set: nobody can reset a password, and alarms reach nobody by mail."
    if settings.SQLITE and settings.AWS_STORAGE_BUCKET_NAME and is_public:
        yield "The library is in a bucket, but the database is one file on this machine: back it up (manage.py backup)."


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
