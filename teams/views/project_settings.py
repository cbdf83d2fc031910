"""What may be set on a project, by its editors and by its owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from generations import clock, unbound
from generations.forms import as_uuid
from generations.models import Generation, Status, WanAccount
from teams import closing, moving
from teams.access import deleted_project, editable_project, owned_project
from teams.activity import record
from teams.forms import COMPOSER_FIELDS, AccountChoiceForm, DefaultsForm, MoveForm, ProjectForm
from teams.models import Project, Role, Team
from teams.people import Refused
from teams.views.answers import done, refused
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from typing import Any
    from uuid import UUID

    from django.http import HttpResponse

    from generations.models.generation import GenerationQuerySet
    from wanstudio.http import AuthenticatedRequest

COVERS = 12


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """A post saves name and description; everything else on the page has a form of its own."""
    project = editable_project(request.user, uuid)
    name = project.name
    form = ProjectForm(request.POST or None, instance=project)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            if project.name != name:
                record("project_renamed", project, by=request.user, name=name, to=project.name)
        return done(request, project.get_absolute_url(), _("Saved"))
    return _page(request, project, about=form)


@require_POST
def defaults(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    project = editable_project(request.user, uuid)
    form = DefaultsForm(request.POST, project=project)
    if not form.is_valid():
        return _page(request, project, defaults=form)
    project.defaults = {name: form.cleaned_data[name] for name in COMPOSER_FIELDS}
    project.save(update_fields=["defaults"])
    return done(request, _settings_url(project), _("Saved. The composer starts from these."))


@require_POST
def cover(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """`take` names a clip of the project; without one the cover is taken off."""
    project = editable_project(request.user, uuid)
    wanted = request.POST.get("take")
    project.cover = get_object_or_404(_covers(project), uuid=as_uuid(wanted)) if wanted else None
    project.save(update_fields=["cover"])
    return done(request, _settings_url(project), _("Saved"))


@require_POST
def account(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    project = owned_project(request.user, uuid)
    form = AccountChoiceForm(request.POST, instance=project)
    if not form.is_valid():
        return _page(request, project, account=form)
    with transaction.atomic():
        form.save()
        if form.has_changed():
            record("account_chosen", project, by=request.user)
    if sentence := unbound.warning(project.team, WanAccount.objects.for_project(project), project=project):
        messages.warning(request, sentence)
    return done(request, _settings_url(project), _("Saved. New takes are paid by this account."))


@require_POST
def archive(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Into the archive, or with `back` out of it."""
    project = owned_project(request.user, uuid)
    is_back = bool(request.POST.get("back"))
    with transaction.atomic():
        project.hold()
        if Project.objects.filter(pk=project.pk, archived_at__isnull=not is_back).update(
            archived_at=None if is_back else clock.now()
        ):
            record("project_unarchived" if is_back else "project_archived", project, by=request.user)
    sentence = _("%(project)s is in use again.") if is_back else _("%(project)s is in the archive. Its clips stay.")
    return done(request, project.get_absolute_url(), sentence % {"project": project})


@require_POST
def move(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    project = owned_project(request.user, uuid)
    form = MoveForm(request.POST, teams=_targets(request, project))
    if not form.is_valid():
        return _page(request, project, move=form)
    team = form.cleaned_data["team"]
    try:
        moving.move(project, team, by=request.user)
    except Refused as refusal:
        return refused(request, _settings_url(project), refusal.sentence)
    if sentence := unbound.warning(team, WanAccount.objects.for_team(team), project=project):
        messages.warning(request, sentence)
    sentence = _("%(project)s belongs to %(team)s now.") % {"project": project, "team": team}
    return done(request, project.get_absolute_url(), sentence)


@require_POST
def delete(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    project = owned_project(request.user, uuid)
    try:
        closing.delete_project(project, by=request.user)
    except Refused as refusal:
        return refused(request, reverse("projects:index"), refusal.sentence)
    sentence = _("%(project)s is deleted. For 30 days you can bring it back here.") % {"project": project}
    return done(request, reverse("projects:index"), sentence)


@require_POST
def restore(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    project = deleted_project(request.user, uuid)
    try:
        closing.restore_project(project, by=request.user)
    except Refused as refusal:
        return refused(request, reverse("projects:index"), refusal.sentence)
    return done(request, project.get_absolute_url(), _("%(project)s is back.") % {"project": project})


def _page(request: AuthenticatedRequest, project: Project, **forms: Any) -> TemplateResponse:
    """`forms` are those that were sent, by what they are about."""
    studio_of(request).choose(project)
    is_owner = getattr(project, "role", None) == Role.OWNER
    fresh: dict[str, Any] = {"about": ProjectForm(instance=project), "defaults": DefaultsForm(project=project)}
    if is_owner:
        fresh["account"] = AccountChoiceForm(instance=project)
        fresh["move"] = MoveForm(teams=_targets(request, project))
        bills_in = {account.currency for account in WanAccount.objects.open_to(project.team)}
        fresh["unbound"] = unbound.warnings(project.team, bills_in, project=project)
    has_errors = any(form.errors for form in forms.values())
    context = {"project": project, "is_owner": is_owner, "covers": _covers(project)[:COVERS], **fresh, **forms}
    return TemplateResponse(request, "projects/settings.html", context, status=422 if has_errors else 200)


def _covers(project: Project) -> GenerationQuerySet:
    clips = Generation.objects.kept().filter(project=project, status=Status.READY)
    return clips.select_related("scene").order_by("-created_at", "-pk")


def _targets(request: AuthenticatedRequest, project: Project) -> Any:
    """Teams that the person owns, too."""
    return Team.objects.owned_by(request.user).exclude(pk=project.team_id).order_by("-personal_of", "name", "pk")


def _settings_url(project: Project) -> str:
    return reverse("projects:settings", args=[project.uuid])
