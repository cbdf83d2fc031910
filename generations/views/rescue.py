"""The rescue desk: an account's Wan tasks of the last 24 hours against our rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generations import rescue
from generations.forms import as_uuid
from generations.lifecycle import desk
from generations.views.answers import conflict
from teams.models import Project

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from wanstudio.http import AuthenticatedRequest


@require_safe
def index(request: AuthenticatedRequest) -> HttpResponse:
    """The only account, or a list of them; 404 for a person without one."""
    accounts = rescue.accounts_of(request.user)
    if not accounts:
        raise Http404
    if len(accounts) == 1:
        return redirect("generations:rescue_desk", accounts[0].uuid)
    return TemplateResponse(request, "generations/rescue_index.html", {"accounts": accounts})


@require_safe
def show(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    account = rescue.account_for(request.user, uuid)
    projects = Project.objects.editable_by(request.user).order_by("name")
    if account.team_id:
        projects = projects.filter(team=account.team_id)
    context = {"desk": rescue.desk_of(account, request.user), "projects": projects}
    return TemplateResponse(request, "generations/rescue.html", context)


@require_POST
def read(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    account = rescue.account_for(request.user, uuid)
    desk.request(account)
    messages.success(request, _("Wan's list is being read. Reload in a few seconds."))
    return HttpResponseRedirect(resolve_url("generations:rescue_desk", account.uuid), status=303)


@require_POST
def take_in(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Import one unknown task into a project of this person's; of the team that pays for it."""
    account = rescue.account_for(request.user, uuid)
    projects = Project.objects.editable_by(request.user)
    if account.team_id:
        projects = projects.filter(team=account.team_id)
    project = get_object_or_404(projects, uuid=as_uuid(request.POST.get("project", "")))
    try:
        take = desk.adopt(account, request.POST.get("task", ""), project=project, by=request.user)
    except desk.Gone as gone:
        return conflict(request, gone.sentence)
    messages.success(request, _("Taken in. It is watched and saved like any other take."))
    return HttpResponseRedirect(take.get_absolute_url(), status=303)
