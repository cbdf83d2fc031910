from __future__ import annotations

from django.db import models
from django.utils import timezone

from wanstudio.append_only import AppendOnly, AppendOnlyQuerySet


class Event(AppendOnly):
    """Append-only: what happened to a take, with every move of its status. `kind` is a word of generations/words.py."""

    generation = models.ForeignKey("Generation", on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=40)
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10, blank=True)
    actor = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    data = models.JSONField(default=dict)

    objects = AppendOnlyQuerySet["Event"].as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["generation", "id"], name="event_of_generation")]

    def __str__(self) -> str:
        return f"{self.kind} {self.from_status}→{self.to_status}"
