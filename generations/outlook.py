"""A project's running month in one line: what is spent, what the queue holds, and where it ends at this pace."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from generations import phrases, purse
from generations.report import Report
from teams.models import Scope

if TYPE_CHECKING:
    from datetime import date

    from generations.purse import Line, Purse
    from teams.models import Project


@dataclass(frozen=True)
class Outlook:
    """`forecast` and `stopper` as on the usage page: spent and held are part of it. `by_person`: what whom has spent.

    Persons by their keys. Amounts in `currency`. `wider`: sentences about the other budgets that bind a press here.
    """

    month: date
    currency: str
    line: Line
    forecast: Decimal
    by_person: dict[int, Decimal]
    wider: list[str]
    each: Line  # as the purse has it
    stopper: Line | None

    @classmethod
    def of(cls, project: Project, held: Purse) -> Outlook:
        """`held` is somebody's purse of the project, of this month. One query."""
        month = purse.this_month(project.team)
        line = held.line(Scope.PROJECT)
        report = Report(project.team, project, month=month, currency=held.currency)
        report.bind(held)
        others = [line for line in held.lines if line.limit is not None and line.scope != Scope.PROJECT]
        wider = [held.left_of(one) for one in others]
        forecast, people = report.forecast or line.used, report.spent_by_person
        return cls(month, held.currency, line, forecast, people, wider, held.each, report.stopper)

    @property
    def sign(self) -> str:
        return phrases.currency_sign(self.currency)

    @property
    def end(self) -> date:
        """The first day of the next month."""
        return purse.following(self.month)

    @property
    def forecast_part(self) -> float:
        return self.line.ahead_part(self.forecast)

    @property
    def is_short(self) -> bool:
        """The budget ends before the month does, if it goes on like this; one that has ended is not short."""
        return self.line.limit is not None and not self.line.is_out and self.forecast > self.line.limit
