"""The shot board's buttons without script: each answers the form's prompt and shots anew and loses nothing typed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from generations import lane, wording
from generations.shots import Shot, compile_prompt, parse_prompt, rounded_words
from wanstudio.http import whole_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import QueryDict

BLANK_SHOTS = 3
BLANK_SECONDS = 3
FRACTION = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?")


@dataclass
class Arrangement:
    """What stands in the fields; `shots` are a formset's initial values, None without a board."""

    prompt: str
    shots: list[dict[str, Any]] | None
    seconds: int = 0  # the clip's length, for shots that state none
    warnings: tuple[str, ...] = field(default=())

    def do(self, step: str, index: int = -1) -> None:
        """`step` is a button's value without its number; unknown ones change nothing."""
        if step == "board":
            self._open()
        elif step == "prompt":
            self._close()
        elif step == "add-shot":
            self.shots = [*(self.shots or []), blank()]
        elif self.shots and 0 <= index < len(self.shots):
            self._change(step, self.shots, index)
            self.shots = self.shots or None

    def put_words(self, posted: QueryDict) -> None:
        """Into the text that `words-into` names: a shot's number, else the prompt. No locked shot is changed."""
        shot = whole_number(posted.get("words-into", ""), digits=3, otherwise=-1)
        if self.shots and 0 <= shot < len(self.shots) and not self.shots[shot].get("locked"):
            self.shots[shot]["text"] = wording.with_chosen(self.shots[shot]["text"], posted)
        else:
            self.prompt = wording.with_chosen(self.prompt, posted)

    @property
    def length(self) -> int:
        """Of the clip: that of its shots, if each has one; else what was typed."""
        return sum(self.lengths) if self.lengths and all(self.lengths) else self.seconds

    @property
    def lengths(self) -> list[int]:
        """Seconds of each shot; 0 of what is no whole number."""
        return [_whole(shot["seconds"]) for shot in self.shots or []]

    def snap(self, quiet: list[int]) -> int:
        """Move the cuts to these seconds where they are near; how many moved. Needs seconds at each shot, and no locked
        one, whose length would change.
        """
        lengths = self.lengths
        if not all(lengths) or any(shot.get("locked") for shot in self.shots or []):
            return 0
        moved = lane.snapped(lengths, quiet)
        for shot, seconds in zip(self.shots or [], moved, strict=True):
            shot["seconds"] = str(seconds)
        return sum(old != new for old, new in zip(accumulate(lengths), accumulate(moved), strict=True))

    def _open(self) -> None:
        """With the shots of the prompt, if it is a list of some."""
        if self.shots:
            return
        parsed = parse_prompt(self.prompt, seconds=self.seconds)
        if parsed is None:
            self.shots = [blank() for _index in range(BLANK_SHOTS)]
            return
        self.prompt, self.warnings = parsed.overall, parsed.warnings
        self.shots = [{"text": shot.text, "seconds": str(shot.seconds or "")} for shot in parsed.shots]

    def _close(self) -> None:
        """As the text that Wan would have received."""
        given = self.shots or []
        read = _roughly if any(_whole(shot["seconds"]) for shot in given) else _whole
        shots = [Shot(shot["text"], read(shot["seconds"])) for shot in given]
        if any(shot.text.strip() for shot in shots):
            self.prompt = compile_prompt(self.prompt, shots)
            self.warnings = tuple(_rounding(given)) if read is _roughly else ()
        self.shots = None

    def _change(self, step: str, shots: list[dict[str, Any]], index: int) -> None:
        if step == "remove-shot":
            del shots[index]
        elif step == "unlock-shot":
            shots[index]["locked"] = False
        elif step == "copy-shot":
            shots.insert(index + 1, dict(shots[index]))
        elif step == "shot-earlier" and index > 0:
            shots.insert(index - 1, shots.pop(index))
        elif step == "shot-later":
            shots.insert(index + 1, shots.pop(index))


def blank() -> dict[str, Any]:
    return {"text": "", "seconds": str(BLANK_SECONDS), "locked": False}


def _roughly(text: str) -> int:
    """As near as it can be: beside a shot without seconds the others would lose theirs in the text."""
    return max(1, int(float(text) + 0.5)) if FRACTION.fullmatch(text) else 1


def _rounding(given: list[dict[str, Any]]) -> Iterator[str]:
    """What became of lengths that were no whole numbers."""
    unread = [shot["seconds"] for shot in given if not _whole(shot["seconds"])]
    if any(FRACTION.fullmatch(text) and float(text) for text in unread):
        yield rounded_words()
    if any(not FRACTION.fullmatch(text) or not float(text) for text in unread):
        yield second_words()


def second_words() -> str:
    return gettext("A shot without a length was given 1 s.")


def _whole(text: str) -> int:
    return whole_number(text, digits=3)
