"""Why the storage takes no files: a word of words.WAITING for each machine that says so.

A refusal is ended only by what disproves it, seen on the same machine: one with room says nothing about another's full
disk. One that nobody has repeated for a while is of a machine that is gone. The switchboard tells since when there is
any, so that senders and pages need no further look-up while there is none.
"""

from __future__ import annotations

import errno
import socket
from datetime import timedelta

from django.db import transaction
from django.db.models import Min, Q

from generations import clock
from generations.models import StorageRefusal, Switchboard
from generations.models.switch import REFUSED_LONG_ENOUGH

STORAGE = "storage"
DISK = "disk"
BACKLOG = "backlog"  # counted in the database, so any machine's word holds for all
REASONS = (STORAGE, DISK, BACKLOG)
FULL = (errno.ENOSPC, errno.EDQUOT)
GONE_AFTER = timedelta(minutes=10)  # each machine looks once in as many minutes as there are machines


def of(error: Exception) -> str:
    """The word for what a put, or a write to the spool, raised."""
    code = getattr(error, "code", "")  # of a StorageError
    is_full = getattr(error, "errno", None) in FULL or code in [errno.errorcode[number] for number in FULL]
    return DISK if is_full else STORAGE


def begin(reason: str, *, is_at_once: bool = False) -> bool:
    """A file was refused, or would be; True when that is news. Five minutes of it, or it at once, stop new takes."""
    with transaction.atomic():
        board = _locked()
        now = clock.now()
        since = now - REFUSED_LONG_ENOUGH - timedelta(seconds=1) if is_at_once else now
        refusal, is_new = StorageRefusal.objects.get_or_create(
            host=_host(reason), reason=reason, defaults={"since": since, "seen_at": now}
        )
        refusal.since, refusal.seen_at = min(refusal.since, since), now
        refusal.save(update_fields=["since", "seen_at"])
        _sum_up(board)
    return is_new


def end(*reasons: str) -> None:
    """What disproves these was seen on this machine."""
    mine = Q(host__in={_host(reason) for reason in reasons}, reason__in=reasons)
    with transaction.atomic():
        board = _locked()
        StorageRefusal.objects.filter(mine | Q(seen_at__lt=clock.now() - GONE_AFTER)).delete()
        _sum_up(board)


def stored() -> None:
    """A file was stored from here, which says nothing about how much room is left, or how many wait."""
    if StorageRefusal.objects.filter(host=_host(STORAGE), reason=STORAGE).exists():
        end(STORAGE)


def first() -> StorageRefusal:
    """The one that goes on for longest, whatever its machine."""
    return StorageRefusal.objects.order_by("since").first() or StorageRefusal(reason=STORAGE)


def why() -> str:
    """Of the refusal that goes on."""
    return first().reason


def _host(reason: str) -> str:
    return "" if reason == BACKLOG else socket.gethostname()


def _locked() -> Switchboard:
    return Switchboard.objects.select_for_update().get(pk=Switchboard.load().pk)


def _sum_up(board: Switchboard) -> None:
    board.storage_refused_since = StorageRefusal.objects.aggregate(since=Min("since"))["since"]
    board.save(update_fields=["storage_refused_since"])
