"""Budgets in another currency than an account bills in: money is never converted, so they limit nothing it pays."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from dashscope_client import catalogue
from generations import phrases, purse
from teams.models import Budget, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User
    from generations.models import WanAccount
    from teams.models import Project, Team

CURRENCIES = sorted({region.currency for region in catalogue.REGIONS.values()})


@dataclass(frozen=True)
class Unbound:
    """One budget, for whoever reads what it limits. `is_alone`: there is none beside it in the currency asked for."""

    title: str
    money: str
    sign: str
    is_alone: bool = True

    @classmethod
    def of(cls, budget: Budget, *, is_alone: bool = True) -> Unbound:
        amount = phrases.Price(budget.amount or Decimal(0), budget.currency)
        return cls(_title(budget), phrases.money(amount), phrases.currency_sign(budget.currency), is_alone)

    def __str__(self) -> str:
        return _("%(title)s (%(money)s)") % {"title": self.title, "money": self.money}


class Budgets:
    """All that are in force in a team this month, in any currency; asked for once."""

    def __init__(self, team: Team) -> None:
        self.team = team

    @cached_property
    def _in_force(self) -> dict[tuple[object, ...], Budget]:
        """The newest of each scope and currency; without those that an administrator gives."""
        rows = Budget.objects.filter(team=self.team, month__lte=purse.this_month(self.team))
        rows = rows.exclude(scope=Scope.INSTALLATION).select_related("project__account", "person").order_by("-month")
        found: dict[tuple[object, ...], Budget] = {}
        for row in rows:
            found.setdefault((*_whose(row), row.currency), row)
        return {key: row for key, row in found.items() if row.amount is not None}

    def beside(self, currency: str) -> list[Budget]:
        """Those of other currencies, the widest first."""
        order = list(Scope)
        rows = [row for row in self._in_force.values() if row.currency != currency]
        return sorted(rows, key=lambda row: (order.index(Scope(row.scope)), row.pk))

    def missed(self, currency: str) -> list[Budget]:
        """Those of `beside` for which there is none in this currency."""
        return [row for row in self.beside(currency) if (*_whose(row), currency) not in self._in_force]


def shown(project: Project, currency: str, reader: User | None) -> list[Unbound]:
    """What of it concerns takes in this project; `reader` None: all people's, too, as an owner sees them."""
    budgets = Budgets(project.team)
    rows, alone = budgets.beside(currency), budgets.missed(currency)
    rows = [row for row in rows if row.project_id in (None, project.pk)]
    if reader is not None:
        rows = [row for row in rows if row.person_id in (None, reader.pk)]
    return [Unbound.of(row, is_alone=row in alone) for row in rows]


def warnings(team: Team, currencies: Iterable[str] = CURRENCIES, *, project: Project | None = None) -> list[str]:
    """For whoever chooses an account: what would not limit it, and what to do, for each currency that it may bill in.

    `project`: it is chosen for this one only, and not for all that use the team's usual account.
    """
    then = _("Once such an account pays, set budgets in %(sign)s on the page of budgets.")
    found = {currency: _missed(team, currency, project) for currency in sorted(set(currencies))}
    return [f"{words} {_in(currency, then)}" for currency, words in found.items() if words]


def warning(team: Team, account: WanAccount | None, *, project: Project | None = None) -> str:
    """After an account was chosen: what limits nothing of it by now, and what to do; "" when all does."""
    words = _missed(team, account.currency, project) if account else ""
    return (
        f"{words} {_in(account.currency, _('Set some in %(sign)s on the page of budgets.'))}"
        if account and words
        else ""
    )


def _missed(team: Team, currency: str, project: Project | None) -> str:
    rows = [row for row in Budgets(team).missed(currency) if _concerns(row, project)]
    if not rows:
        return ""
    which = _("Budgets that limit no account that bills in %(sign)s: %(budgets)s.") % {
        "sign": phrases.currency_sign(currency),
        "budgets": ", ".join(str(Unbound.of(row)) for row in rows),
    }
    why = _("They are in another currency, and amounts are never converted.")
    return f"{which} {why}"


def _in(currency: str, words: str) -> str:
    return words % {"sign": phrases.currency_sign(currency)}


def _concerns(budget: Budget, project: Project | None) -> bool:
    if budget.project is None:
        return True
    if project is not None:
        return budget.project == project
    chosen = budget.project.account
    return budget.project.deleted_at is None and (chosen is None or chosen.closed_at is not None)


def _whose(budget: Budget) -> tuple[object, ...]:
    return budget.scope, budget.project_id, budget.person_id


def _title(budget: Budget) -> str:
    if budget.project is not None:
        return budget.project.name
    if budget.scope == Scope.TEAM:
        return _("The team")
    return budget.person.display_name if budget.person is not None else _("Each person")
