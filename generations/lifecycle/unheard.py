"""Sounds that were uploaded and then used by nothing are deleted after a while, file and row.

The row goes first: one that a take refers to meanwhile can't go (PROTECT), and a file that stays behind because its
storage is away is found by the search for orphans.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import ProtectedError

from generations import clock, storage
from generations.models import AudioUpload, Draft

if TYPE_CHECKING:
    from django.db.models import QuerySet

logger = logging.getLogger(__name__)
KEPT_FOR = timedelta(days=30)
AT_ONCE = 200


def sweep() -> int:
    """At most AT_ONCE of those that are due; returns how many are gone. A part goes before the file it was cut from."""
    old = _unused().filter(created_at__lt=clock.now() - KEPT_FOR).order_by("pk")[:AT_ONCE]
    in_drafts = _in_drafts([str(audio.uuid) for audio in old])
    return sum(_delete(audio) for audio in old if str(audio.uuid) not in in_drafts)


def _unused() -> QuerySet[AudioUpload]:
    return AudioUpload.objects.filter(takes=None, cuts=None)


def _in_drafts(uuids: list[str]) -> set[str]:
    return set(Draft.objects.filter(data__audio_id__in=uuids).values_list("data__audio_id", flat=True))


def _delete(audio: AudioUpload) -> bool:
    try:
        gone, _ = _unused().filter(pk=audio.pk).delete()
    except ProtectedError:
        return False
    if not gone:
        return False
    try:
        storage.delete(audio.storage, audio.key)
    except (storage.StorageError, OSError) as error:
        logger.warning("Audio %s is forgotten, its file is left to the search for orphans: %s", audio.uuid, error)
    return True
