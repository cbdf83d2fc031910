"""Setting budgets: a small form per scope, saved one at a time; months that are over keep theirs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import is_time_zone
from generations import phrases, purse
from teams.activity import record
from teams.models import Budget, Membership, Scope, Team

if TYPE_CHECKING:
    from datetime import date

    from django.http import QueryDict

    from accounts.models import User
    from generations.models import WanAccount
    from teams.models import Project


class BudgetForm(forms.ModelForm):
    """`month` is the first from which it holds; one that is over can't be changed any more."""

    month = forms.DateField(
        label=gettext_lazy("From"),
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
        month: date = purse.month_of(self.cleaned_data["month"])
        if month < self.this_month:
            raise forms.ValidationError(_("This month is over. Its budget stays as it was."))
        return month


class ZoneForm(forms.ModelForm):
    class Meta:
        model = Team
        fields = ["time_zone"]

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        if zone:
            is_time_zone(zone)
        return zone


@dataclass(frozen=True)
class Row:
    """One scope with its form; `key` names it in the post."""

    key: str
    title: str
    hint: str
    form: BudgetForm


class Budgeting:
    """The page's forms. With `data`, the one that `data["which"]` names is bound to it."""

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

    def _row(self, key: str, title: str, hint: str, **of: Any) -> Row:
        identity = (of["scope"], *(of[name].pk if name in of else None for name in ("project", "person")))
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
        return Row(key, title, hint, form)

    def save(self) -> bool:
        """Save the form that was sent; False when its sentences have to be shown."""
        if self.which == "zone":
            is_good = self.zone.is_valid()
            return is_good and bool(self.zone.save())
        form = next((row.form for row in self.rows if row.key == self.which), None)
        if form is None or not form.is_valid():
            return False
        new = form.instance
        same = {name: getattr(new, name) for name in ("team", "scope", "project", "person", "currency", "month")}
        values = {name: getattr(new, name) for name in ("amount", "warn_at", "stops")}
        with transaction.atomic():
            Budget.objects.update_or_create(**same, defaults=values | {"set_by": self.by})
            self._record(new)
        return True

    def _record(self, budget: Budget) -> None:
        told: dict[str, Any] = {"scope": budget.scope, "name": self.project.name if budget.project_id else ""}
        if budget.amount is None:
            record("budget_freed", self.team, by=self.by, person=budget.person, **told)
            return
        amount = str(budget.amount)
        record("budget_set", self.team, by=self.by, person=budget.person, amount=amount, currency=self.currency, **told)
