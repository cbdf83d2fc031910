"""Proof, then print: cheap short tries at 720P first, then the picks as they are meant, with their prompt and seed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from generations import phrases
from generations.models import Generation
from generations.models.generation import PRINT_RESOLUTION
from generations.shots import Shot, compile_prompt, parse_prompt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generations.lifecycle.press import Recipe

PROOF_RESOLUTION = "720P"
SECONDS = 3


def length(duration: int, shots: int) -> int:
    """Seconds of a proof: short, but no shorter than a second a shot."""
    return min(duration, max(SECONDS, shots))


def shortened(lengths: Sequence[int], seconds: int) -> list[int]:
    """Shots of at least a second each, in the proportions of `lengths`; those without a stated length stay so."""
    total, count = sum(lengths), len(lengths)
    if not all(lengths) or total <= seconds:
        return list(lengths)
    ends = [0]
    for index, end in enumerate(accumulate(lengths)):
        latest = max(seconds, count) - (count - 1 - index)
        ends.append(max(ends[-1] + 1, min(int(end * seconds / total + 0.5), latest)))
    return [end - start for start, end in pairwise(ends)]


def parts(prompt: str, shots: Sequence[Shot], duration: int) -> tuple[str, Sequence[Shot]]:
    """The shots that a proof shortens, after what holds for all: those of the board, else those in the prompt."""
    parsed = None if shots else parse_prompt(prompt, seconds=duration)
    return (parsed.overall, parsed.shots) if parsed else (prompt, shots)


def short(prompt: str, shots: Sequence[Shot], duration: int) -> tuple[str, tuple[Shot, ...]]:
    """What holds for all, and the shots as long as a proof makes them."""
    overall, whole = parts(prompt, shots, duration)
    lengths = shortened([shot.seconds for shot in whole], length(duration, len(whole)))
    return overall, tuple(Shot(shot.text, each) for shot, each in zip(whole, lengths, strict=True))


def of(recipe: Recipe) -> Recipe:
    """The proof of this recipe, which remembers what its print will be."""
    overall, shots = short(recipe.prompt, recipe.shots, recipe.duration)
    return replace(
        recipe,
        resolution=PROOF_RESOLUTION,
        duration=length(recipe.duration, len(shots)),
        shots=shots if recipe.shots else (),
        sent_prompt=compile_prompt(overall, shots) if shots else recipe.sent_prompt,
        print_recipe={
            "duration": recipe.duration,
            "shots": [{"text": shot.text, "seconds": shot.seconds} for shot in recipe.shots],
            "sent_prompt": recipe.sent_prompt,
        },
    )


def print_fields(take: Generation) -> dict[str, Any]:
    """Columns that a take's print has differently."""
    return {"resolution": PRINT_RESOLUTION, "print_recipe": None, **(take.print_recipe or {})}


class Pair:
    """A proof and its prints, seen from either of them."""

    def __init__(self, take: Generation, children: Sequence[Generation]) -> None:
        """`children` are all that were made from it."""
        self.take = take
        self.children = children

    @property
    def proof(self) -> Generation | None:
        """What this take was printed from."""
        return self.take.parent if self.take.is_print else None

    @cached_property
    def prints(self) -> list[Generation]:
        """Newest first; those in the trash are not shown."""
        made = [take for take in self.children if take.is_print and not take.trashed_at]
        return sorted(made, key=lambda take: take.number, reverse=True)

    @property
    def can_print(self) -> bool:
        return self.take.is_printable and not any(take.is_ready or not take.is_finished for take in self.prints)

    @property
    def is_shown(self) -> bool:
        return bool(self.proof or self.prints or self.take.is_printable or self.take.is_proof)

    @property
    def is_retimed(self) -> bool:
        """The print's text states longer times than the proof's."""
        shown = self.proof or self.take
        return bool(print_fields(shown).get("sent_prompt", shown.sent_prompt) != shown.sent_prompt)

    @property
    def price(self) -> str:
        """What a print of this take costs; "" in the demo."""
        if self.take.is_demo:
            return ""
        amount = _print_price(self.take)
        return phrases.money(phrases.Price(amount, self.take.currency))

    @property
    def plan(self) -> str:
        """The size of its print."""
        seconds = print_fields(self.take).get("duration", self.take.duration)
        return _("%(seconds)s s at %(resolution)s") % {"seconds": seconds, "resolution": PRINT_RESOLUTION}

    @cached_property
    def saved(self) -> str:
        """What proofs and prints of this scene cost, against all of its proofs made at 1080P at once."""
        if self.take.is_demo or not (self.proof or self.prints):
            return ""
        takes = Generation.objects.filter(scene=self.take.scene_id, currency=self.take.currency)
        takes = takes.select_related("account", "parent")
        prints = [take for take in takes if take.is_print]
        printed = {take.parent_id for take in prints}
        proofs = [take for take in takes if take.is_proof or take.pk in printed]
        paid = sum((_paid(take) for take in [*proofs, *prints]), Decimal(0))
        whole = sum((_print_price(take) for take in proofs if _paid(take)), Decimal(0))
        money = {
            "paid": phrases.money(phrases.Price(paid, self.take.currency)),
            "whole": phrases.money(phrases.Price(whole, self.take.currency)),
            "saved": phrases.money(phrases.Price(whole - paid, self.take.currency)),
        }
        if whole <= paid:
            return _("Proofs and prints of this scene: %(paid)s. All at 1080P at once: %(whole)s.") % money
        words = _("Proofs and prints of this scene: %(paid)s. All at 1080P at once: %(whole)s. Saved: %(saved)s.")
        return words % money


def _paid(take: Generation) -> Decimal:
    """Settled, or still reserved."""
    return (take.cost or Decimal(0)) + take.reserved + take.possibly_charged


def _print_price(take: Generation) -> Decimal:
    seconds: int = print_fields(take).get("duration", take.duration)
    return take.account.price_per_second(take.model, PRINT_RESOLUTION) * seconds
