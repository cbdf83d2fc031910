"""The sound lane: an audio on the time scale of the shots, with what Wan makes of it. Times are seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from generations import media

if TYPE_CHECKING:
    from dashscope_client.catalogue import ModelSpec
    from generations.models import AudioUpload, Waveform

WORDS_FIT = 0.5  # a shorter stretch is too narrow for its words
BESIDE = 0.2
FAR = 3  # a cut is moved to a silence up to so many seconds away


@dataclass(frozen=True)
class Lane:
    """`total` is the clip's length, None while it is not typed; `cuts` are the seconds where shots meet."""

    audio: AudioUpload
    model: ModelSpec
    total: int | None = None
    cuts: tuple[int, ...] = ()

    @property
    def length(self) -> float:
        return self.audio.seconds

    @property
    def cut(self) -> float:
        """Seconds at the end that Wan leaves out."""
        return max(0.0, self.length - self.total) if self.total else 0.0

    @property
    def silent(self) -> float:
        """Seconds at the end of the clip without a sound."""
        return max(0.0, self.total - self.length) if self.total else 0.0

    @property
    def cut_words(self) -> str:
        return _("%(seconds)s s cut") % {"seconds": f"{self.cut:.1f}"} if self.cut >= WORDS_FIT else ""

    @property
    def silent_words(self) -> str:
        return _("%(seconds)s s silent") % {"seconds": f"{self.silent:.1f}"} if self.silent >= WORDS_FIT else ""

    @property
    def fit(self) -> str:
        """What Wan does about the two lengths, of a sound that it takes at all."""
        return media.audio_fit(self.length, self.total) if self.total and not self.trouble else ""

    @property
    def trouble(self) -> str:
        return self.audio.trouble(self.model)

    @property
    def begin(self) -> float:
        return self.audio.begins

    @property
    def end(self) -> float:
        """Of the part that would be cut off: what is sent now, or as much of the beginning as Wan takes."""
        return min(self.begin + self.length, self.begin + self.model.audio_max_seconds)

    # Waveforms

    @property
    def drawing(self) -> Drawing:
        return Drawing(_waveform(self.audio))

    @property
    def whole_drawing(self) -> Drawing:
        return Drawing(_waveform(self.audio.whole))

    @property
    def quiet_seconds(self) -> list[int]:
        """Whole seconds of this audio where a cut falls into a silence."""
        waveform = _waveform(self.audio)
        return quiet_seconds(waveform.silences) if waveform else []


@dataclass(frozen=True)
class Drawing:
    waveform: Waveform | None

    @property
    def is_due(self) -> bool:
        return self.waveform is not None and self.waveform.due_at is not None

    @property
    def is_missing(self) -> bool:
        """It could not be drawn, and will not be."""
        return not self.is_due and not self.count

    @property
    def count(self) -> int:
        return len(self.waveform.peaks) if self.waveform else 0

    @property
    def path(self) -> str:
        """Of an SVG that is as many units wide as there are peaks, and 100 high: a line for each."""
        heights = self.waveform.heights if self.waveform else []
        return "".join(f"M{index}.5 {50 - half}V{50 + half}" for index, half in enumerate(map(_half, heights)))


def _half(height: float) -> int:
    return max(1, round(height * 46))


def _waveform(audio: AudioUpload) -> Waveform | None:
    try:
        return audio.waveform
    except ObjectDoesNotExist:
        return None


def quiet_seconds(silences: list[list[float]]) -> list[int]:
    """Shots begin on whole seconds: those within a silence or just beside one, but the very first."""
    spans = ((math.ceil(begin - BESIDE), math.floor(end + BESIDE)) for begin, end in silences)
    return sorted({second for first, last in spans for second in range(max(1, first), last + 1)})


def unmoved_words(lengths: list[int], quiet: list[int]) -> str:
    """Why no cut was moved."""
    cuts = list(accumulate(lengths))[:-1]
    if quiet and not all(lengths):
        return lengthless_words()
    return in_silence_words() if cuts and set(cuts) <= set(quiet) else _("No silence is near a cut.")


def lengthless_words() -> str:
    return _("Give each shot its seconds first.")


def in_silence_words() -> str:
    return _("Each cut is in a silence already.")


def snapped(lengths: list[int], quiet: list[int]) -> list[int]:
    """Lengths of shots whose cuts were moved to the nearest quiet second, in the same order and the same sum."""
    cuts = [sum(lengths[: index + 1]) for index in range(len(lengths))]
    last = 0
    for index, cut in enumerate(cuts[:-1]):
        latest = cuts[-1] - (len(cuts) - 1 - index)
        near = [second for second in quiet if last < second <= latest and abs(second - cut) <= FAR]
        cuts[index] = min(near, key=lambda second: (abs(second - cut), second), default=min(max(cut, last + 1), latest))
        last = cuts[index]
    return [end - begin for begin, end in zip([0, *cuts], cuts, strict=False)]
