from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME_LENGTH = 80


class Scene(models.Model):
    """One idea: a row of takes, named after its first prompt until somebody names it: then it `is_named`."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey("teams.Project", on_delete=models.PROTECT, related_name="scenes")
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    is_named = models.BooleanField(_("named by a person"), default=False, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    latest_take_at = models.DateTimeField(default=timezone.now, editable=False)
    parted_from = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        help_text="Of another project: what is moved from there to this project comes here.",
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        help_text="Of the same project: where its takes went, and where what is meant for it goes.",
    )
    takes_made = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("scene")
        verbose_name_plural = _("scenes")
        indexes = [models.Index(fields=["project", "-latest_take_at", "-id"], name="scene_latest")]

    def __str__(self) -> str:
        return self.name

    @property
    def led(self) -> Scene:
        """The one that goes on with what this one was: itself, unless it was merged into another one and is empty."""
        scene = self
        while scene.merged_into is not None and not scene.takes.kept().exists():
            scene = scene.merged_into
        return scene

    @staticmethod
    def numbered(name: str, number: int) -> str:
        """The name for the second, third … of that name."""
        suffix = f" ({number})"
        return name[: NAME_LENGTH - len(suffix)] + suffix

    @classmethod
    def name_of(cls, recipe: Mapping[str, Any]) -> str:
        """From a recipe's prompt or, on a board without an overall line, from its first shot."""
        texts = [recipe["prompt"], *(shot["text"] for shot in recipe["shots"])]
        return cls.name_from(next((text for text in texts if text.strip()), ""))

    @staticmethod
    def name_from(prompt: str) -> str:
        """The first words of a prompt, cut at a word or at the limit."""
        line = " ".join(prompt.split())
        if len(line) <= NAME_LENGTH:
            return line
        head = line[: NAME_LENGTH - 1]
        return (head.rsplit(" ", 1)[0] if " " in head[40:] else head).rstrip(",.;: ") + "…"
