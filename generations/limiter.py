"""Limits per second that all workers share: one row per limiter, spaced calls (GCRA), no burst."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from generations import clock
from generations.models import RateBucket

if TYPE_CHECKING:
    from datetime import datetime

    from generations.models import WanAccount

MARGIN = 0.9  # of the documented limit, for the jitter between our pacing and Wan's counting
FAR = timedelta(seconds=75)  # nobody is so patient: a turn that is taken so far ahead was taken by a wrong clock
CREATE_MARGIN = 0.8  # few a second: one that is a tenth of a second late brings six into Wan's second


def wait_for_turn(account: WanAccount, operation: str, *, patience: float = 1.0) -> bool:
    """Take the account's next free slot for "create", "query", "list" or "cancel" and sleep until it begins.

    False, without a slot, when the turn would come later than `patience` seconds from now.
    """
    start = _reserve(_key(account, operation), rate=_rate(account, operation), patience=patience)
    if start is None:
        return False
    time.sleep(max(0.0, (start - clock.now()).total_seconds()))
    return True


def leaves_now(account: WanAccount, operation: str) -> None:
    """The call of a turn leaves only now, after work that took its time: the next turn comes a whole pause later."""
    next_at = clock.now() + timedelta(seconds=1 / _rate(account, operation))
    RateBucket.objects.filter(key=_key(account, operation), next_at__lt=next_at).update(next_at=next_at)


def _key(account: WanAccount, operation: str) -> str:
    """By what Wan counts the calls of: rows of the same Wan account share their turns, and those of one key from the
    first on, before Wan's list has told.
    """
    if account.main_account:
        return f"{operation}:{account.region}:{account.main_account}"
    return f"{operation}:{account.key_print or account.pk}"


def _rate(account: WanAccount, operation: str) -> float:
    """Calls per second that we allow ourselves."""
    if operation == "create":
        return account.creates_per_second * CREATE_MARGIN
    return account.queries_per_second * MARGIN


def _reserve(key: str, *, rate: float, patience: float) -> datetime | None:
    now = clock.now()
    free = RateBucket.objects.filter(Q(next_at__lte=now) | Q(next_at__gt=now + FAR), key=key)
    if free.update(next_at=now + timedelta(seconds=1 / rate)):  # nearly always: one statement, no lock to wait for
        return now
    with transaction.atomic():
        now = clock.now()
        bucket, _ = RateBucket.objects.select_for_update().get_or_create(key=key, defaults={"next_at": now})
        start = max(bucket.next_at, now)
        if (start - now).total_seconds() > patience:
            return None
        bucket.next_at = start + timedelta(seconds=1 / rate)
        bucket.save(update_fields=["next_at"])
    return start
