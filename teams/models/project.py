from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from teams.models.deletion import Deletable
from teams.models.membership import EDITS, Membership, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User
    from generations.models import Generation


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User | AnonymousUser) -> ProjectQuerySet:
        if not user.is_authenticated:
            return self.none()
        return self.filter(team__in=Membership.objects.current(user).values("team"), deleted_at=None)

    def editable_by(self, user: User | AnonymousUser) -> ProjectQuerySet:
        return self._with_role(user, EDITS)

    def owned_by(self, user: User | AnonymousUser) -> ProjectQuerySet:
        return self._with_role(user, (Role.OWNER,))

    def _with_role(self, user: User | AnonymousUser, roles: tuple[Role, ...]) -> ProjectQuerySet:
        if not user.is_authenticated:
            return self.none()
        mine = Membership.objects.current(user).filter(role__in=roles)
        return self.filter(team__in=mine.values("team"), deleted_at=None)

    def goals_from(self, project: Project, user: User) -> ProjectQuerySet:
        """Where this person may move takes of the project to, and it itself: within its team as an editor, and out of
        the own space wherever one edits; out of a team takes go, as whole projects do, by who owns both."""
        is_own = Exists(Membership.objects.filter(team=project.team_id, team__personal_of=user))
        return self._of_both(project, user, Q(is_own))

    def sources_for(self, project: Project, user: User) -> ProjectQuerySet:
        """The other way: of which this person may move takes to this project, that they edit."""
        return self._of_both(project, user, Q(team__personal_of=user))

    def _of_both(self, project: Project, user: User, also: Q) -> ProjectQuerySet:
        owned = Membership.objects.current(user).filter(role=Role.OWNER)
        is_of_both = Q(Exists(owned.filter(team=project.team_id)), team__in=owned.values("team"))
        return self.editable_by(user).filter(Q(team=project.team_id) | is_of_both | also)

    def named_like(self, words: str) -> ProjectQuerySet:
        """Each word is in the name of the project or of its team."""
        found = self
        for word in words.split():
            found = found.filter(Q(name__icontains=word) | Q(team__name__icontains=word))
        return found

    def restorable(self) -> ProjectQuerySet:
        """Deleted, and not for good yet."""
        return self.filter(deleted_at__isnull=False, purged_at=None)

    def deleted(self) -> ProjectQuerySet:
        """Few, and found by index: what other tables leave out."""
        return self.filter(deleted_at__isnull=False)

    def with_role_of(self, user: User) -> ProjectQuerySet:
        """Each with `role`: the person's in its team, None for a stranger."""
        return self.select_related("team__personal_of").annotate(role=Membership.objects.role_in("team", user))


class Project(Deletable):
    """What a team works on; holds scenes. An archived one keeps its clips in sight and takes no new ones."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey("teams.Team", on_delete=models.PROTECT, related_name="projects")
    name = models.CharField(_("name"), max_length=80)
    description = models.TextField(_("description"), blank=True, max_length=2000)
    cover = models.ForeignKey(
        "generations.Generation", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    account = models.ForeignKey(
        "generations.WanAccount",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Wan account"),
        help_text="None: the team's.",
    )
    defaults = models.JSONField(default=dict, blank=True, editable=False, help_text="Field names of the composer.")
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        indexes = [
            models.Index(fields=["deleted_at"], name="project_deleted", condition=Q(deleted_at__isnull=False)),
            models.Index(fields=["team", "name", "id"], name="project_of_team"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("projects:show", args=[self.uuid])

    @property
    def shown_cover(self) -> Generation | None:
        """None for a clip that was trashed or moved elsewhere since; it is the cover again when it is back."""
        cover = self.cover
        is_here = cover is not None and cover.project_id == self.pk and cover.trashed_at is None
        return cover if is_here else None

    def hold(self) -> Project:
        """Its row as it is now, within a transaction, until whose end nothing is made in the project: waits for presses
        that are not committed yet, and they for it.
        """
        return Project.objects.select_for_update().get(pk=self.pk)

    @property
    def is_open(self) -> bool:
        """New takes may be made in it."""
        return self.archived_at is None and self.deleted_at is None and self.team.deleted_at is None
