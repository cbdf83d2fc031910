"""Who did what when: in one project, and to a team itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from teams.access import visible_project, visible_team
from teams.glance import People
from teams.models import Activity
from teams.telling import History
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from uuid import UUID

    from teams.models import Project, Team
    from wanstudio.http import AuthenticatedRequest


@require_safe
def of_project(request: AuthenticatedRequest, uuid: UUID) -> TemplateResponse:
    project = visible_project(request.user, uuid)
    studio_of(request).choose(project)
    history = History(f"project {project.pk}", Activity.objects.of_project(project), request.GET)
    return _page(request, history, project.team, project)


@require_safe
def of_team(request: AuthenticatedRequest, uuid: UUID) -> TemplateResponse:
    """What was done to the team itself; its projects tell their own."""
    team = visible_team(request.user, uuid)
    return _page(request, History(f"team {team.pk}", Activity.objects.of_team(team), request.GET), team)


def _page(
    request: AuthenticatedRequest, history: History, team: Team, project: Project | None = None
) -> TemplateResponse:
    context = {"history": history, "team": team, "project": project, "place": project or team}
    context["members"] = People(team).members
    return TemplateResponse(request, "teams/activity.html", context)
