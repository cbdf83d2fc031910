"""The index of a ZIP of clips: a gallery that opens from the disk, and the same as CSV and JSON.

The page holds no script at all: it is HTML as the server writes it, its data stands beside it as JSON. Each file is
rendered clip by clip, and again for each reading, so that nothing of it stays in memory.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.loader import get_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from generations.models import Generation

COLUMNS = (
    "file",
    "missing",
    "scene",
    "take",
    "seconds",
    "width",
    "height",
    "seed",
    "made",
    "prompt",
    "negative_prompt",
)
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER = "\ufeff"  # without it spreadsheets take the CSV for Latin-1
HERE = "<!-- clips -->"


@dataclass(frozen=True)
class Line:
    """A clip of the index; `name` without an ending."""

    take: Generation
    name: str
    is_missing: bool

    @property
    def values(self) -> dict[str, Any]:
        take = self.take
        return {
            "file": "" if self.is_missing else f"clips/{self.name}.mp4",
            "missing": self.is_missing,
            "scene": take.scene.name,
            "take": take.number,
            "seconds": take.video_seconds or take.duration,
            "width": take.size[0],
            "height": take.size[1],
            "seed": take.seed,
            "made": take.created_at.isoformat(timespec="seconds"),
            "prompt": take.sent_prompt,
            "negative_prompt": take.negative_prompt,
        }


class Index:
    """`lines` is called for each reading."""

    def __init__(self, title: str, lines: Callable[[], Iterator[Line]], *, made_at: datetime) -> None:
        self.title = title
        self.lines = lines
        self.made_at = made_at

    @property
    def files(self) -> dict[str, Callable[[], Iterator[bytes]]]:
        return {
            "index.html": self._page,
            "gallery.css": self._style,
            "index.csv": self._table,
            "index.json": self._data,
        }

    def _page(self) -> Iterator[bytes]:
        context = {"title": self.title, "made_at": self.made_at}
        head, _here, foot = get_template("generations/bundle.html").render(context).partition(HERE)
        yield head.encode()
        clip, scene = get_template("generations/_bundle_clip.html"), None
        for line in self.lines():
            is_first = line.take.scene_id != scene
            scene = line.take.scene_id
            yield clip.render({"line": line, "take": line.take, "is_first": is_first}).encode()
        yield foot.encode()

    def _style(self) -> Iterator[bytes]:
        yield (settings.BASE_DIR / "static/css/offline.css").read_bytes()

    def _table(self) -> Iterator[bytes]:
        yield _row(COLUMNS, before=BYTE_ORDER)
        for line in self.lines():
            yield _row(_plain(line.values[name]) for name in COLUMNS)

    def _data(self) -> Iterator[bytes]:
        about = {"title": self.title, "made": self.made_at.isoformat(timespec="seconds")}
        yield f'{{"about": {json.dumps(about, ensure_ascii=False)},\n"clips": ['.encode()
        comma = "\n"
        for line in self.lines():
            yield f"{comma}{json.dumps(line.values, ensure_ascii=False)}".encode()
            comma = ",\n"
        yield b"\n]}\n"


def _row(values: Any, *, before: str = "") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow([_harmless(value) for value in values])
    return (before + text.getvalue()).encode()


def _plain(value: Any) -> Any:
    """As the JSON beside it says it: true and false are neither Python's nor a language's."""
    return json.dumps(value) if isinstance(value, bool) else value


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value
