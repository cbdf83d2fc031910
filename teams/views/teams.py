"""The list of one's teams, and one team: people, invitations, projects, Wan accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Q
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import usage
from generations.models import WanAccount
from teams import closing, glance
from teams.access import deleted_team, owned_team, visible_team
from teams.activity import record
from teams.forms import InvitationForm, TeamForm
from teams.models import Activity, Membership, Project, Role, Team
from teams.people import Refused
from teams.telling import latest
from teams.views.answers import done, refused
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.models import User
    from teams.models.project import ProjectQuerySet
    from wanstudio.http import AuthenticatedRequest

PROJECTS = 12
FRESH = "invitation-address"  # in the session until it has been shown once


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: AuthenticatedRequest) -> HttpResponse:
    """One's teams; a post makes another, which one owns."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            made = Team.objects.create_shared(request.user, form.cleaned_data["name"])
            record("team_made", made, by=request.user)
        return redirect(made)
    mine = Team.objects.visible_to(request.user).with_role_of(request.user)
    people = Count("memberships", distinct=True)
    projects = Count("projects", distinct=True, filter=Q(projects__deleted_at=None))
    teams = mine.annotate(people=people, projects_count=projects).order_by("-personal_of", "name", "pk")
    owned = Membership.objects.filter(user=request.user, role=Role.OWNER).values("team")
    deleted = Team.objects.restorable().filter(pk__in=owned).order_by("deleted_at")
    context = {"teams": teams, "deleted": deleted, "form": form, "roles": Role}
    return TemplateResponse(request, "teams/index.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
def show(request: AuthenticatedRequest, uuid: UUID) -> TemplateResponse:
    return page(request, visible_team(request.user, uuid, glance.with_people(Team.objects.all())))


@require_POST
def rename(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    team = owned_team(request.user, uuid)
    name = team.name
    form = TeamForm(request.POST, instance=team)
    if not form.is_valid():
        return page(request, team, naming=form, status=422)
    with transaction.atomic():
        form.save()
        if form.has_changed():
            record("team_renamed", team, by=request.user, name=name, to=team.name)
    return done(request, team.get_absolute_url(), _("Saved"))


@require_POST
def delete(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    team = owned_team(request.user, uuid)
    try:
        closing.delete_team(team, by=request.user)
    except Refused as refusal:
        return refused(request, team.get_absolute_url(), refusal.sentence)
    sentence = _("%(team)s is deleted. For 30 days you can bring it back here.") % {"team": team}
    return done(request, reverse("teams:index"), sentence)


@require_POST
def restore(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    team = deleted_team(request.user, uuid)
    try:
        closing.restore_team(team, by=request.user)
    except Refused as refusal:
        return refused(request, reverse("teams:index"), refusal.sentence)
    return done(request, team.get_absolute_url(), _("%(team)s is back.") % {"team": team})


def page(
    request: AuthenticatedRequest,
    team: Team,
    *,
    invitation: InvitationForm | None = None,
    naming: TeamForm | None = None,
    status: int = 200,
) -> TemplateResponse:
    """The whole page; owners find what only they may change."""
    is_owner = getattr(team, "role", None) == Role.OWNER
    here, people = studio_of(request), glance.People(team, team)
    projects = list(_projects(request.user, team)[:PROJECTS])
    if projects:
        here.choose(projects[0])  # the top bar tells of the team that one looks at
    context = {
        "team": team,
        "is_owner": is_owner,
        "members": people.members,
        "roles": Role.choices,
        "projects": projects,
        "latest": latest(Activity.objects.of_team(team)),
    }
    if is_owner:
        context |= {
            "account": here.account if projects and not projects[0].account_id else WanAccount.objects.for_team(team),
            "invitation": invitation or InvitationForm(),
            "fresh": _fresh(request, team),
            "invitations": people.invitations,
            "naming": naming or TeamForm(instance=team),
            "storage_use": usage.usage_of_storage(team),
        }
    return TemplateResponse(request, "teams/show.html", context, status=status)


def _fresh(request: AuthenticatedRequest, team: Team) -> dict[str, str] | None:
    """An invitation's address that was not shown yet, where the studio sends no mail."""
    known = request.session.get(FRESH)
    return request.session.pop(FRESH) if known and known["team"] == str(team.uuid) else None


def _projects(user: User, team: Team) -> ProjectQuerySet:
    projects = Project.objects.filter(team=team, deleted_at=None, archived_at=None).with_role_of(user)
    return projects.select_related("account").order_by("name", "pk")
