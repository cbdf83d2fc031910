"""What a take costs: quoted at the button, reserved at the press, settled by Wan's usage, released when it was free.

Amounts are decimals in the account's currency; currencies are never summed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dashscope_client import catalogue

if TYPE_CHECKING:
    from dashscope_client import Usage
    from generations.models import Generation, WanAccount


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str


def quote(account: WanAccount, model: str, resolution: str, duration: int, takes: int = 1) -> Money:
    """What these takes cost by the account's prices."""
    return Money(account.price_per_second(model, resolution) * duration * takes, account.currency)


def quoted(account: WanAccount | None, model: str = catalogue.DEFAULT_MODEL) -> str:
    """The prices of a second that a page shows, as it sends them back with a press: "USD 720P:0.1000 1080P:0.1500".

    "none" without an account; the demo's are 0.
    """
    if account is None:
        return "none"
    names = catalogue.MODELS[model].resolutions
    return " ".join([account.currency, *(f"{name}:{account.price_per_second(model, name):.4f}" for name in names)])


def is_as_quoted(account: WanAccount, shown: str, resolutions: set[str], model: str = catalogue.DEFAULT_MODEL) -> bool:
    """Whether takes of these resolutions cost what a page showed (`quoted`)."""
    before, after = shown.split(), quoted(account, model).split()
    needed = {price for price in after[1:] if price.partition(":")[0] in resolutions}
    return before[:1] == after[:1] and needed <= set(before)


def settled(generation: Generation, usage: Usage | None) -> dict[str, Any]:
    """Fields of a rendered take: billed seconds by Wan's usage, or by the recipe when Wan names none."""
    seconds = usage.duration if usage and usage.duration is not None else Decimal(generation.duration)
    return {"cost": generation.price_per_second * seconds, "reserved": Decimal(0)}


def released() -> dict[str, Any]:
    """Fields of a take that cost nothing (contract §8: only successes are billed)."""
    return {"cost": Decimal(0), "reserved": Decimal(0)}


def possibly_charged(generation: Generation) -> dict[str, Any]:
    """Fields of a take of which we may never know."""
    return {"reserved": Decimal(0), "possibly_charged": generation.possibly_charged + generation.price}


def cleared(generation: Generation) -> dict[str, Any]:
    """Fields when one attempt of which we did not know is known by now: found, or certainly not at Wan."""
    return {"possibly_charged": max(Decimal(0), generation.possibly_charged - generation.price)}


def free_after_all(generation: Generation) -> dict[str, Any]:
    """Fields of a lost take of which Wan says at last that it cost nothing."""
    return cleared(generation) | {"cost": Decimal(0)}
