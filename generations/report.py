"""A month of money as the usage page tells it: read from the daily sums; only what was kept is asked of the takes."""

from __future__ import annotations

import calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from generations import clock, ledger, pace, phrases, purse
from generations.chart import Chart
from generations.models import Generation, LedgerEntry, Pick, Spending
from generations.models.ledger import PRESSED
from teams.models import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from generations.models.spending import SpendingQuerySet
    from generations.purse import Line, Purse
    from teams.models import Project, Team

KEPT_FROM = 4  # stars
CALLED = ("name", "email", "purged_at")  # what tells the name of a person
ZERO = Decimal(0)


@dataclass(frozen=True)
class Bar:
    """`share` of the longest bar of its list, 0 to 1."""

    name: str
    says: str
    share: float
    note: str = ""


class Report:
    """Of what a team paid in a project, or in all of them (`project` None), in one currency.

    A project that came from another team left its books there, and one that moved away keeps them here, unnamed: what
    it is called by now is the other team's.
    """

    def __init__(self, team: Team, project: Project | None, *, month: date, currency: str) -> None:
        self.team = team
        self.project = project
        self.month = month
        self.currency = currency
        self.end = purse.following(month)
        self.today = ledger.day_of(clock.now(), team)
        self.line: Line | None = None
        self.stopper: Line | None = None

    def bind(self, held: Purse) -> None:
        """To the budgets of somebody's purse of the month, unless it is of another currency."""
        if held.currency == self.currency:
            self.line = held.line(self.scope)
            self.stopper = held.stopper(self.scope) if self.is_current else None

    @property
    def limit(self) -> Decimal | None:
        return self.line.limit if self.line else None

    @property
    def scope(self) -> str:
        return Scope.TEAM if self.project is None else Scope.PROJECT

    @property
    def is_current(self) -> bool:
        return self.month <= self.today < self.end

    def rows(self, *, since: date | None = None) -> SpendingQuerySet:
        spending = Spending.objects.filter(currency=self.currency, **self._paid)
        return spending.between(since or self.month, self.end)

    @property
    def presses(self) -> QuerySet[LedgerEntry]:
        """The first entry of each take that the month pays for."""
        of_month = {"day__gte": self.month, "day__lt": self.end, "currency": self.currency}
        return LedgerEntry.objects.filter(kind=PRESSED, **of_month, **self._paid)

    @property
    def _paid(self) -> dict[str, Any]:
        return {"team": self.team} if self.project is None else {"team": self.team, "project": self.project}

    def name_of(self, team: int, name: str) -> str:
        """Of a project, for the readers of the report; `team` has it now."""
        return name if team == self.team.pk else _("A project that moved away")

    @cached_property
    def _days(self) -> list[dict[str, Any]]:
        """By day, resolution and person; of the running month with the days before it that the pace is taken from."""
        since = min(self.month, pace.begins(self.today)) if self.is_current else self.month
        return list(self.rows(since=since).sums("day", "resolution", "person").order_by("day", "resolution"))

    @cached_property
    def _inside(self) -> list[dict[str, Any]]:
        return [row for row in self._days if row["day"] >= self.month]

    # Totals

    @cached_property
    def spent(self) -> Decimal:
        return sum(map(_spent, self._inside), ZERO)

    @cached_property
    def held(self) -> Decimal:
        return sum((ledger.exact(row["sum_reserved"]) for row in self._inside), ZERO)

    @cached_property
    def possibly(self) -> Decimal:
        return sum((ledger.exact(row["sum_possibly_charged"]) for row in self._inside), ZERO)

    def count(self, name: str) -> int:
        return sum(row[f"sum_{name}"] for row in self._inside)

    @property
    def clips(self) -> int:
        return self.count("clips")

    @property
    def seconds(self) -> int:
        return self.count("seconds")

    @cached_property
    def forecast(self) -> Decimal | None:
        """Spent and held, and the pace of the last 14 days for the days to come; only of the running month.

        Where a budget lets nothing more be spent, it stays at that.
        """
        if not self.is_current:
            return None
        if self.stopper:
            return self.spent + self.held
        spent: dict[date, Decimal] = defaultdict(Decimal)
        for row in self._days:
            spent[row["day"]] += _spent(row)
        return self.spent + self.held + pace.a_day(spent, self.today) * pace.days_left(self.today, self.month)

    @cached_property
    def kept(self) -> int:
        """Clips of the month that somebody wants: picked, rated 4 or 5, or a favourite, and not in the trash."""
        takes = Generation.objects.kept().filter(pk__in=self.presses.values("generation"))
        wanted = Q(pick=Pick.PICKED) | Q(rating__gte=KEPT_FROM) | Q(favourites__isnull=False)
        return takes.filter(wanted, ready_at__isnull=False).distinct().count()

    @property
    def per_kept(self) -> Decimal | None:
        return self.spent / self.kept if self.kept else None

    def price(self, amount: Decimal) -> phrases.Price:
        return phrases.Price(amount, self.currency)

    def money(self, amount: Decimal) -> str:
        return phrases.money(self.price(amount))

    # Lists

    @cached_property
    def spent_by_person(self) -> dict[int, Decimal]:
        """By their keys; whoever spent nothing is left out."""
        spent: dict[int, Decimal] = defaultdict(Decimal)
        for row in self._inside:
            spent[row["person"]] += _spent(row)
        return dict(spent)

    @cached_property
    def _parts(self) -> list[dict[str, Any]]:
        """By person and project."""
        project = ("project", "project__name", "project__team")
        return list(self.rows().sums("person", *(f"person__{name}" for name in CALLED), *project))

    @property
    def by_person(self) -> list[Bar]:
        named = (row | {"name": _called(row)} for row in self._parts)
        return self._bars(named, "person", "name")

    @property
    def by_project(self) -> list[Bar]:
        named = (row | {"name": self.name_of(row["project__team"], row["project__name"])} for row in self._parts)
        return self._bars(named, "project", "name")

    @property
    def by_resolution(self) -> list[Bar]:
        return self._bars(self._inside, "resolution", "resolution")

    def _bars(self, rows: Iterable[dict[str, Any]], one: str, name: str) -> list[Bar]:
        """One for each `one`, dearest first."""
        grouped: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            grouped[row[one]].append(row)
        named = [(rows[0][name], _merged(rows)) for rows in grouped.values()]
        ordered = sorted(((_spent(row), name, row) for name, row in named), key=lambda item: (-item[0], item[1]))
        most = ordered[0][0] if ordered else ZERO
        return [
            Bar(name, self.money(spent), float(spent / most) if most else 0.0, _clips(row["sum_clips"]))
            for spent, name, row in ordered
        ]

    @property
    def endings(self) -> list[Bar]:
        on_the_way = self.count("takes") - sum(self.count(name) for name in ("clips", "failed", "canceled", "lost"))
        counted = [
            (_("Finished"), self.clips),
            (_("Failed, free"), self.count("failed")),
            (_("Canceled"), self.count("canceled")),
            (_("Lost"), self.count("lost")),
            (_("On the way"), on_the_way),
        ]
        most = max(number for _name, number in counted) or 1
        return [Bar(name, str(number), number / most) for name, number in counted if number]

    # Day by day

    @cached_property
    def chart(self) -> Chart | None:
        """None while nothing was charged and no budget draws a line."""
        if not self.spent and self.limit is None:
            return None
        days = calendar.monthrange(self.month.year, self.month.month)[1]
        amounts: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for row in self._inside:
            amounts[row["day"].day][row["resolution"]] += _spent(row)
        until = self.today.day if self.is_current else days
        return Chart(days, amounts, until=until, forecast=self.forecast, limit=self.limit)

    @property
    def table(self) -> list[tuple[date, str, str, int]]:
        """Day, resolution, spent, clips: the chart in figures."""
        cells = groupby(self._inside, key=lambda row: (row["day"], row["resolution"]))
        sums = [(*cell, _merged(list(rows))) for cell, rows in cells]
        return [
            (day, resolution, self.money(_spent(row)), row["sum_clips"])
            for day, resolution, row in sums
            if _spent(row) or row["sum_clips"]
        ]


def _called(row: dict[str, Any]) -> str:
    return User(**{name: row[f"person__{name}"] for name in CALLED}).display_name


def _spent(row: dict[str, Any]) -> Decimal:
    """Charged or possibly charged."""
    return ledger.exact(row["sum_cost"]) + ledger.exact(row["sum_possibly_charged"])


def _merged(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: sum(row[name] for row in rows) for name in ("sum_cost", "sum_possibly_charged", "sum_clips")}


def _clips(count: int) -> str:
    return ngettext("%(count)s clip", "%(count)s clips", count) % {"count": count}
