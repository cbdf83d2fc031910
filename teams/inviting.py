"""Invitations: written, sent again, withdrawn, accepted. The token is in the letter alone; here is only its hash."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from teams import people
from teams.activity import record
from teams.models import Invitation, Membership, Team
from teams.models.invitation import hash_of
from teams.people import Refused
from wanstudio.locks import hold

PENDING_MOST = 100


def invite(team: Team, email: str, role: str, *, by: User) -> tuple[Invitation, str]:
    """A letter to a valid address, and its link. An invitation that waits already is written anew. Raises Refused."""
    email = email.lower()
    with people.locked(team, by):
        _require_invitable(team, email, by)
        known = Invitation.objects.pending().filter(team=team, email=email).first()
        invitation = known or Invitation(team=team, email=email)
        invitation.role, invitation.invited_by = role, by
        token = invitation.renew()
        invitation.save()
        record("invited_again" if known else "invited", team, by=by, role=role)
    return invitation, _send(invitation, token)


def send_again(invitation: Invitation, *, by: User) -> str:
    """A new letter with a new link for another week; the old link ends. Raises Refused."""
    with people.locked(invitation.team, by):
        fresh = Invitation.objects.select_for_update().filter(pk=invitation.pk).pending().first()
        if fresh is None:
            raise Refused(_("This invitation was accepted or withdrawn meanwhile."))
        _require_invitable(fresh.team, fresh.email, by)
        fresh.invited_by = by
        token = fresh.renew()
        fresh.save()
        record("invited_again", fresh.team, by=by)
    return _send(fresh, token)


def revoke(invitation: Invitation, *, by: User) -> None:
    """Its link ends now. Raises Refused when it has been accepted."""
    with people.locked(invitation.team, by):
        if not Invitation.objects.pending().filter(pk=invitation.pk).update(revoked_at=timezone.now()):
            raise Refused(_("This invitation was accepted or withdrawn meanwhile."))
        record("withdrawn", invitation.team, by=by)


def accept(token: str, user: User) -> Team:
    """Join the team; the token is used up. Raises Refused."""
    with transaction.atomic():
        _lock_team_of(token)
        invitation = Invitation.objects.by_token(token)
        if invitation is None or not invitation.is_open:
            raise Refused(objection(invitation))
        if not User.objects.filter(pk__in=hold(User.objects.filter(pk=user.pk)), is_active=True):
            raise Refused(_("Your account has just been closed. Nothing was changed."))
        if Membership.objects.filter(team=invitation.team, user=user).exists():
            raise Refused(_("You are in this team already. The invitation can still be used by somebody else."))
        # By its own columns alone: PostgreSQL reads those anew when it waited for another, but no joined ones.
        used = Invitation.objects.pending().filter(pk=invitation.pk)
        if not used.update(accepted_at=timezone.now(), accepted_by=user):
            raise Refused(_("This invitation has just been used."))
        people.join(invitation.team, user, invitation.role, invited_by=invitation.invited_by_id)
    return invitation.team


def objection(invitation: Invitation | None) -> str:
    """Why it can't be accepted, in words; "" when it can."""
    if invitation is None:
        return _("This link is not complete, or a newer one was sent since. Use the newest, or ask for another.")
    if invitation.accepted_at:
        return _("This invitation has been used. Each link works once.")
    if invitation.revoked_at:
        return _("This invitation was withdrawn. Ask whoever sent it for a new one.")
    if invitation.is_over:
        return _("This invitation has run out. Ask whoever sent it for a new one.")
    if invitation.team.is_deleted:
        return _("The team is not here any more.")
    if not invitation.is_from_owner:
        return _("Whoever sent this invitation does not own the team any more. Ask its owner for a new one.")
    return ""


def link(token: str) -> str:
    return settings.STUDIO_BASE_URL + reverse("teams:join", args=[token])


def _lock_team_of(token: str) -> None:
    """Who may cost the inviter the ownership has finished when this returns, or waits until the transaction ends."""
    list(Team.objects.select_for_update(of=("self",)).filter(invitations__token_hash=hash_of(token)))


def _require_invitable(team: Team, email: str, by: User) -> None:
    if team.is_personal:
        raise Refused(_("This is your own space. Make a team to work with others, and move projects there."))
    if email == by.email or EmailAddress.objects.filter(user=by, email=email, verified=True).exists():
        raise Refused(_("This is your own address."))
    if Membership.objects.filter(team=team).filter(_has_address(email)).exists():
        raise Refused(_("%(email)s is in the team already.") % {"email": email})
    if Invitation.objects.pending().filter(team=team).exclude(email=email).count() >= PENDING_MOST:
        raise Refused(_("%(count)s invitations are waiting. Withdraw some first.") % {"count": PENDING_MOST})


def _has_address(email: str) -> Q:
    """Members who are known by it; an address that nobody has confirmed may be anybody's."""
    confirmed = EmailAddress.objects.filter(email=email, verified=True)
    return Q(user__email=email) | Q(user__in=confirmed.values("user"))


def _send(invitation: Invitation, token: str) -> str:
    context = {"invitation": invitation, "link": link(token)}
    subject = _("%(name)s invites you to %(team)s") % {
        "name": invitation.invited_by.display_name,
        "team": invitation.team.name,
    }
    subject = " ".join(subject.split())
    send_mail(subject, render_to_string("teams/invitation.txt", context), None, [invitation.email])
    return link(token)
