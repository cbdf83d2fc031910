"""What came back from a create call, or did not, recorded on its attempt whatever the take's status has become."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction

from dashscope_client import Rejected, Throttled
from generations import clock, ledger, pricing, scheduling
from generations.lifecycle import breakers
from generations.lifecycle.moves import locked, move
from generations.lifecycle.press import Kin, make
from generations.lifecycle.project_lock import place_of
from generations.lifecycle.retry import recipe_of
from generations.models import Event, Generation, Origin, Outcome, Status, SubmitAttempt, WanAccount

if TYPE_CHECKING:
    from dashscope_client import DashScopeError, TaskCreated
    from teams.models import Project

logger = logging.getLogger(__name__)
UNSETTLED = (Outcome.OPEN, Outcome.UNKNOWN, Outcome.RELEASED)


class PlaceNotHeld(Exception):
    """A take has to be made of the answer, in a place that has to be held before its own take is locked."""


def accept(attempt: SubmitAttempt, created: TaskCreated) -> bool:
    """Wan has the take. A late id is this take's if it is unfinished and has no other live task, else a new take's.

    True: another take of the account may follow at once.
    """
    try:
        try:
            with transaction.atomic():
                _accept(attempt, created)
        except PlaceNotHeld:
            with transaction.atomic():
                _accept(attempt, created, place_of(attempt.generation_id))
    except IntegrityError:  # two identical takes: the list gave this task to the other one, whose task is still there
        logger.warning("Task %s is already watched for another attempt", created.task_id)
    return True


def _accept(attempt: SubmitAttempt, created: TaskCreated, place: Project | None = None) -> None:
    now = clock.now()
    WanAccount.objects.filter(pk=attempt.account_id).exclude(holds=0, breaker="").update(
        holds=0, breaker="", breaker_code="", breaker_since=None, breaker_probe_at=None
    )
    generation = Generation.objects.select_for_update().get(pk=attempt.generation_id)
    known = SubmitAttempt.objects.select_for_update().get(pk=attempt.pk)
    known.account = attempt.account  # in hand: not read once more
    said: dict[str, Any] = {
        "outcome": Outcome.ACCEPTED,
        "answered_at": now,
        "ended_at": now,
        "task_id": created.task_id,
        "request_id": created.request_id[:80],
        "next_reading_at": None,
    }
    if known.task_id not in (None, created.task_id):  # the list gave it a twin's task; this one is as real
        known = _beside(known, said)
        _bind(late_take(generation, known, place), known, created.task_id)
        return
    SubmitAttempt.objects.filter(pk=attempt.pk).update(**said)
    if known.task_id is None:  # else the list was faster: the take has this task already
        _bind(generation, known, created.task_id, place)


def _beside(known: SubmitAttempt, said: dict[str, Any]) -> SubmitAttempt:
    """Another attempt for what the same call has made, as far as anybody can tell."""
    call = {
        name: getattr(known, name)
        for name in ("generation", "account", "fence", "sent_with", "started_at", "clock_skew")
    }
    return SubmitAttempt.objects.create(**call, **said)


def _bind(generation: Generation, attempt: SubmitAttempt, task_id: str, place: Project | None = None) -> None:
    now = clock.now()
    due_at = now + timedelta(seconds=settings.LOOK_FIRST)
    accepted: dict[str, Any] = {"task_id": task_id, "accepted_at": now, "due_at": due_at, "rendering_at": None}
    about: dict[str, Any] = {"data": {"attempt": attempt.pk}}
    if generation.status == Status.SUBMITTING and _is_latest(attempt):
        accepted["due_at"] = now + timedelta(seconds=scheduling.first_look(attempt.account))
        move(generation, Status.PENDING, "accepted", **about, **accepted)
        return
    if generation.status == Status.UNCERTAIN:
        accepted |= found_after_all(generation, attempt)
    elif generation.status == Status.QUEUED:
        accepted |= found_after_all(generation, attempt)
        move(generation, Status.SUBMITTING, "submitting", **about)
    else:
        generation = late_take(generation, attempt, place)
        move(generation, Status.SUBMITTING, "submitting", **about)
    move(generation, Status.PENDING, "late_answer", **about, **accepted)


def _is_latest(attempt: SubmitAttempt) -> bool:
    return not SubmitAttempt.objects.filter(generation_id=attempt.generation_id, pk__gt=attempt.pk).exists()


def found_after_all(generation: Generation, attempt: SubmitAttempt) -> dict[str, Any]:
    """Fields of a take whose given-up attempt has a task after all: its own price covers it."""
    return pricing.cleared(generation) if attempt.outcome == Outcome.RELEASED else {}


def late_take(generation: Generation, attempt: SubmitAttempt, place: Project | None) -> Generation:
    """A new take for a task that turned up after its own take had gone another way. The attempt is moved to it.

    `place` is what `place_of` held before the take was locked. Raises PlaceNotHeld when that is not its project.
    """
    if place is None or place.pk != generation.project_id:
        raise PlaceNotHeld
    (take,) = make(
        [recipe_of(generation)],
        user=generation.owner,
        project=place,
        scene=generation.scene,
        account=attempt.account,
        token=uuid.uuid4(),
        kin=Kin(generation, Origin.LATE),
    )
    SubmitAttempt.objects.filter(pk=attempt.pk).update(generation=take)
    Event.objects.create(generation=generation, kind="late_answer", data={"take": str(take.uuid)}, at=clock.now())
    ledger.adjust(generation.pk, "late_answer", **found_after_all(generation, attempt))
    return take


def refuse(attempt: SubmitAttempt, error: DashScopeError) -> bool:
    """The create did not give a task id. True when another take of the account may follow at once."""
    with transaction.atomic():
        generation = locked(attempt.generation_id)
        known = SubmitAttempt.objects.select_for_update().get(pk=attempt.pk)
        if known.outcome not in UNSETTLED:
            return True
        _record(known, error)
        if known.outcome == Outcome.RELEASED and not error.may_have_landed:
            ledger.adjust(generation.pk, "refused", **pricing.cleared(generation))
        if not _is_latest(attempt) or generation.status not in (Status.SUBMITTING, Status.UNCERTAIN):
            return True
        if error.may_have_landed:
            if generation.status == Status.SUBMITTING:
                move(generation, Status.UNCERTAIN, "answer_lost", due_at=None, data={"attempt": attempt.pk})
            return False
    return _settle(generation, attempt, error)


def _record(known: SubmitAttempt, error: DashScopeError) -> None:
    """On the attempt as it is now: one that a person has given up stays so when its answer is lost as well."""
    now = clock.now()
    said: dict[str, Any] = {
        "ended_at": now,
        "http_status": error.http_status,
        "code": error.code[:80],
        "message": error.message[:500],
        "request_id": error.request_id[:80],
    }
    if not error.may_have_landed:
        is_answer = isinstance(error, Rejected | Throttled)
        outcome = Outcome.REFUSED if is_answer else Outcome.NOT_LANDED
        said |= {"outcome": outcome, "answered_at": now if is_answer else None, "next_reading_at": None}
    elif known.outcome == Outcome.OPEN:
        first = now + timedelta(seconds=settings.RECONCILE_READINGS[0])
        said |= {"outcome": Outcome.UNKNOWN, "next_reading_at": first}
    else:
        said |= {"absent_readings": 0}
    SubmitAttempt.objects.filter(pk=known.pk).update(**said)


def _settle(generation: Generation, attempt: SubmitAttempt, error: DashScopeError) -> bool:
    """An answer that proves that there is no task: wait, or fail. May ask Wan's list once (key refused)."""
    if isinstance(error, Throttled):
        return _wait(generation, attempt, "throttled", hold=True)
    if not isinstance(error, Rejected):
        return _wait(generation, attempt, "unreachable", hold=True)
    trips = error.cause.breaker
    if trips and breakers.trip(attempt.account, trips, error.code):
        return _wait(generation, attempt, trips, hold=False)
    move(
        generation,
        Status.FAILED,
        "refused",
        failure_cause=error.cause.value,
        failure_code=error.code[:80],
        failure_message=error.message[:500],
        data={"attempt": attempt.pk, "code": error.code},
        **pricing.released(),
    )
    return True


def _wait(generation: Generation, attempt: SubmitAttempt, reason: str, *, hold: bool) -> bool:
    """Back into the queue at its old place; the account pauses for 2, 4, 8 … 60 s."""
    seconds = breakers.hold(attempt.account, reason) if hold else 1.0
    due_at = clock.now() + timedelta(seconds=seconds)
    kind = {"unreachable": "not_landed", "throttled": "throttled"}.get(reason, "refused")
    move(generation, Status.QUEUED, kind, due_at=due_at, waiting_for=reason, data={"attempt": attempt.pk})
    return False
