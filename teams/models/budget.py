from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import date


class Scope(models.TextChoices):
    """Whose spending a budget limits."""

    INSTALLATION = "installation", _("Team, on the installation's account")
    TEAM = "team", _("Team")
    PROJECT = "project", _("Project")
    PERSON = "person", _("Person")


class BudgetQuerySet(models.QuerySet["Budget"]):
    def in_force(self, month: date, currency: str) -> BudgetQuerySet:
        """Newest first: the first of each scope holds in that month."""
        return self.filter(month__lte=month, currency=currency).order_by("-month")

    def as_facts(self) -> models.QuerySet[Budget, Any]:
        """The first one as one JSON value, for a subquery."""
        facts = JSONObject(amount="amount", warn_at="warn_at", stops="stops")
        return self.annotate(facts=facts).values("facts")[:1]


class Budget(models.Model):
    """What may be spent each month from `month` on, until another one of the same scope follows.

    Amount None: no limit any more. A person's without a person is everybody's who has none of their own. Only
    administrators give a budget on the installation's account, and no team may use that account without one.
    """

    team = models.ForeignKey("teams.Team", on_delete=models.PROTECT, related_name="budgets")
    scope = models.CharField(_("scope"), max_length=12, choices=Scope)
    project = models.ForeignKey(
        "teams.Project", on_delete=models.PROTECT, null=True, blank=True, related_name="budgets"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    currency = models.CharField(_("currency"), max_length=3, choices=[("USD", "US$"), ("CNY", "CN¥")])
    month = models.DateField(_("from month"), help_text=_("Its first day."))
    amount = models.DecimalField(
        _("each month"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("Empty: no limit."),
    )
    warn_at = models.PositiveSmallIntegerField(
        _("warn at"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)], help_text=_("Percent.")
    )
    stops = models.BooleanField(_("stop when it is used up"), default=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(auto_now=True)

    objects = BudgetQuerySet.as_manager()

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        constraints = [
            models.UniqueConstraint(
                fields=["team", "scope", "currency", "month"],
                condition=Q(project=None, person=None),
                name="one_budget_of_scope_and_month",
            ),
            models.UniqueConstraint(
                fields=["project", "currency", "month"],
                condition=Q(project__isnull=False),
                name="one_budget_of_project_and_month",
            ),
            models.UniqueConstraint(
                fields=["team", "person", "currency", "month"],
                condition=Q(person__isnull=False),
                name="one_budget_of_person_and_month",
            ),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gte=0), name="budget_not_negative"),
            models.CheckConstraint(
                condition=Q(scope=Scope.PROJECT, project__isnull=False, person=None)
                | Q(scope=Scope.PERSON, project=None)
                | Q(scope__in=[Scope.TEAM, Scope.INSTALLATION], project=None, person=None),
                name="budget_of_what_its_scope_says",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} {self.currency} {self.amount} / {self.month:%Y-%m}"
