"""What pages of a team and of a project show of many tables at once, fetched with the team or the project itself."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import OuterRef

from accounts.models import User
from generations.models import Generation, Status
from generations.models.rows import Counted, Rows
from teams.models import Invitation, Membership, Role, Team

if TYPE_CHECKING:
    from teams.models import Project
    from teams.models.project import ProjectQuerySet
    from teams.models.team import TeamQuerySet

# What somebody is called and looks like, and whether they can sign in.
PERSON = ("uuid", "name", "email", "purged_at", "is_active")
LETTER = ("uuid", "email", "role", "sent_at", "expires_at")
BANNER = 6
MANY = 1000  # takes are counted up to here


def with_people(teams: TeamQuerySet) -> TeamQuerySet:
    """For People; costs no query more."""
    return teams.annotate(**_people("pk"))


def with_glance(projects: ProjectQuerySet) -> ProjectQuerySet:
    """For People, `banner` and `takes_count`; costs no query more."""
    takes = Generation.objects.kept().filter(project=OuterRef("pk"))
    newest = takes.filter(status=Status.READY).order_by("-created_at", "-pk")[:BANNER]
    facts = ("uuid", "created_at", "video_width", "video_height", "model", "resolution", "ratio")
    banner = Rows(newest, id="pk", **{name: name for name in facts})
    return projects.annotate(takes_count=Counted(takes.order_by()[:MANY]), its_banner=banner, **_people("team"))


def banner(project: Project) -> list[Generation]:
    """The newest clips, newest first. They are as models would be, but can't be saved."""
    rows = sorted(getattr(project, "its_banner", None) or (), key=lambda row: (row["created_at"], row["id"]))
    return [Generation(**row | {"uuid": UUID(row["uuid"])}) for row in reversed(rows)]


class People:
    """Of a team: members and invitations that wait. `source` was fetched with them, or (None) they are fetched now.

    Rows are as models would be, but can't be saved.
    """

    def __init__(self, team: Team, source: Team | Project | None = None) -> None:
        self.team = team
        self._source: Any = (
            source if hasattr(source, "its_members") else with_people(Team.objects.filter(pk=team.pk)).get()
        )

    @property
    def members(self) -> list[Membership]:
        """Owners first, then by name."""
        order = list(Role.values)
        members = [
            Membership(pk=row["id"], team=self.team, role=row["role"], user=_person(row))
            for row in self._source.its_members
        ]
        return sorted(members, key=lambda one: (order.index(one.role), one.user.display_name.lower(), one.pk))

    def members_with(self, spent: dict[int, Decimal]) -> list[Membership]:
        """Each with what they have spent."""
        members = self.members
        for member in members:
            member.spent = spent.get(member.user_id, Decimal(0))
        return members

    @property
    def invitations(self) -> list[Invitation]:
        """The latest first."""
        letters = [
            Invitation(
                pk=row["id"],
                team=self.team,
                uuid=UUID(row["uuid"]),
                email=row["email"],
                role=row["role"],
                sent_at=_moment(row["sent_at"]),
                expires_at=_moment(row["expires_at"]),
            )
            for row in self._source.its_invitations or ()
        ]
        return sorted(letters, key=lambda letter: (letter.sent_at, letter.pk), reverse=True)


def _people(team: str) -> dict[str, Rows]:
    members = Membership.objects.filter(team=OuterRef(team))
    letters = Invitation.objects.pending().filter(team=OuterRef(team))
    return {
        "its_members": Rows(members, id="pk", role="role", person="user", **{name: f"user__{name}" for name in PERSON}),
        "its_invitations": Rows(letters, id="pk", **{name: name for name in LETTER}),
    }


def _person(row: dict[str, Any]) -> User:
    return User(pk=row["person"], **{name: row[name] for name in PERSON} | {"uuid": UUID(row["uuid"])})


def _moment(text: str) -> datetime:
    """SQLite writes no zone."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
