from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class AudioQuerySet(models.QuerySet["AudioUpload"]):
    def visible_to(self, user: User | AnonymousUser) -> AudioQuerySet:
        from teams.models import Project

        return self.filter(project__in=Project.objects.visible_to(user))


class AudioUpload(models.Model):
    """A checked mp3 or wav of a project, kept as it came; immutable."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey("teams.Project", on_delete=models.PROTECT, related_name="audio")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("file name"), max_length=120)
    kind = models.CharField(max_length=3, choices=[("mp3", "mp3"), ("wav", "wav")])
    seconds = models.FloatField(help_text="By decoding.")
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    storage = models.CharField(max_length=20)
    key = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AudioQuerySet.as_manager()

    class Meta:
        verbose_name = _("audio")
        verbose_name_plural = _("audio")

    def __str__(self) -> str:
        return self.name

    @property
    def content_type(self) -> str:
        return "audio/mpeg" if self.kind == "mp3" else "audio/wav"


class AudioTransfer(models.Model):
    """Where an account can fetch an audio: the service's temporary upload, good for 48 h and used for 24 h."""

    audio = models.ForeignKey(AudioUpload, on_delete=models.CASCADE, related_name="transfers")
    account = models.ForeignKey("WanAccount", on_delete=models.CASCADE, related_name="+")
    model = models.CharField(max_length=60)
    url = models.CharField(max_length=500)
    uploaded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["audio", "account", "model"], name="one_transfer_per_account")]

    def __str__(self) -> str:
        return self.url
