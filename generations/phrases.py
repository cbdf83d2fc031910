"""Numbers as a creator reads them: clocks, rough durations, money. Localized, and with blanks that don't break."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
    """Time left of a deadline, rounded down, because nobody should count on the rest."""
    if seconds >= 3600:
        hours = math.floor(seconds / 3600)
        return ngettext("%(count)s hour left", "%(count)s hours left", hours) % {"count": hours}
    minutes = max(0, math.floor(seconds / 60))
    return ngettext("%(count)s minute left", "%(count)s minutes left", minutes) % {"count": minutes}


def money(amount: Amount) -> str:
    """US$ 0.75"""
    return (
        f"{currency_sign(amount.currency)}\u00a0{number_format(amount.amount, 2, use_l10n=True, force_grouping=True)}"
    )


def currency_sign(currency: str) -> str:
    return SYMBOLS.get(currency, currency)
