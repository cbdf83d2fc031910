"""What may still be spent: this month's spending beside the budgets of team, project and person.

One query tells it all. Before a press it is asked under the team's lock, so that many at once never overdraw it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import JSONObject
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations import clock, ledger, phrases
from generations.models import Spending
from teams.models import Budget, Scope, Team

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from django.utils.functional import Promise

    from accounts.models import User
    from generations.models import WanAccount
    from teams.models import Project

SHORT: dict[str, str | Promise] = {
    Scope.INSTALLATION: gettext_lazy(
        "This needs %(needed)s, your team may spend %(left)s more %(when)s. An administrator can raise that."
    ),
    Scope.TEAM: gettext_lazy("This needs %(needed)s, the team has %(left)s left %(when)s."),
    Scope.PROJECT: gettext_lazy("This needs %(needed)s, the project has %(left)s left %(when)s."),
    Scope.PERSON: gettext_lazy("This needs %(needed)s, you have %(left)s left %(when)s."),
}
SHORT_OF_ANOTHER = gettext_lazy("This needs %(needed)s, %(person)s has %(left)s left %(when)s.")
NEAR: dict[str, str | Promise] = {
    Scope.INSTALLATION: gettext_lazy("Your team may spend %(left)s more %(when)s."),
    Scope.TEAM: gettext_lazy("The team has %(left)s left %(when)s."),
    Scope.PROJECT: gettext_lazy("The project has %(left)s left %(when)s."),
    Scope.PERSON: gettext_lazy("You have %(left)s left %(when)s."),
}
TITLES: dict[str, str | Promise] = {
    Scope.INSTALLATION: gettext_lazy("The team, on the installation's account"),
    Scope.TEAM: gettext_lazy("The team"),
    Scope.PROJECT: gettext_lazy("This project"),
    Scope.PERSON: gettext_lazy("You"),
}
UNFUNDED = gettext_lazy("An administrator has to give your team a budget for the installation's account first.")


@dataclass(frozen=True)
class Line:
    """The month of one scope. Amounts in the purse's currency; `held` is part of `used`.

    `limit` None: no budget, or one that says so; its `warn_at` and `stops` are kept for the next one.
    """

    scope: str
    used: Decimal
    held: Decimal = Decimal(0)
    limit: Decimal | None = None
    warn_at: int = 80
    stops: bool = True

    @property
    def spent(self) -> Decimal:
        """Charged or possibly charged: what is used without what is held."""
        return self.used - self.held

    @property
    def left(self) -> Decimal:
        """Never less than nothing; only of a line with a limit. Spent, held and left are the limit."""
        return max(Decimal(0), (self.limit or Decimal(0)) - self.used)

    @property
    def over(self) -> Decimal:
        """What is used beyond a limit, which was lowered since or only warns."""
        return Decimal(0) if self.limit is None else max(Decimal(0), self.used - self.limit)

    @property
    def is_out(self) -> bool:
        return self.limit is not None and self.used >= self.limit

    @property
    def is_stopping(self) -> bool:
        """Nothing that costs anything may be made any more %(when)s."""
        return self.is_out and self.stops

    @property
    def share(self) -> float:
        """Of the limit that is used, up to 1; nothing may be spent of a limit of 0."""
        return self._part(self.used) if self.limit else 1.0

    @property
    def title(self) -> str:
        return str(TITLES[self.scope])

    @property
    def spent_part(self) -> float:
        """Of the limit, up to 1; `held_part` comes after it."""
        return self._part(self.spent)

    @property
    def held_part(self) -> float:
        return min(self._part(self.held), 1 - self.spent_part)

    def ahead_part(self, forecast: Decimal) -> float:
        """Of the limit, what comes after spent and held; never beyond the bar's end."""
        rest = 1 - self.spent_part - self.held_part
        return max(0.0, min(rest, self._part(forecast - self.used)))

    def _part(self, amount: Decimal) -> float:
        return min(1.0, float(amount / self.limit)) if self.limit else 0.0

    @property
    def is_near(self) -> bool:
        return self.limit is not None and self.used * 100 >= self.limit * self.warn_at

    def crossed_by(self, amount: Decimal) -> str:
        """The word of teams.verbs for the border that it leads over; "" when over none."""
        after = self.used + amount
        if self.limit is None or self.is_out:
            return ""
        if after >= self.limit:
            return "budget_out"
        return "budget_near" if not self.is_near and after * 100 >= self.limit * self.warn_at else ""

    def allows(self, amount: Decimal) -> bool:
        return self.limit is None or not self.stops or self.used + amount <= self.limit


@dataclass(frozen=True)
class Purse:
    """The lines that a press has to fit into, the widest first. Budgets of other currencies bind nothing of it."""

    currency: str
    month: date
    person: User
    lines: Sequence[Line] = field(default_factory=list)
    when: str = ""  # the month, as a sentence ends with it
    is_unfunded: bool = False
    has_other_currencies: bool = False
    each: Line = Line(Scope.PERSON, Decimal(0))  # what holds for whoever has no budget of their own
    beside: Mapping[str, Any] = field(default_factory=dict)  # what was read along

    def line(self, scope: str) -> Line:
        return next((line for line in self.lines if line.scope == scope), Line(scope, Decimal(0)))

    def stopper(self, scope: str) -> Line | None:
        """The line by which nothing that costs anything may be made in this scope any more: the team's, or its own."""
        binding = (Scope.INSTALLATION, Scope.TEAM, scope)
        return next((line for line in self.lines if line.scope in binding and line.is_stopping), None)

    @property
    def shown(self) -> Line:
        """The one for the top bar: the project's if it has a budget, else the team's."""
        project = self.line(Scope.PROJECT)
        installation, team = self.line(Scope.INSTALLATION), self.line(Scope.TEAM)
        with_limit = [line for line in (project, team, installation) if line.limit is not None]
        return with_limit[0] if with_limit else team

    @property
    def spent(self) -> phrases.Price:
        return self.price(self.shown.used)

    def price(self, amount: Decimal) -> phrases.Price:
        return phrases.Price(amount, self.currency)

    def objection(self, amount: Decimal, reader: User | None = None) -> str:
        """Why this amount may not be spent; "" when it may. What costs nothing always may.

        `reader` None: whose purse it is.
        """
        if not amount:
            return ""
        if self.is_unfunded:
            return str(UNFUNDED)
        short = [line for line in self.lines if not line.allows(amount)]
        if not short:
            return ""
        line = min(short, key=lambda line: line.left)
        if line.scope == Scope.PERSON and reader not in (None, self.person):
            return self._say(SHORT_OF_ANOTHER, line, needed=self._words(amount), person=self.person.display_name)
        return self._say(SHORT[line.scope], line, needed=self._words(amount))

    @property
    def warnings(self) -> list[str]:
        return [self.left_of(line) for line in self.lines if line.is_near]

    def left_of(self, line: Line) -> str:
        """A sentence about a line with a limit."""
        return self._say(NEAR[line.scope], line)

    @property
    def notes(self) -> list[str]:
        """What stands at the button: money that the queue holds, and budgets that near their end."""
        held = self.line(Scope.TEAM).held
        words = [_("%(money)s held already") % {"money": self._words(held)}] if held else []
        return [*words, *self.warnings]

    @property
    def stop(self) -> tuple[Decimal, str] | None:
        """What a press may cost at most, and the sentence for one that costs {needed}; None: anything."""
        if self.is_unfunded:
            return Decimal(0), str(UNFUNDED)
        stopping = [line for line in self.lines if line.limit is not None and line.stops]
        line = min(stopping, key=lambda line: line.left, default=None)
        if line is None:
            return None
        return line.left, self._say(SHORT[line.scope], line, needed="{needed}")

    def _say(self, sentence: str | Promise, line: Line, **words: str) -> str:
        return str(sentence) % {"left": self._left(line), "when": self.when, **words}

    def _words(self, amount: Decimal) -> str:
        return phrases.money(self.price(amount))

    def _left(self, line: Line) -> str:
        return phrases.money_left(self.price(line.left))


def month_of(day: date) -> date:
    return day.replace(day=1)


def following(month: date) -> date:
    """The first day of the next month."""
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def this_month(team: Team) -> date:
    return month_of(ledger.day_of(clock.now(), team))


def purse_of(
    project: Project,
    person: User,
    account: WanAccount | None,
    *,
    month: date | None = None,
    lock: bool = False,
    beside: Mapping[str, Subquery | Exists] | None = None,
) -> Purse:
    """Of one month (None: this one) as this person may spend in this project. `lock` keeps other presses waiting.

    `beside` is read along, for a page that shows more than the purse.
    """
    team = project.team
    running = this_month(team)
    month = month or running
    currency = account.currency if account else "USD"
    if lock:
        Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    is_guest = account is not None and account.is_installations and not account.is_demo
    facts = _facts(project, person, currency, month, beside or {})
    lines = [
        *([_line(Scope.INSTALLATION, facts, "guest", facts["installation"])] if is_guest else []),
        _line(Scope.TEAM, facts, "team", facts["of_team"]),
        _line(Scope.PROJECT, facts, "project", facts["of_project"]),
        _line(Scope.PERSON, facts, "person", facts["own"] or facts["each"]),
    ]
    is_administrators = team.personal_of is not None and team.personal_of.is_superuser
    return Purse(
        currency,
        month,
        person,
        lines,
        when=_("this month") if month == running else _("in %(month)s") % {"month": date_format(month, "F Y")},
        is_unfunded=is_guest and not is_administrators and not facts["installation"],
        has_other_currencies=facts["elsewhere"],
        each=_line(Scope.PERSON, facts, "person", facts["each"]),
        beside={name: facts[name] for name in beside or ()},
    )


def _facts(
    project: Project, person: User, currency: str, month: date, beside: Mapping[str, Subquery | Exists]
) -> dict[str, Any]:
    """Sums and budgets of all scopes, in one query."""
    spending = Spending.objects.between(month, following(month)).filter(team=OuterRef("pk"), currency=currency)
    used = F("reserved") + F("cost") + F("possibly_charged")
    scopes = {"guest": Q(is_installations=True), "team": Q()}
    scopes |= {"project": Q(project=project), "person": Q(person=person)}
    sums = {name: Sum(used, filter=which) for name, which in scopes.items()}
    sums |= {f"{name}_held": Sum("reserved", filter=which) for name, which in scopes.items()}
    budgets = Budget.objects.filter(team=OuterRef("pk")).in_force(month, currency)
    annotations = {
        "sums": spending.order_by().values("team").annotate(facts=JSONObject(**sums)).values("facts"),
        "installation": budgets.filter(scope=Scope.INSTALLATION).as_facts(),
        "of_team": budgets.filter(scope=Scope.TEAM).as_facts(),
        "of_project": budgets.filter(project=project).as_facts(),
        "own": budgets.filter(person=person).as_facts(),
        "each": budgets.filter(scope=Scope.PERSON, person=None).as_facts(),
    }
    found = Team.objects.annotate(**{name: Subquery(query) for name, query in annotations.items()})
    elsewhere = Budget.objects.filter(team=OuterRef("pk"), month__lte=month).exclude(currency=currency)
    return found.values(*annotations, elsewhere=Exists(elsewhere), **beside).get(pk=project.team_id)


def _line(scope: str, facts: dict[str, Any], name: str, budget: dict[str, Any] | None) -> Line:
    sums = facts["sums"] or {}
    used, held = ledger.exact(sums.get(name)), ledger.exact(sums.get(f"{name}_held"))
    if budget is None:
        return Line(scope, used, held)
    limit = None if budget["amount"] is None else ledger.exact(budget["amount"])
    return Line(scope, used, held, limit, int(budget["warn_at"]), bool(budget["stops"]))
