"""Alarms: what somebody has to know at once, written to the owners it concerns and to administrators.

Swept by the control worker, because a media worker that is gone is itself a reason. The simulator's takes raise none.
"""

from __future__ import annotations

import logging
from collections import defaultdict
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
from generations.lifecycle import breakers
from generations.lifecycle.unrecognised import UNRECOGNISED_ALARM
from generations.models import Alarm, AlarmKind, AlarmNotice, Breaker, Generation, Status, Switchboard
from generations.words import REFUSED
from teams.models import Role
from wanstudio.logs import about

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from django.db.models import QuerySet

logger = logging.getLogger(__name__)
SAME_INCIDENT = timedelta(hours=1)  # what comes back within it is not told again
FURTHER_AFTER = timedelta(hours=1)  # clips that come to an incident are told together, a letter an hour at most
OF_BREAKERS = {
    Breaker.KEY: AlarmKind.KEY,
    Breaker.BILLING: AlarmKind.BILLING,
    Breaker.UNPROVED: AlarmKind.UNPROVED,
}
TELLS_ADMINISTRATORS = (AlarmKind.AT_RISK, AlarmKind.REFUSED, AlarmKind.LOST, AlarmKind.STORAGE)


@dataclass(frozen=True)
class Finding:
    """Something is wrong now: with one account, or (None) with the installation."""

    kind: AlarmKind
    account: int | None
    clips: frozenset[int] = frozenset()  # their primary keys
    deadline: datetime | None = None  # of the first that nobody but Wan has
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
    for account, reason in breakers.stopped().filter(is_demo=False).values_list("pk", "breaker"):
        yield Finding(OF_BREAKERS[Breaker(reason)], account)
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
    at_wan_only = Q(spool_host="")
    firsts = {
        f"first_{kind.value}": Min(deadline.SINCE, filter=condition & at_wan_only)
        for kind, condition in conditions.items()
    }
    by_account: QuerySet[Generation, dict[str, Any]] = takes.unfinished().values("account")  # type: ignore[assignment]
    row: dict[str, Any]
    for row in by_account.annotate(**counts, **firsts):
        for kind, condition in conditions.items():
            if row[kind.value]:
                first = row[f"first_{kind.value}"]
                those = takes.unfinished().filter(condition, account=row["account"]).values_list("pk", flat=True)
                yield Finding(kind, row["account"], frozenset(those), first + settings.WAN_KEEPS if first else None)
    lost: dict[int, set[int]] = defaultdict(set)
    for account, pk in takes.filter(deadline.lost_lately(now)).values_list("account", "pk"):
        lost[account].add(pk)
    for account, keys in lost.items():
        yield Finding(AlarmKind.LOST, account, frozenset(keys))


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
    """Everybody concerned, of the incident and of each clip once; of clips that come to it later, together."""
    notices = {notice.user_id: notice for notice in AlarmNotice.objects.filter(alarm=alarm)}
    for person in _concerned(alarm):
        notice = notices.get(person.pk)
        known = frozenset(notice.clips if notice else ())
        further = finding.clips - known
        if notice is None or (further and notice.at <= now - FURTHER_AFTER):
            written = {"at": now, "clips": sorted(known | further)}
            AlarmNotice.objects.update_or_create(alarm=alarm, user=person, defaults=written)
            subject, text = _letter(alarm, finding, person, now, count=len(_told_of(finding, further)))
            send_mail(subject, text, None, [person.email])


def _told_of(finding: Finding, further: frozenset[int]) -> frozenset[int]:
    """What is over is told of once; of what can still be mended a letter tells how it stands."""
    return further if finding.kind == AlarmKind.LOST else finding.clips


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


def _letter(alarm: Alarm, finding: Finding, person: User, now: datetime, *, count: int) -> tuple[str, str]:
    """Subject and text in the person's language. Numbers only: a prompt has no place in a mail."""
    account = alarm.account
    place = reverse("generations:rescue_desk", args=[account.uuid]) if account else reverse("generations:rescue")
    with translation.override(person.mail_language):
        left = phrases.at_least_hours((finding.deadline - now).total_seconds()) if finding.deadline else ""
        context = {
            "person": person,
            "account": account,
            "count": count,
            "left": left,
            "reason": finding.reason,
            "hosts": _hosts(finding, now),
            "url": f"{settings.STUDIO_BASE_URL}{place}",
        }
        text = render_to_string(f"generations/alarms/{alarm.kind}.txt", context)
    subject, _, body = text.strip().partition("\n")
    return subject, f"{body.strip()}\n"


def _hosts(finding: Finding, now: datetime) -> str:
    """Media workers that have the verified file of an endangered clip; "" when none has."""
    if finding.kind != AlarmKind.AT_RISK:
        return ""
    endangered = Generation.objects.unfinished().filter(deadline.late(now), account=finding.account)
    return ", ".join(sorted(set(endangered.exclude(spool_host="").values_list("spool_host", flat=True))))
