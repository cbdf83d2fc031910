"""What a new API key of an account must look like and see: one of another account would let rows point to nowhere.

A key that is entered in the studio takes the old one's place when it was seen to be right. The environment's has taken
it with the start already, and the old one is stored nowhere: until a worker has seen that it is right nothing is asked
and nothing is sent with it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from generations import clock
from generations.models import Generation, SubmitAttempt, WanAccount

if TYPE_CHECKING:
    from django.db.models import QuerySet

KEY = re.compile(r"[\x21-\x7e]{1,300}")
WITHIN = timedelta(hours=23)  # Wan forgets a task after 24 hours


def known_task(account: WanAccount) -> str | None:
    """The latest task of the account that Wan must still know."""
    return _tasks(account).values_list("task_id", flat=True).first() if account.pk else None


def is_proved(account: WanAccount) -> bool:
    """Whether the account's key may be used. A changed one of the environment only when it is known to be of the same
    Wan account, or when no task could tell."""
    if not account.has_key_of_environment or account.proved_print in ("", account.key_print):
        return True
    return _latest_print(account) in (None, account.key_print)


def note(account: WanAccount) -> None:
    """Nobody has noted yet which key of the environment is this account's: the one that sent its latest task."""
    _set_print(account, _latest_print(account) or account.key_print)


def prove(account: WanAccount) -> None:
    """The environment's key is this account's."""
    _set_print(account, account.key_print)


def _set_print(account: WanAccount, value: str) -> None:
    WanAccount.objects.filter(pk=account.pk).update(proved_print=value)
    account.proved_print = value


def _latest_print(account: WanAccount) -> str | None:
    """Of the key that sent the latest task; None when there is no task, "" when nobody noted it."""
    return _tasks(account).values_list("sent_with", flat=True).first()


def needed() -> QuerySet[WanAccount]:
    """Accounts that something is, or could be, on its way with."""
    on_its_way = Exists(Generation.objects.unfinished().filter(account=OuterRef("pk")))
    return WanAccount.objects.filter(Q(pk__in=WanAccount.objects.in_use().values("pk")) | Q(on_its_way))


def _tasks(account: WanAccount) -> QuerySet[SubmitAttempt]:
    since = clock.now() - WITHIN
    recent = SubmitAttempt.objects.filter(account=account.pk, started_at__gt=since, task_id__isnull=False)
    return recent.order_by("-started_at")
