from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generations import clock

if TYPE_CHECKING:
    from accounts.models import User

NAME_LENGTH = 60
REMEMBERED = timedelta(days=7)


class Kind(models.TextChoices):
    COMPOSER = "composer", _("Composer")
    SHEET = "sheet", _("Call sheet")


class DraftQuerySet(models.QuerySet["Draft"]):
    def kept_by(self, user: User) -> DraftQuerySet:
        """What the person has neither sent nor discarded; nobody else ever sees it. Newest first."""
        return self.filter(owner=user, ended_at=None).order_by("-updated_at", "-pk")

    def end(self, **values: Any) -> int:
        """Sent or discarded; can be brought back for a while."""
        return self.filter(ended_at=None).update(ended_at=clock.now(), **values)

    def forgotten(self) -> DraftQuerySet:
        return self.filter(ended_at__lt=clock.now() - REMEMBERED)


class Draft(models.Model):
    """What somebody has typed into a project's composer or call sheet, as typed: nothing of it needs to be valid.

    `version` counts savings; `writer` is the page that saved last, which may go on when it missed an answer; `turn` is
    the number that page gave what it sent last, by which what it sent before and arrives later is known.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey("teams.Project", on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.COMPOSER)
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    data = models.JSONField(help_text="Values of the fields; of a composer also a list of shots or null.")
    version = models.PositiveIntegerField(default=1)
    writer = models.UUIDField()
    turn = models.PositiveBigIntegerField(default=0, db_default=0)  # 0: sent without script
    updated_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        indexes = [
            models.Index(
                fields=["owner", "-updated_at", "-id"], name="draft_kept", condition=models.Q(ended_at__isnull=True)
            ),
            models.Index(fields=["ended_at"], name="draft_ended", condition=models.Q(ended_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name
