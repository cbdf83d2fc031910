"""Who is in a team: roles, leaving, handing over. A team never loses its last owner, whoever presses at once.

Each verb locks the team's row first (on SQLite every transaction is the only writer), so two owners who remove each
other stand in line, and the second is refused.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.notifying import tell
from screenings.models import ShareLink
from teams.activity import record
from teams.models import Invitation, Membership, Role, Team
from wanstudio.locks import hold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from accounts.models import User


class Refused(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def change_role(team: Team, person: UUID, role: str, *, by: User) -> Membership:
    """Make a member an owner, editor or viewer. Raises Refused."""
    if role not in Role.values:
        raise Refused(_("There is no such role. Choose owner, editor or viewer."))
    with locked(team, by):
        member = _member(team, person)
        if role != Role.OWNER:
            _require_another_owner(team, member)
        if member.role != role:
            tell(record("role", team, by=by, person=member.user, role=role), [member.user_id])
        member.role = role
        member.save(update_fields=["role"])
        withdraw_invitations(team, by=by)
    return member


def remove(team: Team, person: UUID, *, by: User) -> Membership:
    """Take a member out; what was made stays with the team, and so do the links to it. Raises Refused."""
    with locked(team, by):
        member = _member(team, person)
        _require_not_own_space(team, member)
        _require_another_owner(team, member)
        member.delete()
        withdraw_invitations(team, by=by)
        record("left" if member.user_id == by.pk else "removed", team, by=by, person=member.user)
        tell_of_links(team, member.user, by=by)
    return member


def leave(team: Team, *, by: User) -> None:
    """Raises Refused for the last owner."""
    with locked(team):
        member = _member(team, by.uuid)
        _require_not_own_space(team, member)
        _require_another_owner(team, member)
        member.delete()
        withdraw_invitations(team, by=by)
        record("left", team, by=by)
        tell_of_links(team, by, by=by)


def hand_over(team: Team, person: UUID, *, by: User) -> Membership:
    """Another member becomes owner and the giver an editor, in one step. Raises Refused."""
    with locked(team, by):
        heir = _member(team, person)
        if heir.user_id == by.pk:
            raise Refused(_("You own this team already. Choose somebody else."))
        if team.is_personal:
            raise Refused(_("Your own space stays yours. Move its projects to a team instead."))
        if not heir.user.is_active:
            raise Refused(_("%(name)s can't sign in. Choose somebody else.") % {"name": heir.user.display_name})
        heir.role = Role.OWNER
        heir.save(update_fields=["role"])
        Membership.objects.filter(team=team, user=by).update(role=Role.EDITOR)
        withdraw_invitations(team, by=by)
        tell(record("handed_over", team, by=by, person=heir.user), [heir.user_id])
    return heir


def join(team: Team, user: User, role: str, *, invited_by: int | None = None) -> bool:
    """Add a person; False when they are a member already, whose role is left alone. Whoever invited them is told."""
    with transaction.atomic():
        is_new = Membership.objects.get_or_create(team=team, user=user, defaults={"role": role})[1]
        if is_new:
            tell(record("joined", team, by=user, role=role), [invited_by])
    return is_new


def left_to_nobody(person: User) -> list[Team]:
    """Teams that others work in and that nobody who can sign in would own without this person.

    Within a transaction, until whose end owners of these teams neither leave nor lose their role.
    """
    owned = Team.objects.filter(deleted_at=None, personal_of=None)
    owned = owned.filter(memberships__user=person, memberships__role=Role.OWNER)
    hold(owned, from_references=True)
    found = []
    for team in owned.order_by("pk"):
        others = Membership.objects.filter(team=team, user__is_active=True).exclude(user=person)
        if others.exists() and not others.owners().exists():
            found.append(team)
    return found


def withdraw_invitations(team: Team, *, by: User) -> None:
    """What somebody sent as an owner lets nobody in once they are none: it may be their own other address.

    Call it after whatever may have cost somebody the ownership, or the way in; invitations of its owners stay.
    """
    owners = Membership.objects.filter(team=team).owners().values("user")
    letters = Invitation.objects.pending().filter(team=team).exclude(invited_by__in=owners)
    for _letter in range(letters.update(revoked_at=timezone.now())):
        record("withdrawn", team, by=by)


def tell_of_links(team: Team, gone: User, *, by: User) -> None:
    """Clients rely on the addresses that somebody gave them, so these stay open, and the owners learn of it."""
    links = ShareLink.objects.still_open().filter(project__team=team, created_by=gone).count()
    if links:
        owners = Membership.objects.filter(team=team, role=Role.OWNER).values_list("user", flat=True)
        tell(record("links_stay", team, by=by, person=gone, count=links), owners)


@contextmanager
def locked(team: Team, by: User | None = None) -> Iterator[None]:
    """The team to ourselves; `by` must still own it, and be let in, now that others have finished. Raises Refused."""
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        if by and not Membership.objects.filter(team=team, user=by).owners().exists():
            raise Refused(_("You do not own this team any more. Nothing was changed."))
        yield


def _member(team: Team, person: UUID) -> Membership:
    member = Membership.objects.filter(team=team, user__uuid=person).select_related("user").first()
    if member is None:
        raise Refused(_("This person is not in the team."))
    return member


def _require_another_owner(team: Team, member: Membership) -> None:
    if not member.is_owner or Membership.objects.filter(team=team).owners().exclude(pk=member.pk).exists():
        return
    raise Refused(_("A team keeps at least one owner. Make somebody else an owner first."))


def _require_not_own_space(team: Team, member: Membership) -> None:
    if team.personal_of_id == member.user_id:
        raise Refused(_("This is your own space; nobody leaves that."))
