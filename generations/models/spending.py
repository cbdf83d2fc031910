from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

MONEY = ("reserved", "cost", "possibly_charged")
COUNTS = ("takes", "clips", "seconds", "failed", "canceled", "lost")


class SpendingQuerySet(models.QuerySet["Spending"]):
    def between(self, first: date, end: date) -> SpendingQuerySet:
        """From `first` on, before `end`."""
        return self.filter(day__gte=first, day__lt=end)

    def sums(self, *by: str) -> QuerySet[Spending, dict[str, Any]]:
        """Rows of `by` with every column summed."""
        return self.order_by().values(*by).annotate(**{f"sum_{name}": Sum(name) for name in (*MONEY, *COUNTS)})


class Spending(models.Model):
    """One person's day in one project at one resolution: what the ledger says of it, added up as it is written; what
    the installation's Wan accounts bill by itself, for its budget.

    Budgets and the usage page read these few rows and never the takes. `seconds` are those of finished clips.
    """

    team = models.ForeignKey("teams.Team", on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey("teams.Project", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    currency = models.CharField(max_length=3)
    resolution = models.CharField(max_length=8)
    is_installations = models.BooleanField(default=False, help_text="Billed to the installation's Wan account.")
    reserved = models.DecimalField(max_digits=14, decimal_places=4, default=Decimal(0))
    cost = models.DecimalField(max_digits=14, decimal_places=4, default=Decimal(0))
    possibly_charged = models.DecimalField(max_digits=14, decimal_places=4, default=Decimal(0))
    takes = models.IntegerField(default=0)
    clips = models.IntegerField(default=0)
    seconds = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    canceled = models.IntegerField(default=0)
    lost = models.IntegerField(default=0)

    objects = SpendingQuerySet.as_manager()

    class Meta:
        verbose_name = _("spending of a day")
        verbose_name_plural = _("spending by day")
        constraints = [
            models.UniqueConstraint(
                fields=["team", "project", "person", "day", "currency", "resolution", "is_installations"],
                name="one_spending_per_day",
            )
        ]
        indexes = [
            models.Index(fields=["team", "day"], name="spending_of_team"),
            models.Index(fields=["project", "day"], name="spending_of_project"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.cost} {self.currency}"
