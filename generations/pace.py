"""How fast money goes, and where each budget's month ends if it goes on like this."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, Sum

from generations import ledger, purse
from generations.models import Spending
from teams.models import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User
    from generations.purse import Line, Purse
    from teams.models import Project

DAYS = 14  # that the pace is taken from
ZERO = Decimal(0)


def begins(today: date) -> date:
    return today - timedelta(days=DAYS - 1)


def a_day(spent: Mapping[date, Decimal], today: date) -> Decimal:
    """Of the last 14 days, from the first of them on which anything was charged."""
    recent = {day: amount for day, amount in spent.items() if day >= begins(today) and amount}
    return sum(recent.values(), ZERO) / ((today - min(recent)).days + 1) if recent else ZERO


def days_left(today: date, month: date) -> int:
    """After today."""
    return (purse.following(month) - today).days - 1


@dataclass(frozen=True)
class Prospect:
    """A budget's line and what its month comes to. `over_on`: the day it goes over at this pace; None: it does not.

    `forecast` None: the month is not the running one, or `stopper` lets nothing more be spent in it.
    """

    line: Line
    forecast: Decimal | None = None
    over_on: date | None = None
    stopper: Line | None = None

    @property
    def forecast_part(self) -> float:
        return self.line.ahead_part(self.forecast or ZERO)


class Paces:
    """Of team, project and person in a month, day by day, from the daily sums: one query, a row for each day."""

    def __init__(self, project: Project, person: User, *, month: date, today: date) -> None:
        self.project, self.person = project, person
        self.month, self.today = month, today

    @property
    def _is_current(self) -> bool:
        return self.month <= self.today < purse.following(self.month)

    @cached_property
    def _rows(self) -> list[dict[str, Any]]:
        since = min(self.month, begins(self.today)) if self._is_current else self.month
        charged = F("cost") + F("possibly_charged")
        sums = {
            "of_installation": Sum(charged, filter=Q(is_installations=True)),
            "of_team": Sum(charged),
            "of_project": Sum(charged, filter=Q(project=self.project)),
            "of_person": Sum(charged, filter=Q(person=self.person)),
        }
        spending = Spending.objects.filter(team=self.project.team_id).between(since, purse.following(self.month))
        days = spending.order_by().values("day", "currency").annotate(**sums)
        return [dict(row) for row in days]

    @property
    def currencies(self) -> set[str]:
        """In which anything was booked in the month; they are never added up."""
        return {row["currency"] for row in self._rows if row["day"] >= self.month}

    def prospect(self, line: Line, held: Purse) -> Prospect:
        """As the forecast of the whole page: used, and the pace for the days to come. `held` has the line."""
        stopper = held.stopper(line.scope) if self._is_current else None
        if not self._is_current or stopper:
            return Prospect(line, stopper=stopper)
        spent: dict[date, Decimal] = defaultdict(Decimal)
        for row in self._rows:
            if row["currency"] == held.currency:
                spent[row["day"]] += ledger.exact(row[f"of_{Scope(line.scope).value}"])
        pace, left = a_day(spent, self.today), days_left(self.today, self.month)
        days = int(line.left // pace) + 1 if pace and line.limit is not None else left + 1
        is_over = days <= left and not line.is_out
        return Prospect(line, line.used + pace * left, self.today + timedelta(days=days) if is_over else None)
