"""Deleting an account: signed out at once, back with an administrator's press for 30 days, then anonymous."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import DataCopy, Notification, User
from generations import clock, nudge, storage
from generations.lifecycle.shift import carry_on
from generations.models import Draft, Generation, Template
from screenings import mentions
from teams import people
from teams.activity import record
from teams.models import Invitation, Membership, Role, Team
from teams.models.deletion import KEPT
from teams.people import Refused
from wanstudio.locks import hold

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True)
class Consequences:
    """What deleting the account would do; with `blockers` or `is_last_admin` it is refused."""

    own_clips: int  # in the own space, whoever made them
    of_others: int  # among these
    clips_of_teams: int  # made by this person, that stay
    going: list[Team]  # teams of this person alone, each with `clips`
    blockers: list[Team]  # teams that would be left to nobody
    is_last_admin: bool


def consequences(user: User) -> Consequences:
    shared = Team.objects.visible_to(user).filter(personal_of=None)
    alone: list[Team] = []
    blockers: list[Team] = []
    clips = Generation.objects.filter(purged_at=None)
    counted = shared.annotate(people=Count("members", distinct=True), clips=_counted(clips.filter(team=OuterRef("pk"))))
    for team in counted.order_by("name"):
        if team.people == 1:
            alone.append(team)
        elif not Membership.objects.filter(team=team).owners().exclude(user=user).exists():
            blockers.append(team)
    own = clips.filter(team__personal_of=user)
    staying = clips.filter(owner=user, team__deleted_at=None, project__deleted_at=None)
    staying = staying.exclude(team__personal_of=user).exclude(team__in=alone)
    others = User.objects.exclude(pk=user.pk).filter(deleted_at=None)
    is_last = user.is_superuser and others.exists() and not others.administrators().exists()
    return Consequences(own.count(), own.exclude(owner=user).count(), staying.count(), alone, blockers, is_last)


def _counted(rows: QuerySet[Generation]) -> Coalesce:
    count = rows.order_by().values("team").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(count), 0)


def close(user: User) -> None:
    """Raises Refused while a team would be left without an owner, or the installation without an administrator."""
    with transaction.atomic():
        teams = hold(Team.objects.visible_to(user), from_references=True)
        hold(User.objects.filter(pk=user.pk) | User.objects.administrators())  # these stand in line, as owners do
        if Team.objects.visible_to(user).exclude(pk__in=teams).exists():
            raise Refused(_("You have just come to another team. Look again at what deleting your account would do."))
        after = consequences(user)
        if after.blockers:
            names = ", ".join(team.name for team in after.blockers)
            raise Refused(_("You are the only owner of %(teams)s. Hand over or delete first.") % {"teams": names})
        if after.is_last_admin:
            raise Refused(_("You are the only administrator. Make somebody else one first."))
        now = clock.now()
        going = [team.pk for team in after.going]
        Team.objects.filter(Q(pk__in=going) | Q(personal_of=user)).update(deleted_at=now, deleted_by=user)
        staying = Membership.objects.filter(user=user).exclude(team__in=going).exclude(team__personal_of=user)
        staying = staying.exclude(pk__in=_last_of_deleted(user))
        left = [membership.team for membership in staying.select_related("team")]
        staying.delete()
        for team in left:
            people.withdraw_invitations(team, by=user)
            record("left", team, by=user)
            people.tell_of_links(team, user, by=user)
        User.objects.filter(pk=user.pk).update(deleted_at=now, is_active=False)
        _end_sessions(user)
        transaction.on_commit(nudge.close_down)


def _last_of_deleted(user: User) -> QuerySet[Membership]:
    """Of teams that were deleted before, and that nobody else could bring back."""
    others = Membership.objects.filter(team=OuterRef("team")).owners().exclude(user=user)
    owned = Membership.objects.filter(user=user, role=Role.OWNER, team__deleted_at__isnull=False)
    return owned.exclude(Exists(others))


def reopen(user: User) -> bool:
    """With the own space and the teams of this person alone; False when there is nothing (any more) to reopen."""
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, purged_at=None, deleted_at__isnull=False).update(
            deleted_at=None, is_active=True
        ):
            return False
        Team.objects.restorable().filter(deleted_by=user, deleted_at=user.deleted_at).update(
            deleted_at=None, deleted_by=None
        )
    return True


def sweep() -> None:
    """After 30 days, when the own space is gone: nothing of the person is left but a row that money points to."""
    due = User.objects.filter(deleted_at__lt=clock.now() - KEPT, purged_at=None)
    for user in due.exclude(
        pk__in=Team.objects.filter(personal_of__isnull=False, purged_at=None).values("personal_of")
    ):
        with carry_on():
            for copy in DataCopy.objects.filter(user=user).exclude(key=""):
                storage.delete(copy.storage, copy.key)
            with transaction.atomic():
                _forget(user)


def _forget(user: User) -> None:
    DataCopy.objects.filter(user=user).delete()
    Notification.objects.filter(person=user).delete()
    Draft.objects.filter(owner=user).delete()
    Template.objects.filter(owner=user, project=None).delete()  # those that are shared are the project's
    user.saved_searches.all().delete()
    _forget_letters(user)
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    _end_sessions(user)
    Team.objects.filter(personal_of=user).update(name="")
    for row in (user, *Team.objects.filter(personal_of=user)):
        about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk))
        about.update(object_repr="", change_message="")
    user.email, user.name, user.purged_at = f"deleted-{user.uuid}@invalid.example", "", clock.now()
    user.set_unusable_password()
    user.save()
    mentions.forget(user)


def _forget_letters(user: User) -> None:
    """Invitations that the person accepted, and those to an address of theirs; but for who asks them back now."""
    verified = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    theirs = Q(email__in=[user.email, *verified], expires_at__lte=clock.now())
    Invitation.objects.filter(Q(accepted_by=user) | theirs).delete()


def _end_sessions(user: User) -> None:
    keys: QuerySet[UserSession, str] = UserSession.objects.filter(user=user).values_list("session_key", flat=True)
    Session.objects.filter(session_key__in=list(keys)).delete()
    UserSession.objects.filter(user=user).delete()
