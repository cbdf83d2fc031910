"""Fetching is checking: views get a team or a project here or not at all. Invisible is 404, not allowed is 403."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from teams.models import EDITS, Membership, Project, Role, Team

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User
    from teams.models.project import ProjectQuerySet
    from teams.models.team import TeamQuerySet


class OnlyWatches(PermissionDenied):
    """403 for who may watch and comment, but change nothing."""

    def __init__(self) -> None:
        super().__init__(_("You can watch and comment here. Ask an owner of the team to make you an editor."))


def no_takes_in(project: Project) -> PermissionDenied:
    """Why who sees the project makes none in it."""
    if project.archived_at is None:
        return OnlyWatches()
    return PermissionDenied(_("This project is archived: it keeps its clips, and takes no new ones."))


def visible_team(user: User, uuid: UUID, among: TeamQuerySet | None = None) -> Team:
    """With `role`, the person's own."""
    teams = Team.objects.all() if among is None else among
    return get_object_or_404(teams.visible_to(user).with_role_of(user), uuid=uuid)


def owned_team(user: User, uuid: UUID) -> Team:
    team = visible_team(user, uuid)
    _require_owner(team)
    return team


def visible_project(user: User, uuid: UUID, among: ProjectQuerySet | None = None) -> Project:
    """With `role`, the person's own."""
    projects = Project.objects.all() if among is None else among
    return get_object_or_404(projects.visible_to(user).with_role_of(user).select_related("account"), uuid=uuid)


def editable_project(user: User, uuid: UUID) -> Project:
    project = visible_project(user, uuid)
    if getattr(project, "role", None) not in EDITS:
        raise OnlyWatches
    return project


def owned_project(user: User, uuid: UUID) -> Project:
    project = visible_project(user, uuid)
    _require_owner(project)
    return project


def deleted_team(user: User, uuid: UUID) -> Team:
    """Deleted and restorable; only its owners know of it."""
    owned = Membership.objects.filter(user=user, role=Role.OWNER).values("team")
    return get_object_or_404(Team.objects.restorable().filter(pk__in=owned), uuid=uuid)


def deleted_project(user: User, uuid: UUID) -> Project:
    owned = Team.objects.owned_by(user).values("pk")
    return get_object_or_404(Project.objects.restorable().filter(team__in=owned), uuid=uuid)


def _require_owner(thing: Team | Project) -> None:
    if getattr(thing, "role", None) != Role.OWNER:
        raise PermissionDenied(_("Only owners of the team may do this. Ask one of them."))
