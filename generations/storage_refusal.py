"""Why the storage takes no files: a word of words.WAITING beside the switchboard's row, which says since when.

The word lies in the cache, so that a page that needs it pays one look-up, and only while files are refused. Where it is
lost, the general one is told.
"""

from __future__ import annotations

import errno

from django.core.cache import cache

from generations import clock
from generations.models import Switchboard

STORAGE = "storage"
DISK = "disk"
BACKLOG = "backlog"
FULL = (errno.ENOSPC, errno.EDQUOT)
KEY = "storage-refused-for"
KEPT_SECONDS = 24 * 3600


def of(error: Exception) -> str:
    """The word for what a put, or a write to the spool, raised."""
    code = getattr(error, "code", "")  # of a StorageError
    is_full = getattr(error, "errno", None) in FULL or code in [errno.errorcode[number] for number in FULL]
    return DISK if is_full else STORAGE


def begin(reason: str) -> None:
    """A file was refused; the five minutes after which nothing new is sent count from the first."""
    board = Switchboard.load()
    Switchboard.objects.filter(pk=board.pk, storage_refused_since=None).update(storage_refused_since=clock.now())
    remember(reason)


def end() -> None:
    """A file was stored."""
    Switchboard.objects.exclude(storage_refused_since=None).update(storage_refused_since=None)


def remember(reason: str) -> None:
    cache.set(KEY, reason, KEPT_SECONDS)


def why() -> str:
    """Of the refusal that goes on."""
    return str(cache.get(KEY, STORAGE))
