from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Retake(models.Model):
    """A take that was made to answer a comment on another one."""

    generation = models.OneToOneField(
        "generations.Generation", on_delete=models.PROTECT, primary_key=True, related_name="answering"
    )
    comment = models.ForeignKey("screenings.Comment", on_delete=models.PROTECT, related_name="retakes")

    class Meta:
        verbose_name = _("retake")
        verbose_name_plural = _("retakes")

    def __str__(self) -> str:
        return f"{self.generation_id} · {self.comment_id}"
