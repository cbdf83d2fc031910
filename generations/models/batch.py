from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

NAME_LENGTH = 80


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user: User | AnonymousUser) -> BatchQuerySet:
        from teams.models import Project

        return self.filter(project__in=Project.objects.visible_to(user))

    def editable_by(self, user: User | AnonymousUser) -> BatchQuerySet:
        from teams.models import Project

        return self.filter(project__in=Project.objects.editable_by(user))


class Batch(models.Model):
    """The takes of one call sheet: sent, paused, resumed and canceled as one."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey("teams.Project", on_delete=models.PROTECT, related_name="batches")
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    press = models.UUIDField(_("press"), help_text="The form's token: the same press sent twice makes one batch.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("call sheet")
        verbose_name_plural = _("call sheets")
        constraints = [models.UniqueConstraint(fields=["created_by", "press"], name="one_batch_per_press")]
        indexes = [models.Index(fields=["project", "-created_at", "-id"], name="batch_of_project")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("generations:batch", args=[self.uuid])
