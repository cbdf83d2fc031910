"""Roles, leaving, handing over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from generations.forms import as_uuid
from screenings.models import ShareLink
from teams import people
from teams.access import owned_team, visible_team
from teams.telling import links_of
from teams.views.answers import done, refused

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.models import User
    from teams.models import Team
    from wanstudio.http import AuthenticatedRequest


@require_POST
def change_role(request: AuthenticatedRequest, uuid: UUID, person: UUID) -> HttpResponse:
    team = owned_team(request.user, uuid)
    try:
        member = people.change_role(team, person, request.POST.get("role", ""), by=request.user)
    except people.Refused as refusal:
        return refused(request, team.get_absolute_url(), refusal.sentence)
    words = {"name": member.user.display_name, "role": member.get_role_display()}
    return done(request, team.get_absolute_url(), _("%(name)s: %(role)s from now on.") % words)


@require_POST
def remove(request: AuthenticatedRequest, uuid: UUID, person: UUID) -> HttpResponse:
    team = owned_team(request.user, uuid)
    try:
        member = people.remove(team, person, by=request.user)
    except people.Refused as refusal:
        return refused(request, team.get_absolute_url(), refusal.sentence)
    sentence = _("%(name)s is not in the team any more. The clips stay.") % {"name": member.user.display_name}
    if member.user_id == request.user.pk:
        return done(request, reverse("teams:index"), sentence)
    sentence = format_html("{} {}", sentence, _links_left(team, member.user))
    return done(request, team.get_absolute_url(), sentence)


def _links_left(team: Team, person: User) -> str:
    """How many addresses of theirs still work, with the way to them."""
    count = ShareLink.objects.still_open().filter(project__team=team, created_by=person).count()
    if not count:
        return ""
    words = ngettext(
        "%(count)s screening link that they made stays open.",
        "%(count)s screening links that they made stay open.",
        count,
    )
    link = format_html('<a href="{}">{}</a>', links_of(team, person), _("Look through them"))
    return format_html("{} {}", words % {"count": count}, link)


@require_POST
def leave(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    team = visible_team(request.user, uuid)
    try:
        people.leave(team, by=request.user)
    except people.Refused as refusal:
        return refused(request, team.get_absolute_url(), refusal.sentence)
    sentence = _("You have left %(team)s. Your clips and the screening links that you made stay there.")
    return done(request, reverse("teams:index"), sentence % {"team": team})


@require_POST
def hand_over(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    team = owned_team(request.user, uuid)
    person = as_uuid(request.POST.get("person", ""))
    if person is None:
        raise Http404
    try:
        heir = people.hand_over(team, person, by=request.user)
    except people.Refused as refusal:
        return refused(request, team.get_absolute_url(), refusal.sentence)
    sentence = _("%(name)s owns the team now; you are an editor.") % {"name": heir.user.display_name}
    return done(request, team.get_absolute_url(), sentence)
