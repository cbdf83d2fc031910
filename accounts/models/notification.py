from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models.user import User


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of(self, person: User) -> NotificationQuerySet:
        """About what the person can still see; who left a team is told nothing of it any more."""
        from teams.models import Project, Team

        projects, teams = Project.objects.visible_to(person), Team.objects.visible_to(person)
        in_sight = Q(activity__project__in=projects) | Q(activity__project=None, activity__team__in=teams)
        return self.filter(in_sight, person=person)

    def unseen(self) -> NotificationQuerySet:
        return self.filter(seen_at=None)


class Notification(models.Model):
    """That an activity concerns somebody. What belongs together (the takes of one press) has one `group`."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notifications", db_index=False
    )
    activity = models.ForeignKey("teams.Activity", on_delete=models.CASCADE, related_name="notifications")
    verb = models.CharField(max_length=24, blank=True, help_text="A word of teams.verbs; empty: the activity's.")
    group = models.CharField(max_length=60)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [models.UniqueConstraint(fields=["person", "activity"], name="told_once")]
        indexes = [
            models.Index(fields=["person", "-id"], name="notification_unseen", condition=Q(seen_at__isnull=True)),
            models.Index(fields=["seen_at"], name="notification_seen", condition=Q(seen_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.group}"
