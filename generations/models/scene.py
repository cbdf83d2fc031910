from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

NAME_LENGTH = 80


class Scene(models.Model):
    """One idea: a row of takes, named after its first prompt."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey("teams.Project", on_delete=models.PROTECT, related_name="scenes")
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    latest_take_at = models.DateTimeField(default=timezone.now, editable=False)
    takes_made = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("scene")
        verbose_name_plural = _("scenes")
        indexes = [models.Index(fields=["project", "-latest_take_at", "-id"], name="scene_latest")]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def name_from(prompt: str) -> str:
        """The first words of a prompt, cut at a word or at the limit."""
        line = " ".join(prompt.split())
        if len(line) <= NAME_LENGTH:
            return line
        head = line[: NAME_LENGTH - 1]
        return (head.rsplit(" ", 1)[0] if " " in head[40:] else head).rstrip(",.;: ") + "…"
