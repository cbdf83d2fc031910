from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wanstudio.append_only import AppendOnly, AppendOnlyQuerySet

PRESSED = "pressed"


class LedgerEntry(AppendOnly):
    """Append-only: one change of a take's money. The money columns of a take are the sums of its entries.

    Team, project, person and day are those of the press and stay, wherever the take is moved later: a month that was
    paid does not change. `day` is in the team's time zone.
    """

    generation = models.ForeignKey("Generation", on_delete=models.PROTECT, related_name="ledger")
    team = models.ForeignKey("teams.Team", on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey("teams.Project", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=40, help_text="Of the event that changed it; the first is the press.")
    at = models.DateTimeField()
    reserved = models.DecimalField(max_digits=12, decimal_places=4, default=Decimal(0))
    cost = models.DecimalField(max_digits=12, decimal_places=4, default=Decimal(0))
    possibly_charged = models.DecimalField(max_digits=12, decimal_places=4, default=Decimal(0))

    objects = AppendOnlyQuerySet["LedgerEntry"].as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.UniqueConstraint(
                fields=["generation"], condition=models.Q(kind=PRESSED), name="one_press_per_take_in_ledger"
            )
        ]
        indexes = [
            models.Index(fields=["generation", "id"], name="ledger_of_take"),
            models.Index(fields=["team", "day", "id"], name="ledger_of_team", condition=models.Q(kind=PRESSED)),
            models.Index(fields=["project", "day", "id"], name="ledger_of_project", condition=models.Q(kind=PRESSED)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reserved:+} {self.cost:+} {self.possibly_charged:+} {self.currency}"
