"""The project that takes are made in, held until their rows are committed: foreign keys are checked late, so that who
only looks may put a take into what has moved away meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from generations.lifecycle.refused import Refused
from teams.models import Project, Team
from wanstudio.locks import held, hold

if TYPE_CHECKING:
    from django.db.models import QuerySet


def hold_place(project: Project) -> None:
    """Until the rows are committed whoever moves, archives or deletes the project waits. Raises Refused when somebody
    was faster.

    After the team, which `afford` locks.
    """
    require_open(_still_there(held(Project.objects.select_related("team")), project))


def stand_in_line(project: Project) -> None:
    """For who locks a take before making another from it: the place first, as a press and whoever moves takes do."""
    hold(Team.objects.filter(pk=project.team_id))
    hold_place(project)


def keep_place(project: Project) -> None:
    """As `hold_place`, for what Wan has made already: that is taken in although its project is archived or deleted."""
    _still_there(held(Project.objects.all()), project)


def place_of(take: int) -> Project:
    """Held, for who locks a take before making a late one from it: the place first, as whoever moves takes does."""
    return held(Project.objects.all()).get(generations=take)


def _still_there(projects: QuerySet[Project], project: Project) -> Project:
    found = projects.filter(pk=project.pk, team=project.team_id).first()
    if found is None:
        raise Refused(_("This project has just moved to another team. Reload the page and press again."))
    return found


def require_open(project: Project) -> None:
    if project.is_deleted or project.team.is_deleted:
        raise Refused(_("This project is deleted. Nothing new is made in it."))
    if not project.is_open:
        raise Refused(_("This project is archived. Take it out of the archive to make new takes in it."))
