"""The list of projects, its menu, and one project's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from generations.forms import as_uuid
from generations.models import Generation, Status
from screenings.mentions import people_of
from screenings.models import ShareLink
from teams.access import visible_project
from teams.activity import record
from teams.forms import InvitationForm, NewProjectForm
from teams.models import EDITS, Activity, Invitation, Project, Role, Team
from teams.telling import latest
from teams.views.teams import members_of
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from teams.models.project import ProjectQuerySet
    from wanstudio.http import AuthenticatedRequest

MENU = 12
BANNER = 6
LINKS = 5
MANY = 1000
PAGE = 48
SEARCH_LENGTH = 80


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: AuthenticatedRequest) -> HttpResponse:
    """Every project that one sees, `q` in its or its team's name; a post makes another."""
    teams = Team.objects.editable_by(request.user).order_by("-personal_of", "name", "pk")
    form = NewProjectForm(request.POST or None, teams=teams)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            project = form.save()
            record("project_made", project.team, by=request.user, name=project.name)
        return redirect(project)
    found = _found(request)
    is_archive = "archive" in request.GET
    found = found.exclude(archived_at=None) if is_archive else found.filter(archived_at=None)
    number = _page_number(request)
    projects = list(found[(number - 1) * PAGE : number * PAGE + 1])
    context = {
        "projects": projects[:PAGE],
        "earlier": number - 1,
        "later": number + 1 if len(projects) > PAGE else 0,
        "q": request.GET.get("q", "")[:SEARCH_LENGTH],
        "is_archive": is_archive,
        "form": form,
        "deleted": Project.objects.restorable()
        .filter(team__in=Team.objects.owned_by(request.user))
        .order_by("-deleted_at"),
    }
    return TemplateResponse(request, "projects/index.html", context, status=422 if form.errors else 200)


@require_safe
def menu(request: AuthenticatedRequest) -> TemplateResponse:
    """For the top bar, when it is opened: the first few that match."""
    found = list(_found(request).filter(archived_at=None)[: MENU + 1])
    context = {
        "projects": found[:MENU],
        "has_more": len(found) > MENU,
        "current": as_uuid(request.GET.get("current", "")),
    }
    return TemplateResponse(request, "projects/_menu.html", context)


@require_safe
def show(request: AuthenticatedRequest, uuid: UUID) -> TemplateResponse:
    return page(request, visible_project(request.user, uuid))


@require_safe
@never_cache
def people(request: AuthenticatedRequest, uuid: UUID) -> JsonResponse:
    """Who can be mentioned in a comment, and as what: for the list that opens after an @."""
    found = people_of(visible_project(request.user, uuid).team)
    return JsonResponse({"people": [{"name": one.display_name, "as": written} for one, written in found]})


def page(request: AuthenticatedRequest, project: Project) -> TemplateResponse:
    """The whole page; the top bar names the project."""
    studio_of(request).choose(project)
    takes = Generation.objects.kept().filter(project=project)
    is_owner = getattr(project, "role", None) == Role.OWNER
    context = {
        "project": project,
        "takes_count": takes[:MANY].count(),
        "team": project.team,
        "is_owner": is_owner,
        "can_edit": getattr(project, "role", None) in EDITS,
        "links": ShareLink.objects.latest_of(project)[:LINKS],
        "members": members_of(project.team),
        "roles": Role.choices,
        "banner": takes.filter(status=Status.READY).order_by("-created_at", "-pk")[:BANNER],
        "latest": latest(Activity.objects.of_project(project)),
    }
    if is_owner:
        context |= {"invitation": InvitationForm(), "invitations": Invitation.objects.waiting_for(project.team)}
    return TemplateResponse(request, "projects/show.html", context)


def _page_number(request: AuthenticatedRequest) -> int:
    typed = request.GET.get("page", "")
    return max(1, int(typed)) if typed.isdecimal() and len(typed) < 6 else 1


def _found(request: AuthenticatedRequest) -> ProjectQuerySet:
    mine = Project.objects.visible_to(request.user).select_related("team", "cover")
    return mine.named_like(request.GET.get("q", "")[:SEARCH_LENGTH]).order_by("name", "pk")
