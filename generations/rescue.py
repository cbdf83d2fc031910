"""What the rescue desk shows: per account the tasks of the last 24 hours, and which clips' time runs out next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min, Q
from django.http import Http404
from django.utils.dateparse import parse_datetime
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from generations import clock, deadline
from generations.models import Generation, Reading, Status, SubmitAttempt, WanAccount
from generations.usage import StorageUse, usage_of_installation, usage_of_storage
from generations.words import REFUSED
from teams.models import Membership, Role

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User
    from generations.models.generation import GenerationQuerySet
    from teams.models import Team

RISK_FROM = timedelta(hours=2)  # saving usually takes seconds; after this it deserves a word


@dataclass(frozen=True)
class Unknown:
    """A task of Wan's that no take of ours knows."""

    task_id: str
    status: str
    created_at: datetime | None
    ended_at: datetime | None

    def is_forgotten(self, now: datetime) -> bool:
        """The list that shows it was read long ago."""
        return deadline.is_forgotten(self.created_at, self.ended_at, now)


@dataclass(frozen=True)
class AtRisk:
    """A clip that is not saved yet, and when Wan deletes it."""

    take: Generation
    deadline: datetime
    is_alarm: bool

    @property
    def is_past(self) -> bool:
        return self.deadline <= clock.now()

    @property
    def words(self) -> str:
        """What threatens it, for the people of its project."""
        left = {"time": timeuntil(self.deadline)}
        if self.take.spool_host:
            return _("rendered and fetched, but not stored yet. A machine of the studio has its file and stores it.")
        if self.is_past:
            return _("not saved, and Wan's 24 hours are over. We keep trying.")
        if self.take.status == Status.ARCHIVING:
            return _("rendered, but not saved yet. Wan deletes it in %(time)s.") % left
        return _("still not ended at Wan, which may delete it in %(time)s.") % left


@dataclass(frozen=True)
class Desk:
    """One account as a person may see it; takes of other teams only as a number."""

    account: WanAccount
    reading: Reading | None
    saved: list[Generation]
    on_the_way: list[Generation]
    others: int
    unknown: list[Unknown]
    at_risk: list[AtRisk]
    others_at_risk: int
    others_deadline: datetime | None  # of the first of them
    storage: StorageUse

    @property
    def accounts_for_all(self) -> bool:
        """Wan's list was read, and each of its videos belongs to a take."""
        reading = self.reading
        is_read = reading is not None and reading.read_at is not None and not reading.error
        return is_read and not self.unknown and not (reading and reading.in_doubt)


def accounts_of(user: User) -> list[WanAccount]:
    """Whose rescue desk this person may see: their teams' as an owner, the installation's as an administrator."""
    owned = Membership.objects.current(user).filter(role=Role.OWNER).values("team")
    mine = Q(team__in=owned) | (Q(team=None) if user.is_superuser else Q(pk=None))
    return list(WanAccount.objects.filter(mine).select_related("reading", "team").order_by("-pk"))


def account_for(user: User, uuid: UUID) -> WanAccount:
    """Fetching is checking: an account whose desk this person may see.

    Raises PermissionDenied for others of the team that owns it, Http404 for everybody else.
    """
    for account in accounts_of(user):
        if account.uuid == uuid:
            return account
    if WanAccount.objects.filter(uuid=uuid, team__in=Membership.objects.current(user).values("team")).exists():
        raise PermissionDenied(_("The rescue desk is for owners of the team."))
    raise Http404


def desk_of(account: WanAccount, user: User) -> Desk:
    now = clock.now()
    recent = SubmitAttempt.objects.filter(
        account=account, started_at__gt=now - settings.WAN_KEEPS, task_id__isnull=False
    )
    takes = Generation.objects.filter(attempts__in=recent).distinct()
    visible = takes.visible_to(user).select_related("scene", "owner", "project", "account")
    saved = visible.filter(status=Status.READY).order_by("-ready_at")[:100]
    on_the_way = visible.unfinished().order_by("created_at")[:100]
    reading = Reading.objects.filter(account=account).first()
    all_of_it = Generation.objects.filter(account=account)
    others = _endangered(all_of_it.exclude(pk__in=all_of_it.visible_to(user).values("pk")), now)
    others_at_risk = others.aggregate(count=Count("pk"), first=Min(deadline.SINCE))
    return Desk(
        account=account,
        reading=reading,
        saved=list(saved),
        on_the_way=list(on_the_way),
        others=takes.count() - visible.count(),
        unknown=[task for task in map(_unknown, reading.tasks) if not task.is_forgotten(now)] if reading else [],
        at_risk=at_risk(all_of_it.visible_to(user), now),
        others_at_risk=others_at_risk["count"],
        others_deadline=others_at_risk["first"] and others_at_risk["first"] + settings.WAN_KEEPS,
        storage=usage_of_storage(account.team) if account.team else usage_of_installation(),
    )


def _unknown(row: dict[str, str | None]) -> Unknown:
    created, ended = row["created_at"], row["ended_at"]
    return Unknown(
        task_id=row["task_id"] or "",
        status=row["status"] or "",
        created_at=parse_datetime(created) if created else None,
        ended_at=parse_datetime(ended) if ended else None,
    )


def at_risk(takes: GenerationQuerySet, now: datetime) -> list[AtRisk]:
    """Rendered and unsaved for longer than usual or for a reason that lasts, or at Wan for very long.

    The nearest deadline comes first.
    """
    waiting = _endangered(takes, now).select_related("scene", "account").order_by(deadline.SINCE)
    return [AtRisk(take, end, deadline.is_late(take, now)) for take in waiting[:50] if (end := deadline.of(take))]


def _endangered(takes: GenerationQuerySet, now: datetime) -> GenerationQuerySet:
    """The simulator's takes raise no alarm."""
    unsaved = Q(status=Status.ARCHIVING) & deadline.older_than(now - RISK_FROM)
    refused = Q(status=Status.ARCHIVING, waiting_for__in=REFUSED)
    return takes.unfinished().filter(unsaved | refused | deadline.late(now), account__is_demo=False)


def light_for(team: Team) -> list[AtRisk]:
    """What the studio page warns of; empty: nothing at risk."""
    return at_risk(Generation.objects.filter(team=team), clock.now())
