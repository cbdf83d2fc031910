"""Inviting people, and the page that an invitation's link opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from teams import inviting
from teams.access import owned_team
from teams.forms import InvitationForm
from teams.models import Invitation
from teams.people import Refused
from teams.views.answers import done, refused
from teams.views.teams import FRESH, page
from wanstudio import limits

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from wanstudio.http import AuthenticatedRequest, Request


@require_POST
def invite(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    team = owned_team(request.user, uuid)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return page(request, team, invitation=form, status=422)
    limits.count(request, "invite")
    try:
        invitation, link = inviting.invite(team, form.cleaned_data["email"], form.cleaned_data["role"], by=request.user)
    except Refused as refusal:
        form.add_error("email", refusal.sentence)
        return page(request, team, invitation=form, status=422)
    return _sent(request, invitation, link)


@require_POST
def send_again(request: AuthenticatedRequest, uuid: UUID, invitation: UUID) -> HttpResponse:
    team = owned_team(request.user, uuid)
    letter = get_object_or_404(Invitation, team=team, uuid=invitation)
    limits.count(request, "invite")
    try:
        link = inviting.send_again(letter, by=request.user)
    except Refused as refusal:
        return refused(request, team.get_absolute_url(), refusal.sentence)
    return _sent(request, letter, link)


@require_POST
def revoke(request: AuthenticatedRequest, uuid: UUID, invitation: UUID) -> HttpResponse:
    team = owned_team(request.user, uuid)
    letter = get_object_or_404(Invitation, team=team, uuid=invitation)
    try:
        inviting.revoke(letter, by=request.user)
    except Refused as refusal:
        return refused(request, team.get_absolute_url(), refusal.sentence)
    return done(
        request, team.get_absolute_url(), _("The invitation of %(email)s is withdrawn.") % {"email": letter.email}
    )


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: Request, token: str) -> HttpResponse:
    """Who invites whom to what; a press accepts. Guests sign in or sign up first and come back here."""
    if request.method == "POST":
        return _accept(request, token)
    invitation = Invitation.objects.by_token(token)
    objection = inviting.objection(invitation)
    context = {"invitation": invitation, "objection": objection, **_doors(request, invitation)}
    return TemplateResponse(request, "teams/join.html", context, status=410 if objection else 200)


def _accept(request: Request, token: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponseRedirect(_doors(request, None)["signin"], status=303)
    try:
        team = inviting.accept(token, request.user)
    except Refused as refusal:
        return TemplateResponse(request, "teams/join.html", {"objection": refusal.sentence}, status=409)
    return done(request, team.get_absolute_url(), _("Welcome to %(team)s.") % {"team": team.name})


def _doors(request: Request, invitation: Invitation | None) -> dict[str, str]:
    """Where guests sign in or up; `next` brings them back, and opens a sign-up that is closed otherwise."""
    back = {"next": request.path}
    address = {"email": invitation.email} if invitation else {}
    return {
        "signin": f"{reverse('account_login')}?{urlencode(back)}",
        "signup": f"{reverse('account_signup')}?{urlencode(back | address)}",
    }


def _sent(request: AuthenticatedRequest, invitation: Invitation, link: str) -> HttpResponse:
    """Where no mail is sent, the team's page shows the link to its owner, once."""
    url = invitation.team.get_absolute_url()
    if settings.EMAIL_URL:
        words = _("An invitation is on its way to %(email)s. It is good for 7 days.")
        return done(request, url, words % {"email": invitation.email})
    request.session[FRESH] = {"address": link, "email": invitation.email, "team": str(invitation.team.uuid)}
    return HttpResponseRedirect(url, status=303)
