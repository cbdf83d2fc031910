"""After READY: poster, preview, frame strip and the measured facts. Their failure never costs the clip."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F

from generations import clock, media, search, storage
from generations.lifecycle.moves import back_off, claim, note, put_back
from generations.lifecycle.shift import Shift, carry_on
from generations.models import Generation, Status
from wanstudio.logs import about

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)
TRIES = 6
LONGEST_PAUSE = 3600.0  # seconds before a failed one is tried again
CONTENT_TYPES = {".webp": "image/webp", ".mp4": "video/mp4"}


def lease() -> float:
    """Seconds that a derivation may take; decoding is limited to less."""
    return 3 * settings.WORK_LEASE


def sweep() -> None:
    """Derive what is due, for at most settings.SWEEP_SECONDS."""
    shift = Shift()
    while shift.goes_on:
        batch = claim((Status.READY,), 1, seconds=lease())
        for generation in batch:
            with about(generation.uuid), carry_on():
                _derive_from_storage(generation)
        if not batch:
            return


def _derive_from_storage(generation: Generation) -> None:
    with _counting_tries(generation), storage.workspace() as directory:
        path = storage.local_path(generation.storage, generation.video_key)
        if path is None:
            path = directory / "video.mp4"
            storage.fetch_file(generation.storage, generation.video_key, path)
        derive(generation, path)


def derive(generation: Generation, path: Path, facts: media.VideoFacts | None = None) -> None:
    """Make and store everything derived from the video at `path`; a failure is noted and tried again later.

    `facts`: what is known of it already, which saves a process that decodes.
    """
    with _counting_tries(generation), storage.workspace() as directory:
        facts = facts or media.probe_video(path)
        derived = media.derive(path, directory, seconds=facts.seconds)
        for file in (derived.poster, derived.poster_small, derived.preview, derived.strip):
            key = storage.generation_key(generation.uuid, file.name)
            storage.put_file(file, key, content_type=CONTENT_TYPES[file.suffix], storage=generation.storage)
        _finish(generation, facts)


def _finish(generation: Generation, facts: media.VideoFacts) -> None:
    Generation.objects.filter(pk=generation.pk).update(
        derived_at=clock.now(),
        derive_note="" if abs(facts.seconds - generation.duration) < 0.5 else f"{facts.seconds:.1f} s",
        video_width=facts.width,
        video_height=facts.height,
        video_seconds=facts.seconds,
        video_fps=facts.fps,
        due_at=None,
        lease_token=None,
        version=F("version") + 1,
    )
    search.index(
        Generation.objects.filter(pk=generation.pk)
    )  # its seed is known by now, and what Wan told of a found one


@contextmanager
def _counting_tries(generation: Generation) -> Iterator[None]:
    """Whatever breaks is a failed try, errors of ours as well: none of them may be repeated for ever."""
    try:
        yield
    except (media.MediaRefused, media.MediaCrashed, storage.StorageError, OSError) as error:
        logger.warning("Poster and preview could not be made: %s", error)
        _failed(generation, error)
    except Exception as error:
        logger.exception("Making poster and preview broke")
        _failed(generation, error)


def _failed(generation: Generation, error: Exception) -> None:
    """Again after 30 s, 60 s and so on; in the end there is no poster, and the note says why."""
    name = type(error).__name__
    if generation.tries == 0:
        note(generation, "derive_failed", error=name)
    if generation.tries + 1 < TRIES:
        back_off(generation, first=30, longest=LONGEST_PAUSE)
    else:
        given_up = {"due_at": None, "tries": TRIES, "derive_note": name[:200], "version": F("version") + 1}
        put_back(generation, 0, **given_up)
