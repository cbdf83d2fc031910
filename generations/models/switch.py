from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Switchboard(models.Model):
    """What holds for the whole installation; one row (pk 1)."""

    submitting = models.BooleanField(_("submit takes"), default=True)
    storage_refused_since = models.DateTimeField(null=True, blank=True, editable=False)
    storage_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    beat_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("switchboard")
        verbose_name_plural = _("switchboard")

    def __str__(self) -> str:
        return str(_("Switchboard"))

    @classmethod
    def load(cls) -> Switchboard:
        return cls.objects.get_or_create(pk=1)[0]
