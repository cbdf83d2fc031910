from __future__ import annotations

from django.db import models


class OrphanSearch(models.Model):
    """The daily search for orphans; one row (pk 1). `report` is the last one's, as orphan_report.summary makes it."""

    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    report = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"Orphans, {self.ended_at}"
