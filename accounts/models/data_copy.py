from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class DataCopy(models.Model):
    """What the studio knows about a person, as a file for them. A worker writes it (`due_at`), a week later it goes."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="data_copies")
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    storage = models.CharField(max_length=20, blank=True)
    key = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="data_copy_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["expires_at"], name="data_copy_over", condition=models.Q(expires_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.requested_at:%Y-%m-%d}"
