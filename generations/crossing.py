"""Rows of a call sheet from axes: every seed with every ratio with every word of each category."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from generations import wording
from generations.forms import MODEL, TAKES
from generations.sheet import MOST
from wanstudio.http import whole_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generations.vocabulary import Word

SEEDS = re.compile(r"(\d{1,10})(?:\s*[-–]\s*(\d{1,10}))?")


class Impossible(Exception):
    """Nothing was crossed; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def seeds(typed: str) -> list[str]:
    """ "1-3, 7, random" is 1, 2, 3, 7 and "", which is drawn; nothing is one of those. Raises Impossible."""
    found: list[str] = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;，；、\n]", typed))):
        drawn = part.lower() in ("random", _("random"))
        found += [""] if drawn else [seed for seed in _between(part) if seed not in found]
        if len(found) > MOST:
            raise _too_many()
    return found or [""]


def _between(part: str) -> list[str]:
    match = SEEDS.fullmatch(part)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if not first <= last <= MODEL.seed_max:
        words = _("Seeds are whole numbers from 0 to %(most)s, like 7, 8 or 1-4. This is none: %(part)s")
        raise Impossible(words % {"most": f"{MODEL.seed_max:,}", "part": part[:40]})
    if last - first >= MOST:
        raise _too_many()
    return [str(seed) for seed in range(first, last + 1)]


def _too_many() -> Impossible:
    return Impossible(_("Up to %(most)s seeds fit in one sheet.") % {"most": MOST})


def seeds_of(seed: str, *, takes: int, is_counting: bool) -> str:
    """As `seeds` reads them: those that the composer gives so many takes. What is no seed stays as it was typed."""
    first, more = whole_number(seed, digits=10, otherwise=-1), range(1, min(takes, max(TAKES)))
    if is_counting and first >= 0:
        return ", ".join([seed, *(str((first + index) % (MODEL.seed_max + 1)) for index in more)])
    return ", ".join([seed or _("random"), *(_("random") for _more in more)]) if more else seed


def cross(
    prompt: str, *, seeds: Sequence[str], ratios: Sequence[str], words: Sequence[Sequence[Word]]
) -> list[dict[str, str]]:
    """A row each; one scene for all. Raises Impossible when there is nothing to vary, or far too much."""
    if not prompt.strip():
        raise Impossible(_("Write the prompt that is varied first."))
    count = len(seeds) * max(1, len(ratios))
    for list_ in words:
        count *= len(list_)
    if count > MOST:
        sentence = _("This makes %(count)s rows. Up to %(most)s are sent at once: choose less.")
        raise Impossible(sentence % {"count": count, "most": MOST})
    return list(_rows(prompt.strip(), seeds, ratios or [""], words))


def _rows(
    prompt: str, seeds: Sequence[str], ratios: Sequence[str], words: Sequence[Sequence[Word]]
) -> Iterator[dict[str, str]]:
    for chosen in product(*words):
        varied = wording.with_words(prompt, chosen)
        yield from ({"prompt": varied, "ratio": ratio, "seed": seed} for ratio, seed in product(ratios, seeds))
