from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import is_time_zone
from teams.models.deletion import Deletable
from teams.models.membership import EDITS, Membership, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, user: User | AnonymousUser) -> TeamQuerySet:
        if not user.is_authenticated:
            return self.none()
        return self.filter(pk__in=Membership.objects.current(user).values("team"))

    def owned_by(self, user: User | AnonymousUser) -> TeamQuerySet:
        if not user.is_authenticated:
            return self.none()
        return self.filter(pk__in=Membership.objects.current(user).filter(role=Role.OWNER).values("team"))

    def editable_by(self, user: User | AnonymousUser) -> TeamQuerySet:
        if not user.is_authenticated:
            return self.none()
        return self.filter(pk__in=Membership.objects.current(user).filter(role__in=EDITS).values("team"))

    def with_role_of(self, user: User) -> TeamQuerySet:
        """Each with `role`: the person's, None for a stranger."""
        return self.annotate(role=Membership.objects.role_in("pk", user))

    def restorable(self) -> TeamQuerySet:
        """Deleted, and not for good yet."""
        return self.filter(deleted_at__isnull=False, purged_at=None)

    def create_personal(self, user: User) -> Team:
        """The team of one that everybody has, with a first project in it."""
        return self._create(user, name=user.display_name, personal_of=user)

    def create_shared(self, user: User, name: str) -> Team:
        """A team that its maker owns, with a first project in it."""
        return self._create(user, name=name)

    def _create(self, user: User, **fields: object) -> Team:
        from teams.models.project import Project

        with transaction.atomic():
            team = self.create(**fields)
            Membership.objects.create(team=team, user=user, role=Role.OWNER)
            Project.objects.create(team=team, name=gettext("My first project"))
        return team


class Team(Deletable):
    """Who works together and pays together. A person's own space is a team of one."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    personal_of = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="teams")
    uses_installation_account = models.BooleanField(
        _("may use the installation's Wan account"), default=False, help_text=_("Decided by an administrator.")
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[is_time_zone],
        help_text=_("Of days and months of money."),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        indexes = [
            models.Index(fields=["deleted_at"], name="team_deleted", condition=models.Q(deleted_at__isnull=False))
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("teams:show", args=[self.uuid])

    @property
    def is_personal(self) -> bool:
        return self.personal_of_id is not None

    @property
    def zone(self) -> ZoneInfo:
        """In which its days and months of money are counted."""
        return ZoneInfo(self.time_zone or settings.TIME_ZONE)
