from __future__ import annotations

from django.db import models


class Reading(models.Model):
    """The latest reading of an account's tasks of the last 24 hours, made by a worker for the rescue desk.

    `tasks` holds those that no attempt of ours knows: [{"task_id", "status", "model", "key_id", "created_at" and
    "ended_at" in ISO 8601 or null}]. `total` counts all, `in_doubt` those that may be the lost answer of a take,
    `others` those of models that are not the studio's. `read_at` is when the latest one that ended began; a worker that
    reads holds the row until `held_until`.
    """

    account = models.OneToOneField("WanAccount", on_delete=models.CASCADE, related_name="reading")
    requested_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)
    in_doubt = models.PositiveIntegerField(default=0)
    others = models.PositiveIntegerField(default=0)
    tasks = models.JSONField(default=list)
    error = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.account}: {self.total}"
