from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from screenings.models.comment import NAMED, Said


class Word(models.TextChoices):
    APPROVED = "approved", _("Approved")
    CHANGES = "changes", _("Changes asked")


class Verdict(Said):
    """Append-only: what somebody thinks of a clip. The newest one is the clip's."""

    generation = models.ForeignKey("generations.Generation", on_delete=models.PROTECT, related_name="verdicts")
    word = models.CharField(max_length=8, choices=Word)

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        constraints = [models.CheckConstraint(condition=NAMED, name="verdict_by_somebody")]
        indexes = [models.Index(fields=["generation", "-id"], name="verdict_of_clip")]

    def __str__(self) -> str:
        return f"{self.name}: {self.word}"
