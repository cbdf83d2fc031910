"""Proof, then print: cheap short tries at 720P first, then the picks as they are meant, with their prompt and seed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from generations import phrases, pricing
from generations.models import Generation, Origin
from generations.models.generation import PRINT_RESOLUTION
from generations.payers import price_words
from generations.shots import Shot, compile_prompt, parse_prompt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generations.family import Family
    from generations.lifecycle.press import Recipe
    from generations.models import WanAccount

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


def print_price(take: Generation, account: WanAccount | None) -> str:
    """What a print of it costs, as `price_words`."""
    return price_words(account, take.model, PRINT_RESOLUTION, _print_seconds(take))


def printed_from(take: Generation, kin: Mapping[int, Generation]) -> int | None:
    """The key of the proof that it is a print of, or a retry of one; what lies between is looked for in `kin`."""
    while take.origin == Origin.RETRY and (older := kin.get(take.parent_id or 0)):
        take = older
    return take.parent_id if take.is_print else None


class Pair:
    """A proof and its prints, seen from either of them."""

    def __init__(self, take: Generation, family: Family, account: WanAccount | None) -> None:
        """`family` is the take's, as far as the person sees it; `account` would pay for its print."""
        self.take = take
        self.family = family
        self.account = account

    @property
    def proof(self) -> Generation | None:
        """What this take was printed from, if the person sees it."""
        kin = self.family.takes
        return kin.get(printed_from(self.take, kin) or 0)

    @cached_property
    def prints(self) -> list[Generation]:
        """Newest first, with the retries of those that failed; those in the trash are not shown."""
        kin = self.family.takes
        made = [one for one in kin.values() if printed_from(one, kin) == self.take.pk and not one.trashed_at]
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
        """What a print of this take costs; "" in the demo and where nobody would pay for one."""
        return print_price(self.take, self.account)

    @property
    def quoted(self) -> str:
        """As a press sends it back."""
        return pricing.quoted(self.account, self.take.model)

    @property
    def plan(self) -> str:
        """The size of its print."""
        seconds = print_fields(self.take).get("duration", self.take.duration)
        return _("%(seconds)s s at %(resolution)s") % {"seconds": seconds, "resolution": PRINT_RESOLUTION}

    @cached_property
    def saved(self) -> str:
        """What proofs and prints of this scene cost, against all of its proofs made at 1080P at once.

        "" where that can't be told, since prices have changed.
        """
        if self.take.is_demo or not (self.proof or self.prints):
            return ""
        takes = Generation.objects.filter(scene=self.take.scene_id, currency=self.take.currency)
        kin = {take.pk: take for take in takes.select_related("account").order_by("pk")}
        proof_of = {key: printed_from(take, kin) for key, take in kin.items()}
        printed = set(proof_of.values())
        proofs = [take for take in kin.values() if take.is_proof or take.pk in printed]
        prints = [take for key, take in kin.items() if proof_of[key]]
        paid = sum((_paid(take) for take in [*proofs, *prints]), Decimal(0))
        at = {proof_of[take.pk]: take.price_per_second for take in prints}
        whole = [_whole_price(take, at.get(take.pk)) for take in proofs if _paid(take)]
        if None in whole:
            return ""
        return _saved_words(paid, sum(filter(None, whole), Decimal(0)), self.take.currency)


def _saved_words(paid: Decimal, whole: Decimal, currency: str) -> str:
    amounts = {"paid": paid, "whole": whole, "saved": whole - paid}
    money = {name: phrases.money(phrases.Price(amount, currency)) for name, amount in amounts.items()}
    if whole <= paid:
        return _("Proofs and prints of this scene: %(paid)s. All at 1080P at once: %(whole)s.") % money
    words = _("Proofs and prints of this scene: %(paid)s. All at 1080P at once: %(whole)s. Saved: %(saved)s.")
    return words % money


def _paid(take: Generation) -> Decimal:
    """Settled, or still reserved."""
    return (take.cost or Decimal(0)) + take.reserved + take.possibly_charged


def _whole_price(proof: Generation, printed_at: Decimal | None) -> Decimal | None:
    """What it would have cost at 1080P at once: by its print's price of a second, else by the account's.

    None when the account's prices are others by now than when the proof was made.
    """
    account = proof.account
    if printed_at is None and proof.price_per_second != account.price_per_second(proof.model, proof.resolution):
        return None
    return (printed_at or account.price_per_second(proof.model, PRINT_RESOLUTION)) * _print_seconds(proof)


def _print_seconds(take: Generation) -> int:
    seconds: int = print_fields(take).get("duration", take.duration)
    return seconds
