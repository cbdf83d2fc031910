"""Moments of a clock that was ahead and was put right since: without this, what they hold back would wait for them.

Nothing here is due later than so long after now; a moment beyond that was written by a wrong clock. The take is then
looked at at once, which changes nothing where nothing is to be done.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import F, Q

from accounts import copying
from accounts.models import DataCopy
from generations import clock
from generations.lifecycle import archive, breakers, decision, derive, desk, unrecognised
from generations.models import (
    AccountCheck,
    BulkAction,
    Candidate,
    Generation,
    OrphanSearch,
    Outcome,
    Reading,
    Status,
    SubmitAttempt,
    WanAccount,
    Waveform,
)
from outbox import sending
from outbox.models import Mail

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

logger = logging.getLogger(__name__)
MARGIN = timedelta(minutes=1)
SOON = timedelta(minutes=10)  # longer than any work on these, and than any pause before it is repeated
LOOK = timedelta(hours=1)  # no rendering is usually so long that the first look at it is later


def put_right() -> None:
    """Moments that are too far ahead become now."""
    now = clock.now()
    count = sum(rows.update(**fields) for rows, fields in _too_late(now)) + _attempts(now)
    if count:
        logger.warning("A clock was ahead and was put right: %s moments that lay too far ahead are due now", count)


def _longest() -> dict[Status, timedelta]:
    """How long a take may wait for the next look, at most, or be held by a worker."""
    work = timedelta(seconds=settings.WORK_LEASE)
    return {
        Status.QUEUED: SOON,
        Status.SUBMITTING: timedelta(seconds=settings.POST_DEADLINE + settings.STUCK_MARGIN),
        Status.PENDING: LOOK,
        Status.RUNNING: LOOK,
        Status.ARCHIVING: work + timedelta(seconds=archive.LARGEST / archive.SLOWEST_STORAGE),
        Status.READY: max(timedelta(seconds=derive.LONGEST_PAUSE), timedelta(seconds=derive.lease())),
        Status.LOST: unrecognised.LOST_EVERY + work,
    }


def _too_late(now: datetime) -> list[tuple[QuerySet[Any], dict[str, Any]]]:
    """Rows with a moment that is too far ahead, and what is right for them."""
    takes: list[tuple[QuerySet[Any], dict[str, Any]]] = [
        (Generation.objects.filter(status=status, due_at__gt=now + longest + MARGIN), {"due_at": now})
        for status, longest in _longest().items()
    ]
    put_back = Generation.objects.filter(status=Status.ARCHIVING, lease_token=None, due_at__gt=now + SOON + MARGIN)
    far = now + SOON + MARGIN
    lost = SubmitAttempt.objects.filter(outcome=Outcome.UNKNOWN, next_reading_at__gt=far)
    released = SubmitAttempt.objects.filter(outcome=Outcome.RELEASED)
    given_up = released.filter(next_reading_at__gt=now + decision.AFTER_RELEASE_EVERY + MARGIN)
    held = WanAccount.objects.filter(held_until__gt=now + timedelta(seconds=breakers.LONGEST_HOLD) + MARGIN)
    stopped = WanAccount.objects.filter(breaker_probe_at__gt=now + breakers.BILLING_PROBE + MARGIN)
    searched = OrphanSearch.objects.filter(Q(began_at__gt=now + MARGIN) | Q(ended_at__gt=now + MARGIN))
    mail = Mail.objects.filter(due_at__gt=now + timedelta(seconds=sending.LONGEST_PAUSE) + MARGIN)
    return [
        *takes,
        (put_back, {"due_at": now}),
        (lost, {"next_reading_at": now}),
        (given_up, {"next_reading_at": now}),
        (Candidate.objects.filter(is_excluded=False, ask_at__gt=far), {"ask_at": now}),
        (held, {"held_until": None}),
        (stopped, {"breaker_probe_at": now}),
        (Reading.objects.filter(read_at__gt=now + MARGIN), {"read_at": now - desk.READ_EVERY}),
        (Reading.objects.filter(requested_at__gt=now + MARGIN), {"requested_at": now}),
        (Reading.objects.filter(held_until__gt=far), {"held_until": None}),
        (searched, {"began_at": None, "ended_at": None}),
        (mail, {"due_at": now}),
        (DataCopy.objects.filter(due_at__gt=now + copying.LEASE + MARGIN), {"due_at": now}),
        *((rows.objects.filter(due_at__gt=far), {"due_at": now}) for rows in (AccountCheck, BulkAction, Waveform)),
    ]


def _attempts(now: datetime) -> int:
    """Calls that were made later than now: their moments and the difference to Wan's clock move back together, so that
    what Wan tells of them fits as before, and their 24 hours run from now."""
    accounts = list(WanAccount.objects.values_list("pk", flat=True))
    ahead = SubmitAttempt.objects.filter(Q(account__in=accounts), started_at__gt=now + MARGIN)
    for attempt in ahead:
        step = attempt.started_at - now
        SubmitAttempt.objects.filter(pk=attempt.pk, started_at=attempt.started_at).update(
            started_at=now,
            ended_at=attempt.ended_at and attempt.ended_at - step,
            clock_skew=F("clock_skew") + step.total_seconds(),
        )
    return len(ahead)
