"""A project's running month in one line: what is spent, what the queue holds, and where it ends at this pace."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from generations import purse
from generations.report import Report
from teams.models import Scope

if TYPE_CHECKING:
    from datetime import date

    from generations.purse import Line, Purse
    from teams.models import Project


@dataclass(frozen=True)
class Outlook:
    """`forecast` as on the usage page: spent and held are part of it. Amounts in `currency`."""

    month: date
    currency: str
    line: Line
    forecast: Decimal

    @classmethod
    def of(cls, project: Project, held: Purse) -> Outlook:
        """`held` is somebody's purse of the project, of this month. One query."""
        month = purse.this_month(project.team)
        line = held.line(Scope.PROJECT)
        report = Report(project.team, project, month=month, currency=held.currency)
        return cls(month, held.currency, line, report.forecast or line.used)

    @property
    def spent(self) -> Decimal:
        return self.line.used - self.line.held

    @property
    def forecast_part(self) -> float:
        """Of the limit, what comes after spent and held; never beyond the bar's end."""
        if not self.line.limit:
            return 0.0
        rest = 1 - self.line.spent_part - self.line.held_part
        return max(0.0, min(rest, float((self.forecast - self.line.used) / self.line.limit)))

    @property
    def is_short(self) -> bool:
        """The budget ends before the month does, if it goes on like this."""
        return self.line.limit is not None and self.forecast > self.line.limit
