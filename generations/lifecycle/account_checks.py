"""Checks of Wan accounts: asked for on a page, made by a worker, because no page waits for Wan."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography.fernet import InvalidToken
from django.db import transaction

from generations import clock, nudge, wan_keys, wan_probe
from generations.models import AccountCheck, Breaker, WanAccount
from generations.models.account import decrypted, encrypted
from generations.models.account_check import Verdict
from teams.activity import record

if TYPE_CHECKING:
    from accounts.models import User

logger = logging.getLogger(__name__)
LEASE = timedelta(seconds=90)  # longer than the few questions of one check


def request(account: WanAccount, *, by: User, new_key: str = "") -> None:
    """Ask the workers for a look; `new_key` replaces the account's when they find it right."""
    now = clock.now()
    fields = {
        "requested_by": by,
        "requested_at": now,
        "due_at": now,
        "new_key": encrypted(new_key) if new_key else None,
        "is_of_new_key": bool(new_key),
        "verdict": "",
        "detail": "",
    }
    with transaction.atomic():
        AccountCheck.objects.update_or_create(account=account, defaults=fields)
        transaction.on_commit(nudge.check_accounts)


def sweep() -> None:
    now = clock.now()
    due = AccountCheck.objects.filter(due_at__lte=now).select_related("account__team", "requested_by")
    for check in due.order_by("due_at")[:20]:
        if AccountCheck.objects.filter(pk=check.pk, due_at=check.due_at).update(due_at=now + LEASE):
            _look(check)


def _look(check: AccountCheck) -> None:
    account = check.account
    try:
        key = decrypted(check.new_key) if check.new_key else account.api_key
    except InvalidToken:
        key = ""
    known = wan_keys.known_task(account)
    verdict, detail = wan_probe.judge(account, key, known_task=known) if key else (Verdict.KEY, "")
    with transaction.atomic():
        mine = AccountCheck.objects.filter(pk=check.pk, requested_at=check.requested_at)
        done = mine.update(verdict=verdict, detail=detail, checked_at=clock.now(), due_at=None, new_key=None)
        if done and check.new_key and verdict in (Verdict.FINE, Verdict.MODEL):
            _take_over(account, key)
            if account.team:
                record("account_rekeyed", account.team, by=check.requested_by, name=account.name)


def _take_over(account: WanAccount, key: str) -> None:
    """The new key is the account's; a breaker that the old one tripped is lifted."""
    account.set_api_key(key)
    account.api_key_id = ""
    account.save(update_fields=["encrypted_key", "api_key_id"])
    tripped = WanAccount.objects.filter(pk=account.pk, breaker=Breaker.KEY)
    tripped.update(breaker=Breaker.NONE, breaker_code="", breaker_since=None, breaker_probe_at=None)
    transaction.on_commit(nudge.submit)
