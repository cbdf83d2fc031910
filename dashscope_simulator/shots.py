"""The shot list of a prompt, in both languages of the service's prompt guide.

`第1个镜头[0-3秒] …`, `镜头2[3-6秒] …`, `Shot 1 [0-3s] …`, and the same without times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEAD = re.compile(
    r"(?:第\s*[\d一二三四五六七八九十]+\s*个?\s*镜头|镜头\s*[\d一二三四五六七八九十]+|\bshot\s*\d+)"
    r"\s*[:：,，.]?\s*"
    r"(?:[\[［【(（]\s*(\d+(?:\.\d+)?)\s*(?:s|秒)?\s*[-–—~～至到]\s*(\d+(?:\.\d+)?)\s*(?:seconds|secs|sec|s|秒)?\s*[\]］】)）])?",
    re.IGNORECASE,
)
_EDGES = " \t\r\n:：,，;；。-–—"


@dataclass(frozen=True, slots=True)
class Shot:
    """From `start` to `end` on screen, in seconds; `text` is its part of the prompt."""

    start: float
    end: float
    text: str


def parse_shots(prompt: str, duration: float) -> list[Shot]:
    """The shots that fall within the film, without gaps; one with the whole prompt if none are listed."""
    heads = list(_HEAD.finditer(prompt))
    if not heads:
        return [Shot(0.0, duration, prompt.strip())]
    ends = [head.start() for head in heads[1:]] + [len(prompt)]
    texts = [prompt[head.end() : end].strip(_EDGES) for head, end in zip(heads, ends, strict=True)]
    starts = _starts([head.group(1) for head in heads], duration)
    shots = []
    for number, (start, text) in enumerate(zip(starts, texts, strict=True)):
        end = starts[number + 1] if number + 1 < len(starts) else duration
        if start < end and start < duration:
            shots.append(Shot(start, min(end, duration), text or prompt.strip()))
    return shots or [Shot(0.0, duration, prompt.strip())]


def _starts(written: list[str | None], duration: float) -> list[float]:
    """The written starts if all are there and rise; otherwise the film is divided evenly."""
    starts = [float(text) for text in written if text is not None]
    if len(starts) < len(written) or starts != sorted(set(starts)):
        return [duration * number / len(written) for number in range(len(written))]
    return [0.0, *starts[1:]]
