"""Numbers as a creator reads them: clocks, rough durations, money. Localized, and with blanks that don't break."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Protocol

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

HALF_A_CENT = Decimal("0.005")
LEAST = Decimal("0.0001")  # that is shown
SYMBOLS = {"USD": "US$", "CNY": "CN¥"}


class Amount(Protocol):
    @property
    def amount(self) -> Decimal: ...

    @property
    def currency(self) -> str: ...


@dataclass(frozen=True)
class Price:
    amount: Decimal
    currency: str


def clock(seconds: float) -> str:
    """1:12, or 1:02:03 from an hour on; parts of a second are dropped."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, seconds_left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds_left:02}" if hours else f"{minutes}:{seconds_left:02}"


def about(seconds: float) -> str:
    """A rough time to wait: "less than 1 min", "about 4 min", "about 2 h"."""
    if seconds < 45:
        return _("less than 1 min")
    if seconds < 100 * 60:
        return _("about %(minutes)s min") % {"minutes": max(1, round(seconds / 60))}
    return _("about %(hours)s h") % {"hours": round(seconds / 3600)}


def between(least: float, most: float) -> str:
    """A range of minutes, rounded outwards: "1 to 5 min"."""
    first, last = max(1, math.floor(least / 60)), max(1, math.ceil(most / 60))
    if first == last:
        return _("about %(minutes)s min") % {"minutes": first}
    return _("%(least)s to %(most)s min") % {"least": first, "most": last}


def at_least_hours(seconds: float) -> str:
    """Time left of Wan's 24 hours, rounded down, because nobody should count on the rest."""
    if seconds <= 0:
        return _("past Wan's 24 hours")
    if seconds < 60:
        return _("less than a minute left")
    if seconds >= 3600:
        hours = math.floor(seconds / 3600)
        return ngettext("%(count)s hour left", "%(count)s hours left", hours) % {"count": hours}
    minutes = math.floor(seconds / 60)
    return ngettext("%(count)s minute left", "%(count)s minutes left", minutes) % {"count": minutes}


def money(amount: Amount) -> str:
    """US$ 0.75, rounded to the cent; less than half of one is not shown as nothing: US$ 0.002."""
    if 0 < amount.amount < HALF_A_CENT:
        return rate(Price(max(round(amount.amount, 4), LEAST), amount.currency))
    return f"{currency_sign(amount.currency)}\u00a0{floatformat(amount.amount, '2g')}"


def money_left(amount: Amount) -> str:
    """The same of what may be spent still: cut to the cent, so that nothing is promised that is not there."""
    cut = amount.amount.quantize(Decimal("0.01"), rounding=ROUND_DOWN)
    return money(Price(cut, amount.currency))


def rate(amount: Amount) -> str:
    """US$ 0.10 or US$ 0.0825: what one second costs, no digit of it dropped."""
    return f"{currency_sign(amount.currency)}\u00a0{floatformat(amount.amount, f'{_places(amount.amount)}g')}"


def digits(amount: Decimal) -> str:
    """0.10 or 0.0825, as a field for numbers has it in every language."""
    return f"{amount:.{_places(amount)}f}"


def _places(amount: Decimal) -> int:
    return max(2, -int(amount.normalize().as_tuple().exponent))


def currency_sign(currency: str) -> str:
    return SYMBOLS.get(currency, currency)
