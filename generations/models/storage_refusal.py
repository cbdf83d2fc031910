from __future__ import annotations

from django.db import models


class StorageRefusal(models.Model):
    """Why a machine's storage takes no files (generations/storage_refusal.py). `host` is "" where all share it."""

    host = models.CharField(max_length=255, blank=True)
    reason = models.CharField(max_length=20)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "reason"], name="one_refusal_per_reason")]

    def __str__(self) -> str:
        return f"{self.host}: {self.reason}"
