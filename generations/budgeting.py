"""Setting budgets: a small form per scope, saved one at a time; months that are over keep theirs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import is_time_zone
from generations import ledger, phrases, purse
from generations.models import Spending
from generations.purse import Line
from teams.activity import record
from teams.models import Budget, Membership, Project, Scope, Team
from wanstudio.wrong_fields import WrongField

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.http import QueryDict

    from accounts.models import User
    from generations.models import WanAccount
    from teams.models import Project


YEARS_AHEAD = 5


class BudgetForm(forms.ModelForm):
    """`month` is the first from which it holds; one that is over can't be changed any more. Without one: this."""

    bound_field_class = WrongField

    month = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        input_formats=["%Y-%m", "%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
        error_messages={"invalid": gettext_lazy("Name the month like 2026-12.")},
    )

    class Meta:
        model = Budget
        fields = ["amount", "warn_at", "stops", "month"]
        widgets = {
            "amount": forms.NumberInput(attrs={"min": 0, "step": "0.01", "placeholder": gettext_lazy("no limit")})
        }
        error_messages = {
            "amount": {
                "invalid": gettext_lazy("Name an amount like 50 or 12.50, or leave it empty for no limit."),
                "min_value": gettext_lazy("A budget is 0 or more."),
                "max_digits": gettext_lazy("That is more than anybody can spend."),
                "max_whole_digits": gettext_lazy("That is more than anybody can spend."),
                "max_decimal_places": gettext_lazy("Cents are the smallest coin here."),
            },
            "warn_at": {
                "invalid": gettext_lazy("A whole number of percent, from 1 to 100."),
                "min_value": gettext_lazy("A whole number of percent, from 1 to 100."),
                "max_value": gettext_lazy("A whole number of percent, from 1 to 100."),
            },
        }

    def __init__(self, *args: Any, this_month: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.this_month = this_month

    def clean_month(self) -> date:
        month: date = purse.month_of(self.cleaned_data["month"] or self.this_month)
        if month < self.this_month:
            raise forms.ValidationError(_("This month is over. Its budget stays as it was."))
        if month.year > self.this_month.year + YEARS_AHEAD:
            raise forms.ValidationError(_("Name a month of the next five years."))
        return month


class ZoneForm(forms.ModelForm):
    bound_field_class = WrongField

    class Meta:
        model = Team
        fields = ["time_zone"]
        widgets = {"time_zone": forms.TextInput(attrs={"placeholder": settings.TIME_ZONE})}

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        if zone:
            is_time_zone(zone)
        return zone


@dataclass(frozen=True)
class Row:
    """One scope with its form; `key` names it in the post. `planned` budgets begin in months to come.

    `line` is what of this month's is used; None of what is nobody's in particular.
    """

    key: str
    title: str
    hint: str
    form: BudgetForm
    planned: Sequence[Budget]
    line: Line | None

    def find_planned(self, month: str) -> Budget | None:
        """As the post names it, like 2027-01."""
        return next((budget for budget in self.planned if f"{budget.month:%Y-%m}" == month), None)


class Budgeting:
    """The page's forms. With `data`, the one that `data["which"]` names is bound to it.

    `data["currency"]` is the one that the page spoke of; without it an amount is one of the account's.
    """

    def __init__(self, project: Project, by: User, account: WanAccount | None, data: QueryDict | None) -> None:
        self.project = project
        self.team = project.team
        self.by = by
        self.currency = account.currency if account else "USD"
        self.data = data
        self.which = data.get("which", "") if data else ""
        self.month = purse.this_month(self.team)

    @property
    def sign(self) -> str:
        return phrases.currency_sign(self.currency)

    @cached_property
    def zone(self) -> ZoneForm:
        return ZoneForm(self.data if self.which == "zone" else None, instance=self.team)

    @cached_property
    def rows(self) -> list[Row]:
        people = Membership.objects.filter(team=self.team).select_related("user").order_by("pk")
        rows = [
            self._row("team", _("The team"), _("All projects together."), scope=Scope.TEAM),
            self._row("project", self.project.name, _("This project."), scope=Scope.PROJECT, project=self.project),
            self._row("each", _("Each person"), _("Who has no budget of their own."), scope=Scope.PERSON),
        ]
        return rows + [
            self._row(f"person-{one.user.uuid}", one.user.display_name, "", scope=Scope.PERSON, person=one.user)
            for one in people
        ]

    @cached_property
    def _in_force(self) -> dict[tuple[Any, ...], Budget]:
        """By scope, project and person; the newest of each."""
        found: dict[tuple[Any, ...], Budget] = {}
        for budget in Budget.objects.filter(team=self.team).in_force(self.month, self.currency):
            found.setdefault((budget.scope, budget.project_id, budget.person_id), budget)
        return found

    @cached_property
    def _planned(self) -> dict[tuple[Any, ...], list[Budget]]:
        """By scope, project and person."""
        planned = defaultdict(list)
        later = Budget.objects.filter(team=self.team, currency=self.currency, month__gt=self.month)
        for budget in later.order_by("month"):
            planned[budget.scope, budget.project_id, budget.person_id].append(budget)
        return planned

    @cached_property
    def _spending(self) -> list[dict[str, Any]]:
        """Of this month, by project and person."""
        spending = Spending.objects.filter(team=self.team, currency=self.currency)
        return list(spending.between(self.month, purse.following(self.month)).sums("project", "person"))

    def _line(self, scope: str, **of: Any) -> Line | None:
        if scope == Scope.PERSON and "person" not in of:
            return None
        rows = [row for row in self._spending if all(row[name] == thing.pk for name, thing in of.items())]
        held = sum((ledger.exact(row["sum_reserved"]) for row in rows), Decimal(0))
        used = held + sum((ledger.exact(row["sum_cost"] + row["sum_possibly_charged"]) for row in rows), Decimal(0))
        budget = self._in_force.get(_identity(scope, **of))
        if budget is None and scope == Scope.PERSON:
            budget = self._in_force.get(_identity(scope))
        if budget is None:
            return Line(scope, used, held)
        return Line(scope, used, held, budget.amount, budget.warn_at, budget.stops)

    def _row(self, key: str, title: str, hint: str, **of: Any) -> Row:
        identity = _identity(**of)
        known = self._in_force.get(identity)
        names = ("amount", "warn_at", "stops")
        initial = {name: getattr(known, name) for name in names} if known else {"warn_at": 80, "stops": True}
        form = BudgetForm(
            self.data if self.which == key else None,
            initial=initial | {"month": self.month},
            instance=Budget(team=self.team, currency=self.currency, **of),
            this_month=self.month,
            prefix=key,
        )
        return Row(key, title, hint, form, self._planned.get(identity, ()), self._line(**of))

    def save(self) -> str:
        """Do what was sent, and say so; "" when the sentences of its form have to be shown."""
        if self.which == "zone":
            return _("Saved. It holds from now on.") if self.zone.is_valid() and self.zone.save() else ""
        row = next((row for row in self.rows if row.key == self.which), None)
        month = self.data.get("drop", "") if self.data else ""
        if row and month:
            return self._other_currency or self._take_back(row.find_planned(month))
        if row and self._other_currency:
            row.form.add_error("amount", self._other_currency)
        return self._set(row.form.instance) if row and row.form.is_valid() else ""

    @property
    def is_of_nobody(self) -> bool:
        """Whether what was sent is for somebody who has left since, or for nothing that has a budget."""
        return self.which != "zone" and all(row.key != self.which for row in self.rows)

    @property
    def _other_currency(self) -> str:
        """Why nothing is changed: the account bills in another currency since the page was opened."""
        if not self.data or self.data.get("currency", self.currency) == self.currency:
            return ""
        return _("The account bills in %(sign)s now. Nothing was changed.") % {"sign": self.sign}

    def _take_back(self, planned: Budget | None) -> str:
        if planned is None:
            return _("This budget holds already, or was taken back before.")
        with transaction.atomic():
            planned.delete()
            self._record("budget_dropped", planned)
        return _("Taken back. What holds now goes on.")

    def _set(self, new: Budget) -> str:
        same = {name: getattr(new, name) for name in ("team", "scope", "project", "person", "currency", "month")}
        values = {name: getattr(new, name) for name in ("amount", "warn_at", "stops")}
        with transaction.atomic():
            if new.project and not Project.objects.select_for_update().filter(pk=new.project.pk, team=self.team):
                return _("The project has just moved to another team. Nothing was changed.")
            Budget.objects.update_or_create(**same, defaults=values | {"set_by": self.by})
            is_planned = new.month > self.month
            verb = "budget_freed" if new.amount is None else "budget_set"
            self._record(f"{verb}_from" if is_planned else verb, new)
        if not is_planned:
            return _("Saved. It holds from now on.")
        return _("Saved. It holds from %(month)s on.") % {"month": date_format(new.month, "F Y")}

    def _record(self, verb: str, budget: Budget) -> None:
        told: dict[str, Any] = {"scope": budget.scope, "name": self.project.name if budget.project_id else ""}
        told["month"] = budget.month.isoformat()
        if budget.amount is not None:
            told |= {"amount": str(budget.amount), "currency": self.currency}
        record(verb, self.team, by=self.by, person=budget.person, **told)


def _identity(scope: str, **of: Any) -> tuple[Any, ...]:
    """What tells one budget's row from the others."""
    return (scope, *(of[name].pk if name in of else None for name in ("project", "person")))
