from __future__ import annotations

from django.db import models
from django.utils import timezone

from generations.models.audio import AudioUpload


class Waveform(models.Model):
    """What is heard in an audio, found out once by a worker. Without peaks it is due, or could not be drawn."""

    audio = models.OneToOneField(AudioUpload, on_delete=models.CASCADE, related_name="waveform")
    peaks = models.BinaryField(default=bytes, help_text="The loudest moment of each equal part, full scale is 255.")
    silences = models.JSONField(default=list, help_text="Pairs of begin and end, in seconds.")
    due_at = models.DateTimeField(null=True, default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="waveform_due", condition=models.Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"waveform of {self.audio}"

    @property
    def heights(self) -> list[float]:
        """From 0 to 1 of the loudest, so that a quiet voice is seen, too."""
        peaks = bytes(self.peaks)
        loudest = max(peaks, default=0) or 1
        return [peak / loudest for peak in peaks]
