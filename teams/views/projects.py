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
from generations.offers import words_of
from generations.usage import stored_bytes_of_project
from screenings.mentions import people_of
from screenings.models import ShareLink
from teams import glance
from teams.access import visible_project
from teams.activity import record
from teams.forms import InvitationForm, NewProjectForm
from teams.models import EDITS, Activity, Project, Role, Team
from teams.telling import latest
from wanstudio.context import studio_of
from wanstudio.http import page_number

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from teams.models.project import ProjectQuerySet
    from wanstudio.http import AuthenticatedRequest

MENU = 12
LINKS = 5
PAGE = 48


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
    number = page_number(request)
    projects = list(found[(number - 1) * PAGE : number * PAGE + 1])
    context = {
        "projects": projects[:PAGE],
        "earlier": number - 1,
        "later": number + 1 if len(projects) > PAGE else 0,
        "q": words_of(request.GET.get("q", "")),
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
    """The whole page; the top bar names the project. `stored` asks for how much it takes, which may be a long sum."""
    stored = None
    if "stored" in request.GET:
        stored = stored_bytes_of_project(visible_project(request.user, uuid))
    if request.htmx and stored is not None:
        return TemplateResponse(request, "projects/_stored.html", {"stored": stored})
    project = visible_project(request.user, uuid, glance.with_glance(Project.objects.all()))
    studio_of(request).choose(project)
    people = glance.People(project.team, project)
    outlook = studio_of(request).outlook
    is_owner = getattr(project, "role", None) == Role.OWNER
    context = {
        "project": project,
        "takes_count": getattr(project, "takes_count", 0),
        "team": project.team,
        "is_owner": is_owner,
        "can_edit": getattr(project, "role", None) in EDITS,
        "links": ShareLink.objects.filter(project=project).listed()[:LINKS],
        "members": people.members_with(outlook.by_person) if outlook else people.members,
        "outlook": outlook,
        "roles": Role.choices,
        "banner": glance.banner(project),
        "stored": stored,
        "latest": latest(Activity.objects.of_project(project)),
    }
    if is_owner:
        context |= {"invitation": InvitationForm(), "invitations": people.invitations}
    return TemplateResponse(request, "projects/show.html", context)


@require_safe
@never_cache
def people(request: AuthenticatedRequest, uuid: UUID) -> JsonResponse:
    """Who can be mentioned in a comment, and as what: for the list that opens after an @."""
    found = people_of(visible_project(request.user, uuid).team)
    return JsonResponse({"people": [{"name": one.display_name, "as": written} for one, written in found]})


def _found(request: AuthenticatedRequest) -> ProjectQuerySet:
    mine = Project.objects.visible_to(request.user).select_related("team", "cover")
    return mine.named_like(words_of(request.GET.get("q", ""))).order_by("name", "pk")
