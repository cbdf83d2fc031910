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
    from generations.models.generation import Generation


NAME_LENGTH = 80


class CollectionQuerySet(models.QuerySet["Collection"]):
    def visible_to(self, user: User | AnonymousUser) -> CollectionQuerySet:
        from teams.models import Membership

        if not user.is_authenticated:
            return self.none()
        return self.filter(team__in=Membership.objects.current(user).values("team"))

    def editable_by(self, user: User | AnonymousUser) -> CollectionQuerySet:
        from teams.models import EDITS, Membership

        if not user.is_authenticated:
            return self.none()
        return self.filter(team__in=Membership.objects.current(user).filter(role__in=EDITS).values("team"))


class Collection(models.Model):
    """Clips of a team in an order of its own, across projects and scenes; a clip may be in many."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey("teams.Team", on_delete=models.PROTECT, related_name="collections")
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    takes: models.ManyToManyField[Generation, Collected] = models.ManyToManyField(
        "Generation", through="Collected", related_name="collections"
    )

    objects = CollectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        indexes = [models.Index(fields=["team", "-created_at", "-id"], name="collection_of_team")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("generations:collection", args=[self.uuid])


class Collected(models.Model):
    """A take's place in a collection; places count up and may have gaps."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="collected")
    generation = models.ForeignKey("Generation", on_delete=models.CASCADE, related_name="collected")
    place = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "take of a collection"
        constraints = [models.UniqueConstraint(fields=["collection", "generation"], name="once_per_collection")]
        indexes = [models.Index(fields=["collection", "place", "id"], name="collection_in_order")]

    def __str__(self) -> str:
        return f"{self.collection} · {self.place}"
