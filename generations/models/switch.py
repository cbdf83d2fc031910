from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

REFUSED_LONG_ENOUGH = timedelta(minutes=5)


class Switchboard(models.Model):
    """What holds for the whole installation; one row."""

    PK = 1

    submitting = models.BooleanField(_("submit takes"), default=True)
    storage_refused_since = models.DateTimeField(null=True, blank=True, editable=False)
    storage_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    beat_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("switchboard")
        verbose_name_plural = _("switchboard")

    def __str__(self) -> str:
        return str(_("Switchboard"))

    def storage_refuses(self, now: datetime) -> bool:
        """The storage has refused the write probe, or real files, for five minutes: nothing new is submitted."""
        return self.storage_refused_since is not None and self.storage_refused_since < now - REFUSED_LONG_ENOUGH

    @classmethod
    def load(cls) -> Switchboard:
        return cls.objects.get_or_create(pk=cls.PK)[0]
