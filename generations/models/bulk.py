from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class BulkAction(models.Model):
    """One thing done to many takes by one person, a part at a time, so that it survives a crash and can be undone.

    `takes` are keys, those that `view` (the address of a grid; "" for a selection) showed when it was asked for.
    `before` grows by [key, what it was] for each take that was changed, and shrinks again while it is undone; `ignored`
    begins anew then.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=12, help_text="A word of bulk.DEEDS.")
    values = models.JSONField(default=dict)
    view = models.TextField(blank=True)
    takes = models.JSONField(null=True)
    handled = models.PositiveIntegerField(default=0)
    ignored = models.PositiveIntegerField(default=0, help_text="Ids of others, and takes it could not be done to.")
    before = models.JSONField(default=list)
    freed_bytes = models.PositiveBigIntegerField(default=0)
    is_undo = models.BooleanField(default=False)
    undone = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, default=timezone.now, help_text="When a worker looks next.")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="bulk_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["created_at"], name="bulk_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} · {self.uuid}"

    @property
    def total(self) -> int:
        return len(self.takes or [])

    @property
    def changed(self) -> int:
        return len(self.before)

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def share(self) -> str:
        """How full the bar is, for CSS."""
        if self.is_undo:
            whole = self.undone + len(self.before)
            return f"{self.undone / whole if whole else 1:.3f}"
        return f"{self.handled / self.total if self.total else 0:.3f}"
