from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

KEPT = timedelta(days=30)


class Deletable(models.Model):
    """Deleting is soft: for 30 days nothing new is made in it and everything comes back with one press; then purged."""

    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    purged_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def purge_at(self) -> datetime | None:
        return self.deleted_at + KEPT if self.deleted_at else None
