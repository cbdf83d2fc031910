from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wanstudio.append_only import AppendOnly, AppendOnlyQuerySet

if TYPE_CHECKING:
    from accounts.models import User
    from teams.models.project import Project
    from teams.models.team import Team


class ActivityQuerySet(AppendOnlyQuerySet["Activity"]):
    def of_project(self, project: Project) -> ActivityQuerySet:
        return self.filter(project=project)

    def of_team(self, team: Team) -> ActivityQuerySet:
        """What was done to the team itself; its projects have their own."""
        return self.filter(team=team, project=None)

    def visible_to(self, user: User) -> ActivityQuerySet:
        from teams.models.project import Project
        from teams.models.team import Team

        projects, teams = Project.objects.visible_to(user), Team.objects.visible_to(user)
        return self.filter(Q(project__in=projects) | Q(project=None, team__in=teams))

    def for_telling(self) -> ActivityQuerySet:
        """With all that its sentence names, the newest first."""
        return self.select_related("actor", "person", "team", "generation__scene").order_by("-pk")

    def forget(self) -> None:
        """For good, with the place that they are about, when that has been deleted for good."""
        models.QuerySet.delete(self)

    forget.alters_data = True  # type: ignore[attr-defined]
    forget.queryset_only = True  # type: ignore[attr-defined]


class Activity(AppendOnly):
    """Append-only: who did what when. Written by `teams.activity.record` alone, its words are `teams.verbs`.

    Of the team itself when it has no project. `data` are labels that outlive what they name; never a prompt, an
    address, a key or a passcode. It goes with its project when that is deleted for good.
    """

    # Only the two indexes below: nothing looks for the rest, and each one would be paid for with every act.
    team = models.ForeignKey("teams.Team", on_delete=models.PROTECT, related_name="activities", db_index=False)
    project = models.ForeignKey(
        "teams.Project", on_delete=models.PROTECT, null=True, related_name="activities", db_index=False
    )
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="None: the studio.",
    )
    verb = models.CharField(max_length=24, help_text="A word of teams.verbs.")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="To whom it was done.",
    )
    generation = models.ForeignKey(
        "generations.Generation", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    count = models.PositiveIntegerField(default=1, help_text="Of what was done at once.")
    data = models.JSONField(default=dict)

    objects = ActivityQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        indexes = [
            models.Index(fields=["project", "-id"], name="activity_of_project"),
            models.Index(fields=["team", "-id"], name="activity_of_team", condition=Q(project__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.at:%Y-%m-%d %H:%M}"
