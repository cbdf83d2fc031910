"""What Wan's rewriting did to a prompt: word by word, and character by character where words have no spaces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from generations.shots import HAN

TOKEN = re.compile(rf"[{HAN}\u3040-\u30ff]|[^\W{HAN}\u3040-\u30ff]+|\s+|.", re.DOTALL)
TOKENS_MOST = 3000  # the time grows with the square: a second at most; longer texts are compared by line


@dataclass(frozen=True)
class Change:
    """`kind` is "ins", "del", or "" for what stayed."""

    kind: str
    text: str


@dataclass(frozen=True)
class _Run:
    """A stretch of both texts; the same in both when it `stayed`."""

    gone: str
    come: str
    stayed: bool = False

    @property
    def is_gap(self) -> bool:
        return self.stayed and not self.gone.strip()

    @property
    def is_replaced(self) -> bool:
        return not self.stayed and bool(self.gone.strip() and self.come.strip())

    @property
    def changes(self) -> list[Change]:
        both = [Change("", self.gone)] if self.stayed else [Change("del", self.gone), Change("ins", self.come)]
        return [change for change in both if change.text]


def changes(sent: str, returned: str) -> list[Change]:
    """Both texts as one, in order."""
    old, new = TOKEN.findall(sent), TOKEN.findall(returned)
    if max(len(old), len(new)) > TOKENS_MOST:
        old, new = sent.splitlines(keepends=True), returned.splitlines(keepends=True)
    runs: list[_Run] = []
    for tag, *bounds in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[bounds[0] : bounds[1]]), "".join(new[bounds[2] : bounds[3]])
        _add(runs, _Run(gone, come, stayed=tag == "equal"))
    return [change for run in runs for change in run.changes]


def _add(runs: list[_Run], run: _Run) -> None:
    """A blank between two words that were replaced belongs to them: one long mark reads better than two with a gap.
    Beside what only came or only went it stays a blank."""
    if len(runs) > 1 and run.is_replaced and runs[-1].is_gap and runs[-2].is_replaced:
        gap, before = runs.pop().gone, runs.pop()
        run = _Run(before.gone + gap + run.gone, before.come + gap + run.come)
    runs.append(run)
