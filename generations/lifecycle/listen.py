"""Waveforms of uploaded audio: made once by a worker, in the limited process. Their failure never costs the audio."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction

from generations import clock, media, storage
from generations.lifecycle.shift import Shift, carry_on
from generations.models import Waveform

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)
TRIES = 5


def sweep() -> None:
    """Draw what is due, for at most settings.SWEEP_SECONDS."""
    shift = Shift()
    while shift.goes_on:
        waveform = _claim()
        if waveform is None:
            return
        with carry_on(), storage.workspace() as directory:
            _draw(waveform, directory)


def _claim() -> Waveform | None:
    """One that is due, for settings.WORK_LEASE: a worker that dies leaves it due again after that."""
    now = clock.now()
    due = Waveform.objects.filter(due_at__lte=now).order_by("due_at")
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        found = due.values_list("pk", flat=True).first()
        if found is None:
            return None
        Waveform.objects.filter(pk=found).update(due_at=now + timedelta(seconds=settings.WORK_LEASE))
    return Waveform.objects.select_related("audio").get(pk=found)


def _draw(waveform: Waveform, directory: Path) -> None:
    audio = waveform.audio
    try:
        path = storage.local_path(audio.storage, audio.key)
        if path is None:
            path = directory / f"audio.{audio.kind}"
            storage.fetch_file(audio.storage, audio.key, path)
        sound = media.listen(path)
    except (media.MediaRefused, media.MediaCrashed, storage.StorageError, OSError) as error:
        _failed(waveform, error)
        return
    Waveform.objects.filter(pk=waveform.pk).update(peaks=sound.peaks, silences=sound.silences, due_at=None)


def _failed(waveform: Waveform, error: Exception) -> None:
    """Again after 10 s, 20 s and so on; in the end there is no picture, and the lane says so."""
    logger.warning("The waveform of %s could not be drawn: %s", waveform.audio.uuid, error)
    tries = waveform.tries + 1
    again = None if tries >= TRIES else clock.now() + timedelta(seconds=10 * 2**waveform.tries)
    Waveform.objects.filter(pk=waveform.pk).update(tries=tries, due_at=again)
