"""The caption of a film: shot, running time, prompt, a hairline of progress, and the watermark if it was ordered.

Set in a font of the machine, preferably one with Chinese. Text is drawn once per shot and second; a frame only blends.
"""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from dashscope_simulator.shots import Shot

WATERMARK = "AI生成"

_FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/System/Library/Fonts",
    "/Library/Fonts", "~/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip
_NAMES = (  # name, face within a collection; the first found is used
    ("NotoSansCJK-Regular.ttc", 2), ("NotoSansCJKsc-Regular.otf", 0), ("NotoSansSC-Regular.otf", 0),
    ("NotoSansSC[wght].ttf", 0), ("SourceHanSansSC-Regular.otf", 0), ("PingFang.ttc", 0), ("Hiragino Sans GB.ttc", 0),
    ("STHeiti Light.ttc", 0), ("msyh.ttc", 0), ("wqy-microhei.ttc", 0), ("wqy-zenhei.ttc", 0),
    ("DroidSansFallbackFull.ttf", 0), ("Arial Unicode.ttf", 0), ("NotoSans-Regular.ttf", 0), ("Inter-Regular.ttf", 0),
    ("DejaVuSans.ttf", 0), ("LiberationSans-Regular.ttf", 0), ("Helvetica.ttc", 0), ("segoeui.ttf", 0),
    ("arial.ttf", 0),
)  # fmt: skip
_FAULT = re.compile(r"\[fault:[^\]]*\]", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]")
_NOT_AT_START = "，。！？；：、）」』”’,.!?;:)]}"

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Weights = NDArray[np.uint16]


@functools.cache
def _font_file() -> tuple[str, int] | None:
    found: dict[str, str] = {}
    for folder in _FOLDERS:
        root = Path(folder).expanduser()
        if root.is_dir() and (sys.platform == "win32" or not folder.startswith("C:")):
            found.update({path.name: str(path) for path in root.rglob("*.[tTo][tT][fFcC]")})
    return next(((found[name], face) for name, face in _NAMES if name in found), None)


@functools.cache
def font(size: int) -> Font:
    """The best font of this machine; Pillow's own, without Chinese, where there is none."""
    file = _font_file()
    if file is None:
        return ImageFont.load_default(size)
    return ImageFont.truetype(file[0], size, index=file[1])


def wrapped(text: str, face: Font, width: float, lines: int) -> list[str]:
    """At most `lines` lines of at most `width` pixels, broken at spaces or between Chinese signs, then an ellipsis."""
    found: list[str] = []
    line = ""
    for word in re.findall(r"[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+", text):
        if line and word[0] not in _NOT_AT_START and face.getlength((line + word).rstrip()) > width:
            found.append(line.rstrip())
            line = ""
        line += word.lstrip() if not line else word
    found.append(line.rstrip())
    kept = [_cut(line, face, width) for line in found[:lines]]
    if len(found) > lines:
        kept[-1] = _cut(kept[-1].rstrip(" ,.，。、") + "…", face, width)
    return [line for line in kept if line]


def _cut(line: str, face: Font, width: float) -> str:
    if face.getlength(line) <= width:
        return line
    while line and face.getlength(line + "…") > width:
        line = line[:-1]
    return line + "…"


def cleaned(text: str) -> str:
    """Without faults, pictographs and control characters, on one line."""
    text = _FAULT.sub("", text)
    return " ".join("".join(sign for sign in text if unicodedata.category(sign) not in ("So", "Cc", "Cs", "Co", "Cn")
                            or sign in "\n\t").split())  # fmt: skip


@dataclass(frozen=True, slots=True)
class Caption:
    """Weights of a blend over the rows from `top` on: picture * keep + ink, in 256ths, for luma and chroma."""

    top: int
    keep: Weights
    ink: Weights
    chroma_keep: Weights


class Lettering:
    def __init__(
        self, size: tuple[int, int], prompt: str, shots: list[Shot], duration: int, *, watermark: bool
    ) -> None:
        self._width, self._height = size
        self._shots, self._duration, self._watermark = shots, duration, watermark
        self._is_chinese = bool(_HAN.search(prompt))
        unit = min(size) if min(size) / max(size) > 0.62 else min(size) * (1.0 if size[0] > size[1] else 1.12)
        self._large, self._little = font(max(round(unit * 0.031), 8)), font(max(round(unit * 0.0205), 7))
        self._unit = unit
        self._margin = round(unit * 0.055)
        self.line_height = max(round(unit * 0.0022), 1)
        self.line_top = size[1] - round(unit * 0.13) // 2 * 2  # above the tags that a gallery puts on a tile
        self._step = round(unit * 0.046)
        top = self.line_top - round(unit * 0.03) - 3 * self._step - round(unit * 0.19)
        self._top = max(top // 2 * 2, 0)
        self._scrim = self._make_scrim()

    def _make_scrim(self) -> NDArray[np.float32]:
        rise = np.linspace(0, 1, self._height - self._top, dtype=np.float32)[:, None]
        return 1 - 0.62 * rise * rise * (3 - 2 * rise)

    @functools.lru_cache(maxsize=4)  # noqa: B019 - lives as long as its film
    def caption(self, shot_number: int, second: int) -> Caption:
        image = Image.new("L", (self._width, self._height - self._top), 0)
        draw = ImageDraw.Draw(image)
        self._write(draw, shot_number, second)
        ink = np.asarray(image, np.float32) / 255
        keep = self._scrim * (1 - ink)
        small = (
            keep[: len(keep) // 2 * 2]
            .reshape(len(keep) // 2, 2, self._width // 2, 2)
            .mean(axis=(1, 3), dtype=np.float32)
        )
        return Caption(self._top, _weights(keep), _weights(ink * 232), _weights(small))

    def _write(self, draw: ImageDraw.ImageDraw, shot_number: int, second: int) -> None:
        left, right = self._margin, self._width - self._margin
        text = cleaned(self._shots[shot_number].text)
        lines = wrapped(text, self._large, min(right - left, self._unit * 1.35), 3)
        y = self.line_top - self._top - round(self._unit * 0.03)
        if self._watermark:
            corner = self._height - self._top - round(self._unit * 0.035)
            draw.text((right, corner), WATERMARK, font=self._large, fill=205, anchor="rs")
        for number, line in enumerate(reversed(lines)):
            draw.text((left, y - number * self._step), line, font=self._large, fill=240, anchor="ls")
        y -= len(lines) * self._step + round(self._unit * 0.006)
        label = self._label(shot_number)
        draw.text((left, y), label, font=self._little, fill=186, anchor="ls")
        clock = f"{second // 60}:{second % 60:02d} / {self._duration // 60}:{self._duration % 60:02d}"
        start = left + self._little.getlength(label + "   ") if label else left
        draw.text((start, y), clock, font=self._little, fill=150, anchor="ls")

    def _label(self, number: int) -> str:
        if len(self._shots) == 1:
            return ""
        shot = self._shots[number]
        span = f"{shot.start:g}–{shot.end:g}"
        if self._is_chinese:
            return f"镜头 {number + 1} / {len(self._shots)} · {span} 秒"
        return f"Shot {number + 1} of {len(self._shots)} · {span} s"

    def progress(self, t: float) -> NDArray[np.float32]:
        """Opacity of the hairline for every column: bright up to now, interrupted at the cuts."""
        left, right = self._margin, self._width - self._margin
        columns = np.arange(self._width, dtype=np.float32)
        place = (columns - left) / (right - left) * self._duration
        done = np.clip((t - place) / self._duration * (right - left) + 0.5, 0, 1)
        opacity = (0.26 + 0.6 * done) * ((columns >= left) & (columns < right))
        gap = self._unit * 0.004 * self._duration / (right - left)
        for shot in self._shots[1:]:
            opacity[np.abs(place - shot.start) < gap] = 0
        return opacity.astype(np.float32)


def _weights(values: NDArray[np.floating[Any]]) -> Weights:
    return np.rint(values * 256).astype(np.uint16)
