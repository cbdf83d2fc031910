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


def changes(sent: str, returned: str) -> list[Change]:
    """Both texts as one, in order."""
    old, new = TOKEN.findall(sent), TOKEN.findall(returned)
    if max(len(old), len(new)) > TOKENS_MOST:
        old, new = sent.splitlines(keepends=True), returned.splitlines(keepends=True)
    found: list[Change] = []
    for tag, *bounds in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[bounds[0] : bounds[1]]), "".join(new[bounds[2] : bounds[3]])
        found += [Change("", gone)] if tag == "equal" else [Change("del", gone), Change("ins", come)]
    return _joined([change for change in found if change.text])


def _joined(found: list[Change]) -> list[Change]:
    """A blank between changes belongs to them: one long mark reads better than three with gaps."""
    runs: list[dict[str, str]] = []
    for index, change in enumerate(found):
        is_gap = not change.kind and not change.text.strip() and 0 < index < len(found) - 1
        if change.kind or is_gap:
            if not runs or runs[-1].get("", ""):
                runs.append({"del": "", "ins": ""})
            for kind in (change.kind,) if change.kind else ("del", "ins"):
                runs[-1][kind] += change.text
        else:
            runs.append({"": change.text})
    return [Change(kind, text) for run in runs for kind, text in run.items() if text]
