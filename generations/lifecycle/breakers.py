"""What stops submitting on one account, and what lifts it again. Watching and archiving always go on."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F

from dashscope_client import DashScopeError
from generations import clock, limiter, wan, wan_keys
from generations.models import Breaker, Generation, Status, WanAccount

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from generations.models import SubmitAttempt

logger = logging.getLogger(__name__)
KEY_PROBE = timedelta(minutes=1)
BILLING_PROBE = timedelta(minutes=10)
LONGEST_HOLD = 60.0


def hold(account: WanAccount, reason: str) -> float:
    """Pause the account after a 429 or while Wan can't be reached: 2, 4, 8 … 60 s in a row. Returns the seconds."""
    seconds = min(LONGEST_HOLD, 2.0 ** (1 + min(account.holds, 6)))
    WanAccount.objects.filter(pk=account.pk).update(
        held_until=clock.now() + timedelta(seconds=seconds), held_for=reason, holds=F("holds") + 1
    )
    return seconds


def trip(account: WanAccount, breaker: str, code: str) -> bool:
    """Stop submitting on the account; False when only this one take is refused.

    A refused key is believed only when Wan's list refuses it too: one 401 may concern a model or an endpoint.
    """
    if breaker == Breaker.KEY and _list_accepts(account):
        return False
    now = clock.now()
    pause = BILLING_PROBE if breaker == Breaker.BILLING else KEY_PROBE
    changed = WanAccount.objects.filter(pk=account.pk)
    changed.filter(breaker="").update(breaker_since=now)
    changed.update(breaker=breaker, breaker_code=code[:80], breaker_probe_at=now + pause)
    logger.error("Submitting on Wan account %s is paused: %s %s", account.pk, breaker, code)
    return True


def stopped() -> QuerySet[WanAccount]:
    """Accounts that a breaker keeps from sending; not those that nothing is, and nothing could be, on its way with."""
    return wan_keys.needed().exclude(breaker=Breaker.NONE)


def probe() -> None:
    """Ask the list again for accounts whose key was refused; a success lifts it. Billing is tried by one take."""
    now = clock.now()
    for account in stopped().filter(breaker=Breaker.KEY, breaker_probe_at__lte=now):
        WanAccount.objects.filter(pk=account.pk).update(breaker_probe_at=now + KEY_PROBE)
        if _list_accepts(account):
            lift(account)


def try_now(accounts: QuerySet[WanAccount]) -> int:
    """Somebody says that it is put right: a refused key is asked about at once, and where Wan wants payment one take is
    sent. How many accounts that is."""
    return accounts.exclude(breaker=Breaker.NONE).update(breaker_probe_at=clock.now(), held_until=None)


def lift(account: WanAccount) -> None:
    WanAccount.objects.filter(pk=account.pk).update(
        breaker="", breaker_code="", breaker_since=None, breaker_probe_at=None
    )
    waiting = Generation.objects.filter(account=account, status=Status.QUEUED)
    waiting.update(due_at=clock.now(), waiting_for="", version=F("version") + 1)
    logger.warning("Submitting on Wan account %s goes on", account.pk)


def proved_wrong(attempt: SubmitAttempt) -> None:
    """Wan has taken this attempt: a breaker that tripped before it was sent is over, though its answer was lost."""
    account = WanAccount.objects.get(pk=attempt.account_id)
    if account.breaker_since is not None and account.breaker_since < attempt.started_at:
        lift(account)


def _list_accepts(account: WanAccount) -> bool:
    try:
        if limiter.wait_for_turn(account, "list", patience=5):
            wan.client_for(account).list_tasks(page_size=1)
            return True
    except DashScopeError as error:
        logger.info("The list of Wan account %s is refused as well: %s", account.pk, error)
    return False
