"""A month of money as the usage page tells it: read from the daily sums; only what was kept is asked of the takes."""

from __future__ import annotations

import calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations import clock, ledger, phrases, purse
from generations.chart import Chart
from generations.models import Generation, Pick, Spending
from teams.models import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generations.models.spending import SpendingQuerySet
    from teams.models import Project, Team

PACE_DAYS = 14
KEPT_FROM = 4  # stars
ZERO = Decimal(0)


@dataclass(frozen=True)
class Bar:
    """`share` of the longest bar of its list, 0 to 1."""

    name: str
    says: str
    share: float
    note: str = ""


class Report:
    """Of a project, or of the whole team (`project` None), in one currency."""

    def __init__(self, team: Team, project: Project | None, *, month: date, currency: str) -> None:
        self.team = team
        self.project = project
        self.month = month
        self.currency = currency
        self.end = purse.following(month)
        self.today = ledger.day_of(clock.now(), team)
        self.limit: Decimal | None = None

    @property
    def scope(self) -> str:
        return Scope.TEAM if self.project is None else Scope.PROJECT

    @property
    def is_current(self) -> bool:
        return self.month <= self.today < self.end

    @cached_property
    def currencies(self) -> list[str]:
        """Of the team's month; they are never added up."""
        spending = Spending.objects.filter(team=self.team).between(self.month, self.end)
        return sorted({self.currency, *spending.order_by().values_list("currency", flat=True).distinct()})

    def rows(self, *, since: date | None = None) -> SpendingQuerySet:
        of = {"team": self.team} if self.project is None else {"project": self.project}
        spending = Spending.objects.filter(currency=self.currency, **of)
        return spending.between(since or self.month, self.end)

    @cached_property
    def _days(self) -> list[dict[str, Any]]:
        """By day and resolution; of the running month with the days before it that the pace is taken from."""
        since = min(self.month, self._pace_from) if self.is_current else self.month
        return list(self.rows(since=since).sums("day", "resolution").order_by("day", "resolution"))

    @cached_property
    def _inside(self) -> list[dict[str, Any]]:
        return [row for row in self._days if row["day"] >= self.month]

    @property
    def _pace_from(self) -> date:
        return self.today - timedelta(days=PACE_DAYS - 1)

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
        """Spent and held, and the pace of the last 14 days for the days to come; only of the running month."""
        if not self.is_current:
            return None
        recent = [row for row in self._days if row["day"] >= self._pace_from and _spent(row)]
        if not recent:
            return self.spent + self.held
        days = (self.today - min(row["day"] for row in recent)).days + 1
        pace = sum(map(_spent, recent), ZERO) / days
        return self.spent + self.held + pace * (self.end - self.today - timedelta(days=1)).days

    @cached_property
    def kept(self) -> int:
        """Clips of the month that somebody wants: picked, rated 4 or 5, or a favourite, and not in the trash."""
        of = {"team": self.team} if self.project is None else {"project": self.project}
        begin, end = (datetime.combine(day, datetime.min.time(), self.team.zone) for day in (self.month, self.end))
        takes = Generation.objects.kept().filter(created_at__gte=begin.astimezone(UTC), created_at__lt=end, **of)
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
    def _parts(self) -> list[dict[str, Any]]:
        """By person and project."""
        return list(self.rows().sums("person", "person__name", "person__email", "project", "project__name"))

    @property
    def by_person(self) -> list[Bar]:
        named = (row | {"name": row["person__name"] or row["person__email"].partition("@")[0]} for row in self._parts)
        return self._bars(named, "person", "name")

    @property
    def by_project(self) -> list[Bar]:
        return self._bars(self._parts, "project", "project__name")

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
    def chart(self) -> Chart:
        days = calendar.monthrange(self.month.year, self.month.month)[1]
        amounts: dict[int, dict[str, Decimal]] = defaultdict(dict)
        for row in self._inside:
            amounts[row["day"].day][row["resolution"]] = _spent(row)
        until = self.today.day if self.is_current else days
        return Chart(days, amounts, until=until, forecast=self.forecast, limit=self.limit)

    @property
    def table(self) -> list[tuple[date, str, str, int]]:
        """Day, resolution, spent, clips: the chart in figures."""
        rows = [row for row in self._inside if _spent(row) or row["sum_clips"]]
        return [(row["day"], row["resolution"], self.money(_spent(row)), row["sum_clips"]) for row in rows]


def _spent(row: dict[str, Any]) -> Decimal:
    """Charged or possibly charged."""
    return ledger.exact(row["sum_cost"]) + ledger.exact(row["sum_possibly_charged"])


def _merged(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: sum(row[name] for row in rows) for name in ("sum_cost", "sum_possibly_charged", "sum_clips")}


def _clips(count: int) -> str:
    return ngettext("%(count)s clip", "%(count)s clips", count) % {"count": count}
