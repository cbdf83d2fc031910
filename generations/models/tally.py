from __future__ import annotations

from django.db import models


class Tally(models.Model):
    """One counter of what workers did for an account; grows only (generations/tally.py)."""

    account = models.ForeignKey("WanAccount", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    value = models.FloatField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_tally_per_name")]

    def __str__(self) -> str:
        return self.name
