"""Who would pay for a new take beside an old one, and what it would cost: told before a retry or a print is pressed."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from generations import phrases, pricing
from generations.models import WanAccount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from generations.models import Generation
    from teams.models import Project

JOINED = ("project__account", "project__team__personal_of")  # what takes of several projects bring along


class Payers:
    """By project; asked once for each project that chose an account, and once for each team.

    `account` is asked for what pays in `project`, the page's own, which knows it.
    """

    def __init__(self, project: Project | None = None, account: Callable[[], WanAccount | None] | None = None) -> None:
        self._here, self._account = project, account
        self._of_projects: dict[int, WanAccount | None] = {}
        self._of_teams: dict[int, WanAccount | None] = {}

    def of(self, take: Generation) -> WanAccount | None:
        if take.project_id not in self._of_projects:
            self._of_projects[take.project_id] = self._find(take)
        return self._of_projects[take.project_id]

    def _find(self, take: Generation) -> WanAccount | None:
        if self._here is not None and self._account is not None:
            is_usual = self._here.account_id is None and take.team_id == self._here.team_id
            if take.project_id == self._here.pk or (is_usual and take.project.account_id is None):
                return self._account()
        if take.project.account_id is not None:
            return WanAccount.objects.for_project(take.project)
        if take.team_id not in self._of_teams:
            self._of_teams[take.team_id] = WanAccount.objects.for_team(take.project.team)
        return self._of_teams[take.team_id]


class Total:
    """What so many takes would cost once more, each currency for itself."""

    def __init__(self, takes: Iterable[Generation], payers: Payers) -> None:
        self._sums: dict[str, Decimal] = defaultdict(Decimal)
        for take in takes:
            if account := payers.of(take):
                price = pricing.quote(account, take.model, take.resolution, take.duration)
                self._sums[price.currency] += price.amount

    @property
    def quoted(self) -> str:
        """As a page sends back what it showed: "USD 1.5000"; "none" where nobody would pay."""
        return " ".join(f"{currency} {self._sums[currency]:.4f}" for currency in sorted(self._sums)) or "none"

    @property
    def words(self) -> str:
        """ "" where it costs nothing."""
        prices = (phrases.Price(amount, currency) for currency, amount in sorted(self._sums.items()) if amount)
        return ", ".join(map(phrases.money, prices))


def price_words(account: WanAccount | None, model: str, resolution: str, seconds: int) -> str:
    """ "" in the demo and where nobody would pay."""
    if account is None or account.is_demo:
        return ""
    return phrases.money(pricing.quote(account, model, resolution, seconds))
