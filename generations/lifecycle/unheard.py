"""Sounds that were uploaded and then used by nothing are deleted after a while, file and row.

The row goes first: one that a take refers to meanwhile can't go (PROTECT), and a file that stays behind because its
storage is away is found by the search for orphans.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import ProtectedError

from generations import clock, storage
from generations.models import AudioUpload, Draft
from generations.models.draft import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

logger = logging.getLogger(__name__)
KEPT_FOR = timedelta(days=30)
AT_ONCE = 200


def sweep() -> int:
    """At most AT_ONCE of those that are due; returns how many are gone. A part goes before the file it was cut from."""
    old = _unused().filter(created_at__lt=clock.now() - KEPT_FOR).order_by("pk")[:AT_ONCE]
    kept = _in_drafts(old) | _in_sheets(old)
    return sum(delete(audio) for audio in old if audio.pk not in kept)


def _unused() -> QuerySet[AudioUpload]:
    return AudioUpload.objects.filter(takes=None, cuts=None)


def _in_drafts(sounds: Iterable[AudioUpload]) -> set[int]:
    keys = {str(audio.uuid): audio.pk for audio in sounds}
    named = Draft.objects.filter(data__audio_id__in=list(keys)).values_list("data__audio_id", flat=True)
    return {keys[uuid] for uuid in named}


def _in_sheets(sounds: Iterable[AudioUpload]) -> set[int]:
    """Whose name or id stands somewhere in the text of a call sheet of its project: rather one too many is kept."""
    kept: set[int] = set()
    by_project: dict[int, list[AudioUpload]] = defaultdict(list)
    for audio in sounds:
        by_project[audio.project_id].append(audio)
    sheets = Draft.objects.filter(kind=Kind.SHEET, project__in=by_project)
    for project, text in sheets.values_list("project", "data__text").iterator():
        text = str(text).lower()
        plain = text.replace('""', '"')  # as CSV writes a quotation mark
        kept |= {audio.pk for audio in by_project[project] if audio.name.lower() in plain or str(audio.uuid) in text}
    return kept


def delete(audio: AudioUpload) -> bool:
    """False when a take or a part of it needs it."""
    try:
        gone, _ = _unused().filter(pk=audio.pk).delete()
    except ProtectedError:
        return False
    if not gone:
        return False
    try:
        for name in storage.places(audio.storage):
            storage.delete(name, audio.key)
    except (storage.StorageError, OSError) as error:
        logger.warning("Audio %s is forgotten, its file is left to the search for orphans: %s", audio.uuid, error)
    return True
