"""What uploaded audio and rendered videos are, and the pictures made of them.

Files come from strangers, so they are decoded in a limited process (media_process) that has none of our secrets and
dies alone. MediaRefused means the file is to blame and says so in words; MediaCrashed means it could not be found out.
Times are seconds, sizes bytes or pixels. Nothing here takes a URL.
"""

import base64
import json
import logging
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
PROBE_TIMEOUT = 20
DERIVE_TIMEOUT = 120
# What Python and the loader need. Everything else, keys above all, stays out of the process that decodes.
ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
KEPT_SECONDS = 600.0  # a song and more; what Wan takes is trimmed out of it
KEPT_BYTES = 60 * 1024 * 1024
AUDIBLE = 0.25  # seconds; a smaller difference between audio and video is not worth a word

SENTENCES: dict[str, Any] = {
    "empty": _("This file is empty."),
    "too_large": _("This file has {size} MB, up to {most} MB can be kept here."),
    "not_audio": _("This is not an mp3 or wav file."),
    "no_audio": _("There is no audio in this file."),
    "no_sound": _("There is no sound in this file that can be played."),
    "several_streams": _("This file holds several tracks, Wan takes one."),
    "compressed_wav": _("This wav file is compressed. Save it as plain PCM, or as mp3."),
    "too_short": _("This file is {seconds} s long, Wan takes {least} to {most} s."),
    "too_long": _("This file is {seconds} s long, up to {most} s can be kept here to be trimmed."),
    "cut": _("This file is cut off. Export it again, or choose another."),
    "cut_audio": _("This {kind} is cut off: it says {declared} s but only {seconds} s can be played."),
    "odd_length": _("This {kind} is damaged: it says {declared} s but {seconds} s can be played."),
    "broken": _("This file is damaged. Export it again, or choose another."),
    "not_video": _("This is not an mp4 file."),
    "no_video": _("There is no picture in this file."),
    "too_wide": _("This video is {width} × {height} pixels large, up to 4096 × 4096 can be read."),
}


class MediaRefused(Exception):
    """The file is not what it should be: `reason` for the row and the log, `sentence` for the person (lazy)."""

    def __init__(self, reason: str, sentence: "str | Promise") -> None:
        super().__init__(reason)
        self.reason, self.sentence = reason, sentence


class MediaCrashed(Exception):
    """The decoding process died or took too long; trying again may help."""

    sentence = _("This file could not be read just now. Try again in a moment.")


@dataclass(frozen=True)
class AudioFacts:
    format: str  # "mp3" or "wav"
    seconds: float
    sample_rate: int
    channels: int


@dataclass(frozen=True)
class Sound:
    """What is heard: the loudest moment of each equal part, a byte each, and silences as pairs of begin and end."""

    peaks: bytes
    silences: list[list[float]]


@dataclass(frozen=True)
class VideoFacts:
    width: int
    height: int
    seconds: float
    fps: float
    video_codec: str
    audio_codec: str | None
    frames: int | None  # None when the file does not count them


@dataclass(frozen=True)
class Derived:
    """The files made of a video, and the video's own size in pixels."""

    poster: Path
    poster_small: Path
    preview: Path
    strip: Path
    width: int
    height: int


def probe_audio(
    path: Path,
    *,
    min_seconds: float = 2.0,
    taken_seconds: float = 30.0,
    max_seconds: float = KEPT_SECONDS,
    max_bytes: int = KEPT_BYTES,
) -> AudioFacts:
    """Decode the whole file; its name says nothing. Raises MediaRefused, MediaCrashed.

    Wan takes `min_seconds` to `taken_seconds`; up to `max_seconds` are kept, to be trimmed.
    """
    size = path.stat().st_size
    if size == 0:
        raise _refused("empty")
    if size > max_bytes:
        raise _refused("too_large", size=_ceiled(size / 2**20), most=_number(max_bytes / 2**20))
    answer = _run("audio", path, PROBE_TIMEOUT, longest=max_seconds)
    if "refused" in answer:
        raise _audio_refused(answer["refused"], answer["values"], most=max_seconds)
    facts = AudioFacts(**answer["facts"])
    if facts.seconds < min_seconds:
        raise _refused(
            "too_short", seconds=_floored(facts.seconds), least=_number(min_seconds), most=_number(taken_seconds)
        )
    return facts


def _audio_refused(reason: str, values: dict[str, Any], *, most: float) -> MediaRefused:
    if reason == "too_long":
        return _refused(reason, seconds=_ceiled(values["seconds"]), most=_number(most))
    if reason == "cut":
        wording = "cut_audio" if values["seconds"] < values["declared"] else "odd_length"
        spoken = {name: f"{values[name]:.1f}" for name in ("declared", "seconds")}
        return _refused(reason, wording, kind=values["kind"], **spoken)
    return _refused(reason)


def listen(path: Path) -> Sound:
    """Peaks and silences of an audio file that was probed. Raises MediaRefused, MediaCrashed."""
    answer = _run("sound", path, PROBE_TIMEOUT)
    if "refused" in answer:
        raise _refused(answer["refused"], **answer["values"])
    return Sound(base64.b64decode(answer["facts"]["peaks"]), answer["facts"]["silences"])


def cut_audio(path: Path, target: Path, *, start: float, seconds: float) -> float:
    """Write a part of an audio file that was probed as wav; its seconds. Raises MediaRefused, MediaCrashed."""
    answer = _run("cut", path, PROBE_TIMEOUT, start=start, seconds=seconds, target=str(target.resolve()))
    if "refused" in answer:
        raise _refused(answer["refused"], **answer["values"])
    return float(answer["facts"]["seconds"])


def probe_video(path: Path) -> VideoFacts:
    """Read the whole MP4 without decoding its frames. Raises MediaRefused (also when cut off), MediaCrashed."""
    answer = _run("video", path, PROBE_TIMEOUT)
    if "refused" in answer:
        raise _refused(answer["refused"], **answer["values"])
    return VideoFacts(**answer["facts"])


def derive(path: Path, directory: Path, *, seconds: float) -> Derived:
    """Make poster, small poster, preview and strip in an existing directory; `seconds` is the video's length.

    Names are those of the objects. Raises MediaRefused, MediaCrashed; then the directory may hold some of them.
    """
    answer = _run("derive", path, DERIVE_TIMEOUT, directory=str(directory.resolve()), seconds=seconds)
    if "refused" in answer:
        raise _refused(answer["refused"], **answer["values"])
    return Derived(
        poster=directory / "poster.webp",
        poster_small=directory / "poster-small.webp",
        preview=directory / "preview.mp4",
        strip=directory / "strip.webp",
        **answer["facts"],
    )


def audio_fit(audio_seconds: float, duration: int) -> str:
    """What Wan does with audio that is shorter or longer than the video; empty when they fit."""
    if audio_seconds > duration + AUDIBLE:
        sentence = gettext("Wan uses the first {duration} s of this {seconds} s file.")
        return sentence.format(duration=duration, seconds=_number(audio_seconds))
    if audio_seconds < duration - AUDIBLE:
        return gettext("The last {seconds} s will be silent.").format(seconds=_number(duration - audio_seconds))
    return ""


def audio_trouble(audio_seconds: float, size: int, *, min_seconds: float, max_seconds: float, max_bytes: int) -> str:
    """Why Wan would not take an audio that is kept here; empty when it does."""
    if audio_seconds > max_seconds:
        sentence = gettext("This file is {seconds} s long, Wan takes {least} to {most} s. Trim it here.")
        return sentence.format(seconds=_ceiled(audio_seconds), least=_number(min_seconds), most=_number(max_seconds))
    if size > max_bytes:
        sentence = gettext("This file has {size} MB, Wan takes up to {most} MB. Trim it here, which makes it smaller.")
        return sentence.format(size=_ceiled(size / 2**20), most=_number(max_bytes / 2**20))
    return ""


def _run(task: str, path: Path, timeout: float, **options: Any) -> dict[str, Any]:
    command = [sys.executable, "-m", "generations.media_process", task, str(path.resolve()), json.dumps(options)]
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    environment |= {"MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1"}  # arenas would eat the address space
    try:
        done = subprocess.run(  # noqa: S603  our own module, and the path is one argument
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout
        )
    except subprocess.TimeoutExpired as error:
        logger.warning("Media task %s took longer than %s s", task, timeout)
        raise MediaCrashed("timeout") from error
    if done.returncode:
        last_words = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        logger.warning("Media task %s ended with %s: %s", task, done.returncode, last_words)
        raise MediaCrashed(f"exit {done.returncode}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _refused(reason: str, wording: str = "", **values: Any) -> MediaRefused:
    return MediaRefused(reason, format_lazy(SENTENCES[wording or reason], **values))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _floored(value: float) -> str:
    return _number(math.floor(value * 10) / 10)


def _ceiled(value: float) -> str:
    """Rounded up, so that 30.04 s is not called 30 s beside a limit of 30 s."""
    return _number(math.ceil(round(value * 10, 6)) / 10)
