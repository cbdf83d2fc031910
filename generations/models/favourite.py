from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class Favourite(models.Model):
    """A take that somebody likes; of the person alone, unlike rating and pick."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites")
    generation = models.ForeignKey("Generation", on_delete=models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "favourite"
        constraints = [models.UniqueConstraint(fields=["person", "generation"], name="one_favourite_per_person")]
        indexes = [models.Index(fields=["person", "-generation"], name="favourite_of_person")]

    def __str__(self) -> str:
        return f"{self.person} ♥ {self.generation_id}"
