"""The table of moves and the only function that makes one."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from accounts.notifying import tell
from generations import clock, ledger, tally
from generations.models import UNFINISHED, Event, Generation, Status
from generations.models.spending import MONEY
from teams.activity import record

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User

S = Status
MOVES: dict[Status, frozenset[Status]] = {
    S.QUEUED: frozenset({S.SUBMITTING, S.CANCELED, S.FAILED}),
    S.SUBMITTING: frozenset({S.PENDING, S.QUEUED, S.FAILED, S.UNCERTAIN, S.CANCELED}),
    S.UNCERTAIN: frozenset({S.PENDING, S.ARCHIVING, S.FAILED, S.QUEUED, S.CANCELED}),
    S.PENDING: frozenset({S.RUNNING, S.ARCHIVING, S.FAILED, S.CANCELED, S.LOST, S.QUEUED}),
    S.RUNNING: frozenset({S.ARCHIVING, S.FAILED, S.CANCELED, S.LOST, S.QUEUED}),
    S.ARCHIVING: frozenset({S.READY, S.LOST, S.CANCELED}),
    S.READY: frozenset(),
    S.FAILED: frozenset(),
    S.CANCELED: frozenset(),
    S.LOST: frozenset({S.READY}),
}


TOLD = {S.READY: "ready", S.FAILED: "failed", S.CANCELED: "canceled", S.LOST: "lost"}  # verbs of an Activity


class ForbiddenMove(Exception):
    """A move that is not in the table: an error of ours."""


def move(
    generation: Generation,
    to: Status,
    kind: str,
    *,
    actor: User | None = None,
    data: dict[str, Any] | None = None,
    **fields: Any,
) -> bool:
    """Move by compare-and-set, together with an event row, the ledger and `fields`; False when somebody was first.

    Compared are status and task id as loaded: an answer about an earlier task can't move a take that was sent again.
    The instance in hand is brought up to date.
    """
    old = Status(generation.status)
    if to not in MOVES[old]:
        raise ForbiddenMove(f"{old} → {to}")
    now = clock.now()
    values = _values_of(to, now) | fields
    expected = {"status": old, "task_id": generation.task_id}
    is_booked = to in ledger.ENDINGS or not fields.keys().isdisjoint(MONEY)
    with transaction.atomic(savepoint=False):
        before = ledger.hold(generation.pk, **expected) if is_booked else None
        if not Generation.objects.filter(pk=generation.pk, **expected).update(version=F("version") + 1, **values):
            return False
        Event.objects.create(
            generation=generation, kind=kind, from_status=old, to_status=to, at=now, actor=actor, data=data or {}
        )
        if before is not None:
            ledger.book(before, kind)
        if to in TOLD:
            _tell(generation, TOLD[to], actor)
    for name, value in values.items():
        setattr(generation, name, value)
    tally.add(f"moved:{to}", generation.account_id)
    if to == Status.UNCERTAIN:
        tally.add("ambiguous", generation.account_id)
    return True


def _values_of(to: Status, now: datetime) -> dict[str, Any]:
    """Columns of every move: the claim is over, and in an end all that was still wanted of the take."""
    values = {"status": to, "status_changed_at": now, "lease_token": None, "tries": 0, "waiting_for": ""}
    over = {"finished_at": now, "due_at": None, "cancel_requested_at": None, "paused_at": None}
    return values if to in UNFINISHED else values | over


def _tell(generation: Generation, verb: str, actor: User | None) -> None:
    """Its owner gets the takes of one press, or of one call sheet, as one."""
    activity = record("canceled_by" if actor else verb, generation, by=actor)
    tell(activity, [generation.owner_id], group=f"{verb} {generation.batch_id or generation.press}")


def locked(pk: int) -> Generation:
    """The take, its row held until the transaction ends, so that what is read here is still so when it moves."""
    held = Generation.objects.select_for_update(of=("self",))
    return held.select_related("account", "owner", "scene", "project").get(pk=pk)


def note(generation: Generation, kind: str, *, actor: User | None = None, **data: Any) -> None:
    """An event without a move; the card is drawn anew."""
    with transaction.atomic():
        Event.objects.create(generation=generation, kind=kind, at=clock.now(), actor=actor, data=data)
        Generation.objects.filter(pk=generation.pk).update(version=F("version") + 1)


def claim(statuses: tuple[Status, ...], count: int, *, seconds: float | None = None) -> list[Generation]:
    """Take up to `count` due takes for `seconds` (default settings.WORK_LEASE): others see them as not due.

    A worker that dies leaves them due again when that time is over.
    """
    now = clock.now()
    token = uuid.uuid4()
    until = now + timedelta(seconds=seconds or settings.WORK_LEASE)
    due = Generation.objects.filter(status__in=statuses, due_at__lte=now).order_by("due_at")
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        keys = list(due.values_list("pk", flat=True)[:count])
        Generation.objects.filter(pk__in=keys).update(due_at=until, lease_token=token)
    taken = Generation.objects.filter(pk__in=keys, lease_token=token).select_related("account", "audio")
    return sorted(taken, key=lambda take: keys.index(take.pk))


def put_back(generation: Generation, seconds: float, **fields: Any) -> bool:
    """End a claim: due again in `seconds`. False when the claim had run out and somebody else has the take."""
    mine = Generation.objects.filter(pk=generation.pk, status=generation.status, lease_token=generation.lease_token)
    due_at = clock.now() + timedelta(seconds=seconds)
    return bool(mine.update(**{"due_at": due_at, "lease_token": None} | fields))


def back_off(generation: Generation, *, longest: float = 60.0, first: float = 1.0, **fields: Any) -> float:
    """End a claim after a failed try: due again after 1, 2, 4 … seconds. Returns those seconds."""
    seconds = min(longest, first * 2.0 ** min(generation.tries, 12))
    put_back(generation, seconds, tries=generation.tries + 1, **fields)
    return seconds


def renew(generation: Generation, *, seconds: float | None = None, **fields: Any) -> bool:
    """Hold a claim for another `seconds` (default settings.WORK_LEASE); False when it was lost meanwhile."""
    mine = Generation.objects.filter(pk=generation.pk, status=generation.status, lease_token=generation.lease_token)
    due_at = clock.now() + timedelta(seconds=seconds or settings.WORK_LEASE)
    return bool(mine.update(due_at=due_at, **fields))
