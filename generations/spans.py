"""Parts of a range that people ask for: so many seconds, a price, the last days. One press instead of two fields."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from generations.lens_form import MODEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ENDS = {"seconds": ("min_seconds", "max_seconds"), "price": ("min_price", "max_price"), "made": ("since", "until")}
SHORT, MIDDLE = 5, 10  # seconds


class Span(NamedTuple):
    """None at an end: it is open."""

    label: str
    low: int | Decimal | date | None
    high: int | Decimal | date | None

    def count(self, values: Iterable[int | Decimal | date | None]) -> int:
        """How many of these are in it. What has no value is nowhere."""
        low, high = self.low, self.high
        known = (value for value in values if value is not None)
        return sum((low is None or value >= low) and (high is None or value <= high) for value in known)  # type: ignore[operator]


def spans(name: str, values: Sequence[int | Decimal | date | None]) -> list[Span]:
    """Of a range of ENDS; `values` are those of the takes that it chooses among."""
    match name:
        case "seconds":
            return _seconds()
        case "price":
            return _prices([value for value in values if isinstance(value, Decimal)])
        case _:
            return _days(timezone.localdate())


def _seconds() -> list[Span]:
    return [
        Span(_("up to %(high)s s") % {"high": SHORT}, None, SHORT),
        Span(_("%(low)s to %(high)s s") % {"low": SHORT + 1, "high": MIDDLE}, SHORT + 1, MIDDLE),
        Span(_("%(low)s to %(high)s s") % {"low": MIDDLE + 1, "high": MODEL.duration_max}, MIDDLE + 1, None),
    ]


def _days(today: date) -> list[Span]:
    return [
        Span(_("Today"), today, None),
        Span(_("Last 7 days"), today - timedelta(days=6), None),
        Span(_("Last 30 days"), today - timedelta(days=29), None),
        Span(_("Earlier"), None, today - timedelta(days=30)),
    ]


def _prices(prices: list[Decimal]) -> list[Span]:
    """Three parts of about as many takes each, or two where most cost the same; each price when there are few."""
    steps = sorted(set(prices))
    if len(steps) <= 3:
        return [Span(_amount(step), step, step) for step in steps]
    prices = sorted(prices)
    cuts = sorted({prices[len(prices) * part // 3] for part in (1, 2)} - {steps[-1]}) or [steps[-2]]
    found, low = [], None
    for high in cuts:
        found.append(Span(_between(low, high), low, high))
        low = next(step for step in steps if step > high)
    if low is not None:
        found.append(Span(_("from %(low)s") % {"low": _amount(low)}, low, None))
    return found


def _between(low: Decimal | None, high: Decimal) -> str:
    if low == high:
        return _amount(high)
    words = _("up to %(high)s") if low is None else _("%(low)s to %(high)s")
    return words % {"low": low and _amount(low), "high": _amount(high)}


def _amount(price: Decimal) -> str:
    """Without zeros that say nothing, but as money: 0.50, 0.475."""
    plain = price.quantize(Decimal("0.0001"))
    return str(plain.quantize(Decimal("0.01")) if plain == plain.quantize(Decimal("0.01")) else plain.normalize())
