from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from generations import media

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User
    from dashscope_client.catalogue import ModelSpec
    from teams.models import Project


class AudioQuerySet(models.QuerySet["AudioUpload"]):
    def visible_to(self, user: User | AnonymousUser) -> AudioQuerySet:
        from teams.models import Project

        return self.filter(project__in=Project.objects.visible_to(user))

    def editable_by(self, user: User | AnonymousUser) -> AudioQuerySet:
        from teams.models import Project

        return self.filter(project__in=Project.objects.editable_by(user))

    def known(self, name: object, project: Project, user: User) -> AudioUpload | None:
        """The upload of this name (a UUID, or anything else that was sent), if `project` may use it: its team's are."""
        try:
            key = uuid.UUID(str(name))
        except ValueError:
            return None
        usable = self.visible_to(user).filter(project__team=project.team_id)
        return usable.with_waveform().filter(uuid=key).first()

    def reusable(self, project: Project) -> AudioQuerySet:
        """The project's own uploads, newest first."""
        return self.filter(project=project).with_waveform().order_by("-pk")

    def with_waveform(self) -> AudioQuerySet:
        """What the sound lane shows, in the same query."""
        return self.select_related("waveform", "original__waveform")


class AudioUpload(models.Model):
    """A checked mp3 or wav of a project, kept as it came; immutable. A trimmed part is an upload of its own."""

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
    original = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="cuts")
    original_start = models.FloatField(null=True, help_text="Where in the original this part begins, in seconds.")

    objects = AudioQuerySet.as_manager()

    class Meta:
        verbose_name = _("audio")
        verbose_name_plural = _("audio")
        indexes = [models.Index(fields=["project", "-id"], name="audio_of_project")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(original=None, original_start=None)
                | models.Q(original__isnull=False, original_start__isnull=False),
                name="a_part_knows_where_it_begins",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def content_type(self) -> str:
        return "audio/mpeg" if self.kind == "mp3" else "audio/wav"

    @property
    def whole(self) -> AudioUpload:
        """The file as it was uploaded: this one, or the one that this is a part of."""
        return self.original or self

    @property
    def begins(self) -> float:
        """Seconds into `whole`."""
        return self.original_start or 0.0

    def trouble(self, model: ModelSpec) -> str:
        """Why Wan would not take it as it is; empty when it does."""
        return media.audio_trouble(
            self.seconds,
            self.size,
            min_seconds=model.audio_min_seconds,
            max_seconds=model.audio_max_seconds,
            max_bytes=model.audio_max_bytes,
        )


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
