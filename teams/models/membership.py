from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from decimal import Decimal

    from accounts.models import User


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    VIEWER = "viewer", _("Viewer")


EDITS = (Role.OWNER, Role.EDITOR)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, user: User) -> MembershipQuerySet:
        """The person's own, of teams that are not deleted: what every `visible_to` goes by."""
        return self.filter(user=user, team__deleted_at=None)

    def owners(self) -> MembershipQuerySet:
        """Who can sign in, that is: somebody whom administration has shut out looks after no team."""
        return self.filter(role=Role.OWNER, user__is_active=True)

    def role_in(self, team: str, user: User) -> models.Subquery:
        """The person's role in what the rows of another query name as their team; None for a stranger."""
        return models.Subquery(self.filter(team=models.OuterRef(team), user=user).values("role"))


class Membership(models.Model):
    """Who is in which team, as what. A team always keeps an owner: only `teams.people` changes rows."""

    team = models.ForeignKey("teams.Team", on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=6, choices=Role, default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    spent: Decimal | None = None  # by this member in a project and month, where a page tells it; not stored

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_membership_per_team")]

    def __str__(self) -> str:
        return f"{self.user} · {self.team} · {self.get_role_display()}"

    @property
    def is_owner(self) -> bool:
        return self.role == Role.OWNER
