"""Checks of Wan accounts: asked for on a page, made by a worker, because no page waits for Wan."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from cryptography.fernet import InvalidToken
from django.db import transaction

from generations import clock, nudge, wan_keys, wan_probe
from generations.lifecycle import breakers
from generations.models import AccountCheck, Breaker, WanAccount
from generations.models.account_check import Verdict
from teams.activity import record
from wanstudio import encryption

if TYPE_CHECKING:
    from accounts.models import User

logger = logging.getLogger(__name__)
LEASE = timedelta(seconds=90)  # longer than the few questions of one check
RIGHT = (Verdict.FINE, Verdict.MODEL)


def request(account: WanAccount, *, by: User, new_key: str = "") -> None:
    """Ask the workers for a look; `new_key` replaces the account's when they find it right. One that waits is kept."""
    now = clock.now()
    fields = {
        "requested_by": by,
        "requested_at": now,
        "due_at": now,
        "verdict": "",
        "detail": "",
    }
    with transaction.atomic():
        known = AccountCheck.objects.select_for_update().filter(account=account).first()
        kept = encryption.encrypted(new_key) if new_key else known and known.new_key
        fields |= {"new_key": kept, "is_of_new_key": bool(kept)}
        AccountCheck.objects.update_or_create(account=account, defaults=fields)
        transaction.on_commit(nudge.check_accounts)


def sweep() -> None:
    _look_at_environment()
    now = clock.now()
    due = AccountCheck.objects.filter(due_at__lte=now).select_related("account__team", "requested_by")
    for check in due.order_by("due_at")[:20]:
        if AccountCheck.objects.filter(pk=check.pk, due_at=check.due_at).update(due_at=now + LEASE):
            _look(check)


def _look_at_environment() -> None:
    """A key that has changed with a start must see what was sent before; until then nothing is sent with it."""
    now = clock.now()
    for account in wan_keys.needed().filter(team=None, is_demo=False).order_by("pk"):
        if not account.has_key_of_environment:
            continue
        if not account.proved_print:
            wan_keys.note(account)
        if wan_keys.is_proved(account):
            _use(account)
        elif account.breaker != Breaker.UNPROVED or (account.breaker_probe_at or now) <= now:
            _prove(account)


def _use(account: WanAccount) -> None:
    if account.proved_print != account.key_print:
        wan_keys.prove(account)
    if account.breaker == Breaker.UNPROVED:
        breakers.lift(account)


def _prove(account: WanAccount) -> None:
    now = clock.now()
    verdict, detail = wan_probe.judge(account, account.api_key, known_task=wan_keys.known_task(account))
    found = {"verdict": verdict, "detail": detail, "checked_at": clock.now(), "due_at": None}
    about = {"requested_by": None, "requested_at": now, "new_key": None, "is_of_new_key": False}
    AccountCheck.objects.update_or_create(account=account, defaults=found | about)
    if verdict in RIGHT:
        _use(account)
        nudge.submit(account.pk)
    else:
        breakers.trip(account, Breaker.UNPROVED, verdict)


def _look(check: AccountCheck) -> None:
    account = check.account
    try:
        key = encryption.decrypted(check.new_key) if check.new_key else account.api_key
    except InvalidToken:
        key = ""
    if not key:
        AccountCheck.objects.filter(pk=check.pk, requested_at=check.requested_at).delete()  # nobody was asked
        return
    verdict, detail = wan_probe.judge(account, key, known_task=wan_keys.known_task(account))
    with transaction.atomic():
        mine = AccountCheck.objects.filter(pk=check.pk, requested_at=check.requested_at)
        done = mine.update(verdict=verdict, detail=detail, checked_at=clock.now(), due_at=None, new_key=None)
        if done and check.new_key and verdict in RIGHT:
            _take_over(account, key)
            if account.team:
                record("account_rekeyed", account.team, by=check.requested_by, name=account.name)
        elif done and verdict in RIGHT:
            if account.has_key_of_environment:
                wan_keys.prove(account)
            if account.breaker in (Breaker.KEY, Breaker.UNPROVED):
                breakers.lift(account)


def _take_over(account: WanAccount, key: str) -> None:
    """The new key is the account's; a breaker that the old one tripped is lifted."""
    account.set_api_key(key)
    account.api_key_id = ""
    if wan_keys.known_task(account) is None:  # none that would have shown a key of another Wan account
        account.main_account = ""
    account.save(update_fields=["encrypted_key", "api_key_id", "main_account"])
    tripped = WanAccount.objects.filter(pk=account.pk, breaker=Breaker.KEY)
    tripped.update(breaker=Breaker.NONE, breaker_code="", breaker_since=None, breaker_probe_at=None)
    transaction.on_commit(partial(nudge.submit, account.pk))
