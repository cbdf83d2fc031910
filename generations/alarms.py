"""Alarms: what somebody has to know at once, written to the owners it concerns and to administrators.

Swept by the control worker, because a media worker that is gone is itself a reason. The simulator's takes raise none.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Count, Min, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from generations import clock, deadline, phrases, storage_refusal
from generations.lifecycle.watch import UNRECOGNISED_ALARM
from generations.models import Alarm, AlarmKind, AlarmNotice, Breaker, Generation, Status, Switchboard, WanAccount
from generations.words import REFUSED
from teams.models import Role
from wanstudio.logs import about

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from django.db.models import QuerySet

logger = logging.getLogger(__name__)
LOST_LATELY = timedelta(hours=24)
SAME_INCIDENT = timedelta(hours=1)  # what comes back within it is not told again
TELLS_ADMINISTRATORS = (AlarmKind.AT_RISK, AlarmKind.REFUSED, AlarmKind.LOST, AlarmKind.STORAGE)


@dataclass(frozen=True)
class Finding:
    """Something is wrong now: with one account, or (None) with the installation."""

    kind: AlarmKind
    account: int | None
    count: int = 0  # of clips
    deadline: datetime | None = None  # of the first
    reason: str = ""  # of a storage that refuses: a word of words.WAITING


def sweep() -> None:
    """Compare what is wrong now with the incidents that are open; tell of new ones."""
    now = clock.now()
    _log_late(now)
    findings = list(_find(now))
    if findings or Alarm.objects.filter(ended_at=None).exists():
        with transaction.atomic():  # one worker at a time: the row that all have is the lock
            Switchboard.objects.select_for_update().get(pk=Switchboard.load().pk)
            _end_others(findings, now)
            for finding in findings:
                _tell(_incident(finding, now), finding, now)


# What is wrong -------------------------------------------------------------------------------------------------------


def _find(now: datetime) -> Iterator[Finding]:
    yield from _of_takes(now)
    for account, reason in WanAccount.objects.filter(is_demo=False).exclude(breaker="").values_list("pk", "breaker"):
        yield Finding(AlarmKind.KEY if reason == Breaker.KEY else AlarmKind.BILLING, account)
    if not settings.STUDIO_DEMO and Switchboard.load().storage_refuses(now):
        yield Finding(AlarmKind.STORAGE, None, reason=storage_refusal.why())


def _of_takes(now: datetime) -> Iterator[Finding]:
    unsaved = Q(status=Status.ARCHIVING)
    conditions = {
        AlarmKind.AT_RISK: deadline.late(now),
        AlarmKind.REFUSED: unsaved & Q(waiting_for__in=REFUSED),
        AlarmKind.UNRECOGNISED: Q(unrecognised_since__lt=now - UNRECOGNISED_ALARM),
    }
    counts = {kind.value: Count("pk", filter=condition) for kind, condition in conditions.items()}
    takes = Generation.objects.filter(account__is_demo=False).order_by()
    firsts = {f"first_{kind.value}": Min(deadline.SINCE, filter=condition) for kind, condition in conditions.items()}
    by_account: QuerySet[Generation, dict[str, Any]] = takes.unfinished().values("account")  # type: ignore[assignment]
    row: dict[str, Any]
    for row in by_account.annotate(**counts, **firsts):
        for kind in conditions:
            if row[kind.value]:
                first = row[f"first_{kind.value}"]
                yield Finding(kind, row["account"], row[kind.value], first + settings.WAN_KEEPS if first else None)
    lost = takes.filter(status=Status.LOST, due_at__isnull=False, finished_at__gt=now - LOST_LATELY)
    for account, count in lost.values_list("account").annotate(n=Count("pk")):
        yield Finding(AlarmKind.LOST, account, count)


def _log_late(now: datetime) -> None:
    """Clips whose 24 hours at Wan are nearly over, at each sweep until they are saved."""
    late = Generation.objects.unfinished().filter(deadline.late(now), account__is_demo=False)
    for generation in late.order_by(deadline.SINCE)[:10]:
        with about(generation.uuid):
            logger.error("Not saved since %s, Wan deletes it after 24 hours", deadline.since(generation))


# Incidents -----------------------------------------------------------------------------------------------------------


def _end_others(findings: Iterable[Finding], now: datetime) -> None:
    going_on = {(finding.kind.value, finding.account) for finding in findings}
    for alarm in Alarm.objects.filter(ended_at=None):
        if (alarm.kind, alarm.account_id) not in going_on:
            Alarm.objects.filter(pk=alarm.pk).update(ended_at=now)
            logger.warning("Over: %s (account %s)", alarm.kind, alarm.account_id)


def _incident(finding: Finding, now: datetime) -> Alarm:
    """The open one, one that has just ended and comes back, or a new one."""
    alike = Alarm.objects.filter(kind=finding.kind, account=finding.account)
    known = alike.filter(Q(ended_at=None) | Q(ended_at__gt=now - SAME_INCIDENT)).order_by("-pk").first()
    if known is None:
        logger.error("Alarm: %s (account %s)", finding.kind.value, finding.account)
        return Alarm.objects.create(kind=finding.kind, account_id=finding.account, began_at=now)
    if known.ended_at:
        Alarm.objects.filter(pk=known.pk).update(ended_at=None)
    return known


def _tell(alarm: Alarm, finding: Finding, now: datetime) -> None:
    told = AlarmNotice.objects.filter(alarm=alarm).values("user")
    for person in _concerned(alarm).exclude(pk__in=told):
        AlarmNotice.objects.create(alarm=alarm, user=person, at=now)
        subject, text = _letter(alarm, finding, person, now)
        send_mail(subject, text, None, [person.email])


def _concerned(alarm: Alarm) -> QuerySet[User]:
    """Owners of the team whose account it is; administrators for their account, and for what only they can mend."""
    team = alarm.account.team_id if alarm.account else None
    owners = Q(pk__in=User.objects.filter(memberships__team=team, memberships__role=Role.OWNER).values("pk"))
    administrators = Q(is_superuser=True)
    if team is None:
        concerned = administrators
    else:
        concerned = owners | administrators if alarm.kind in TELLS_ADMINISTRATORS else owners
    return User.objects.filter(concerned, is_active=True).order_by("pk")


def _letter(alarm: Alarm, finding: Finding, person: User, now: datetime) -> tuple[str, str]:
    """Subject and text in the person's language. Numbers only: a prompt has no place in a mail."""
    account = alarm.account
    place = reverse("generations:rescue_desk", args=[account.uuid]) if account else reverse("generations:rescue")
    with translation.override(person.language or settings.LANGUAGE_CODE):
        left = phrases.at_least_hours((finding.deadline - now).total_seconds()) if finding.deadline else ""
        context = {
            "person": person,
            "account": account,
            "count": finding.count,
            "left": left,
            "reason": finding.reason,
            "url": f"{settings.STUDIO_BASE_URL}{place}",
        }
        text = render_to_string(f"generations/alarms/{alarm.kind}.txt", context)
    subject, _, body = text.strip().partition("\n")
    return subject, f"{body.strip()}\n"
