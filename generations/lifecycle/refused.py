"""Why a press made nothing, in words for who pressed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from generations import nearing

if TYPE_CHECKING:
    from collections.abc import Iterator


class Refused(Exception):
    """Nothing was made; `sentence` tells the creator why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class PriceChanged(Refused):
    """The page showed another price than the one that would be paid."""


class MadeBefore(Refused):
    """The press was made already, of something else: the page was changed while its answer was on the way."""


class OverBudget(Refused):
    """Refused by these lines of somebody's purse."""

    def __init__(self, sentence: str, stop: nearing.Stop) -> None:
        super().__init__(sentence)
        self.stop = stop


@contextmanager
def telling_of_stops() -> Iterator[None]:
    """Around the transaction that a budget may refuse: nothing is left of that, and people are told all the same."""
    try:
        yield
    except OverBudget as refusal:
        nearing.tell_of_stop(refusal.stop)
        raise
