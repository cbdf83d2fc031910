"""UNCERTAIN: find out by reading whether Wan accepted a take, before anything is sent again for it.

A reading pages Wan's whole list. It is complete only when it holds every task of ours of the last 23 h (positive
control). Candidates are provisional: they are asked, and the take shows nothing of them before one matches. Two
complete readings without a candidate mean that it is certainly not there (design, Ambiguity is settled by reading).
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, Q

from dashscope_client import DashScopeError, ListedTask, TaskStatus
from generations import clock, ledger, limiter, nudge, pricing, wan
from generations.lifecycle import breakers, decision
from generations.lifecycle.answers import found_after_all, late_take
from generations.lifecycle.decision import AFTER_RELEASE_EVERY
from generations.lifecycle.listing import Incomplete, read_list
from generations.lifecycle.moves import locked, move
from generations.lifecycle.project_lock import place_of
from generations.lifecycle.shift import Shift, carry_on
from generations.lifecycle.watch import succeed
from generations.models import Candidate, Generation, Outcome, Status, SubmitAttempt, WanAccount
from wanstudio.logs import about

if TYPE_CHECKING:
    from datetime import datetime

    from dashscope_client import TaskSnapshot

logger = logging.getLogger(__name__)
OPEN = (Outcome.UNKNOWN, Outcome.RELEASED)
NO_TASK = (Outcome.REFUSED, Outcome.NOT_LANDED)
AROUND = timedelta(minutes=10)
GIVE_UP = timedelta(hours=24)
UNSETTLED = Q(outcome=Outcome.UNKNOWN) | Q(outcome=Outcome.RELEASED, next_reading_at__isnull=False)
PROMPT_KEPT = 5000  # characters; Wan cuts longer prompts without a word
READINGS_NEEDED = 2
ASK_CANDIDATE_EVERY = timedelta(seconds=10)


def sweep() -> None:
    """Everything that is due about lost answers; also the probes of refused keys."""
    shift = Shift()
    for step in (lose_stuck_submits, breakers.probe, decision.ask_people, _give_up):
        with carry_on():
            step()
    ask_candidates(shift)
    for account in _accounts_to_read():
        if shift.goes_on:
            with carry_on():
                _read_for(account, shift)


def lose_stuck_submits() -> None:
    """Takes whose worker died: SUBMITTING past the POST's deadline and a margin, or unmoved after a late refusal."""
    stuck = Generation.objects.filter(status=Status.SUBMITTING, due_at__lte=clock.now())
    for pk in [*stuck.values_list("pk", flat=True)[:50], *_refused_late()]:
        with transaction.atomic():
            generation = locked(pk)
            if generation.status in (Status.SUBMITTING, Status.UNCERTAIN):
                _lose(generation)


def _refused_late() -> list[int]:
    """UNCERTAIN although the latest attempt is answered: nothing would read the list for them any more."""
    attempts = SubmitAttempt.objects.filter(generation=OuterRef("pk")).order_by("-pk")
    since = clock.now() - timedelta(seconds=settings.STUCK_MARGIN)
    uncertain = Generation.objects.filter(status=Status.UNCERTAIN)
    answered = uncertain.annotate(outcome=attempts.values("outcome")[:1], ended_at=attempts.values("ended_at")[:1])
    return list(answered.filter(outcome__in=NO_TASK, ended_at__lte=since).values_list("pk", flat=True)[:50])


def _lose(generation: Generation) -> None:
    attempt = SubmitAttempt.objects.filter(generation=generation).latest("pk")
    data = {"attempt": attempt.pk}
    if attempt.outcome in NO_TASK and generation.cancel_requested_at:
        move(generation, Status.CANCELED, "canceled", data=data, **pricing.released())
    elif attempt.outcome in NO_TASK:
        move(generation, Status.QUEUED, "not_landed", due_at=clock.now(), data=data)
    elif generation.status == Status.SUBMITTING and move(
        generation, Status.UNCERTAIN, "answer_lost", due_at=None, data=data
    ):
        first = _ended(attempt) + timedelta(seconds=settings.RECONCILE_READINGS[0])
        SubmitAttempt.objects.filter(pk=attempt.pk, outcome=Outcome.OPEN).update(
            outcome=Outcome.UNKNOWN, next_reading_at=first
        )


def _ended(attempt: SubmitAttempt) -> datetime:
    """When the connection ended; its deadline if nobody recorded it."""
    return attempt.ended_at or attempt.started_at + timedelta(seconds=settings.POST_DEADLINE)


# Reading -------------------------------------------------------------------------------------------------------------


def _accounts_to_read() -> list[WanAccount]:
    due = SubmitAttempt.objects.filter(outcome__in=OPEN, next_reading_at__lte=clock.now())
    return list(WanAccount.objects.filter(pk__in=due.values("account")))


def _read_for(account: WanAccount, shift: Shift) -> None:
    """One reading of the account's list for all of its attempts that are due; claimed by pushing their time on."""
    now = clock.now()
    until = now + timedelta(seconds=settings.WORK_LEASE)
    due = SubmitAttempt.objects.filter(account=account, outcome__in=OPEN, next_reading_at__lte=now)
    keys = list(due.values_list("pk", flat=True)[:50])
    mine = SubmitAttempt.objects.filter(pk__in=keys, next_reading_at__lte=now)
    if not mine.update(next_reading_at=until, readings=F("readings") + 1):
        return
    attempts = list(SubmitAttempt.objects.filter(pk__in=keys, next_reading_at=until).select_related("generation"))
    try:
        tasks = read_list(account)
    except Incomplete as reason:
        logger.warning("A reading of account %s proves nothing: %s", account.pk, reason)
        for attempt in attempts:
            _schedule(attempt, clock.now() + _back_off(attempt))
        return
    for attempt in attempts:
        attempt.account = account  # whose clock the reading has just compared with ours
        with about(attempt.generation.uuid), carry_on():
            _judge(attempt, tasks, now, shift)


def _back_off(attempt: SubmitAttempt) -> timedelta:
    """After a reading that proves nothing: 10 s at first, 60 s at most."""
    first, longest = settings.RECONCILE_READINGS
    return timedelta(seconds=min(longest, first / 6 * 2 ** min(attempt.readings, 4)))


def _judge(attempt: SubmitAttempt, tasks: list[ListedTask], read_at: datetime, shift: Shift) -> None:
    for task_id in _candidates(attempt, tasks):
        Candidate.objects.get_or_create(attempt=attempt, task_id=task_id, defaults={"ask_at": read_at})
    if attempt.candidates.filter(is_excluded=False).exists():
        _schedule(attempt, clock.now() + timedelta(seconds=settings.RECONCILE_READINGS[0]), absent=0)
        ask_candidates(shift, attempt)
    else:
        _count_absence(attempt, read_at)


def _candidates(attempt: SubmitAttempt, tasks: list[ListedTask]) -> set[str]:
    """Ids of tasks created around the attempt that no attempt holds."""
    inside = {task.task_id for task in tasks if is_around(attempt, task.gmt_create, task.api_key_id)}
    held = SubmitAttempt.objects.filter(task_id__in=inside).values_list("task_id", flat=True)
    return inside - set(held)


def is_around(attempt: SubmitAttempt, created_at: datetime | None, key_id: str) -> bool:
    """Was the task of the list that Wan created then, with that key, created around the attempt, by our clock, with the
    key that sent it (where we know that)?

    Our clock of now or of then: where it was put right since, only the latter tells.
    """
    account = attempt.account
    knows_key = account.api_key_id and account.api_key_print == attempt.sent_with
    if created_at is None or (knows_key and key_id != account.api_key_id):
        return False
    since, until = attempt.started_at - AROUND, _ended(attempt) + AROUND
    skews = (account.clock_skew, account.clock_skew if attempt.clock_skew is None else attempt.clock_skew)
    return any(since <= created_at - timedelta(seconds=skew) <= until for skew in skews)


def _count_absence(attempt: SubmitAttempt, read_at: datetime) -> None:
    """A complete reading without a candidate. Counted are two: 30 s and 60 s after the connection's end, or later."""
    first, second = (_ended(attempt) + timedelta(seconds=seconds) for seconds in settings.RECONCILE_READINGS)
    absent = attempt.absent_readings + (read_at >= first)
    if attempt.outcome == Outcome.RELEASED:
        _schedule(attempt, read_at + AFTER_RELEASE_EVERY, absent=min(absent, READINGS_NEEDED))
    elif absent >= READINGS_NEEDED and read_at >= second:
        _absent(attempt)
    else:
        _schedule(attempt, max(second if absent else first, read_at + (second - first)), absent=min(absent, 1))


def _absent(attempt: SubmitAttempt) -> None:
    with transaction.atomic():
        generation = locked(attempt.generation_id)
        gone = SubmitAttempt.objects.filter(pk=attempt.pk, outcome=Outcome.UNKNOWN)
        if not gone.update(outcome=Outcome.ABSENT, next_reading_at=None):
            return
        if generation.status != Status.UNCERTAIN or not _is_the_lost_one(attempt):
            return
        data = {"attempt": attempt.pk, "readings": READINGS_NEEDED}
        if generation.cancel_requested_at:
            move(generation, Status.CANCELED, "canceled", data=data, **pricing.released())
        else:
            move(generation, Status.QUEUED, "certainly_absent", data=data, due_at=clock.now())
        transaction.on_commit(partial(nudge.submit, generation.account_id))


def _is_the_lost_one(attempt: SubmitAttempt) -> bool:
    """No later attempt of the take is still unanswered."""
    later = SubmitAttempt.objects.filter(generation_id=attempt.generation_id, pk__gt=attempt.pk)
    return not later.filter(outcome__in=(Outcome.OPEN, Outcome.UNKNOWN)).exists()


def _schedule(attempt: SubmitAttempt, moment: datetime, *, absent: int | None = None) -> None:
    fields = {} if absent is None else {"absent_readings": absent}
    still_open = SubmitAttempt.objects.filter(pk=attempt.pk, outcome__in=OPEN)
    still_open.update(next_reading_at=moment, **fields)


# Candidates ----------------------------------------------------------------------------------------------------------


def ask_candidates(shift: Shift, attempt: SubmitAttempt | None = None) -> None:
    """Ask for every due candidate of the last 24 hours; the first that matches is linked."""
    now = clock.now()
    due = Candidate.objects.filter(is_excluded=False, ask_at__lte=now)
    due = due.filter(attempt__outcome__in=OPEN, attempt__started_at__gt=now - GIVE_UP)
    if attempt:
        due = due.filter(attempt=attempt)
    for candidate in due.select_related("attempt__account", "attempt__generation").order_by("ask_at")[:50]:
        mine = Candidate.objects.filter(pk=candidate.pk, ask_at=candidate.ask_at)
        if shift.goes_on and mine.update(ask_at=now + ASK_CANDIDATE_EVERY):
            with about(candidate.attempt.generation.uuid), carry_on():
                _ask(candidate)


def _ask(candidate: Candidate) -> None:
    attempt = candidate.attempt
    if SubmitAttempt.objects.filter(task_id=candidate.task_id).exists():
        Candidate.objects.filter(pk=candidate.pk).update(is_excluded=True)
        return
    if not limiter.wait_for_turn(attempt.account, "query", patience=5):
        return
    try:
        snapshot = wan.client_for(attempt.account).get_task(candidate.task_id)
    except DashScopeError as error:
        logger.warning("Asking for candidate %s: %s", candidate.task_id, error)
        return
    if snapshot.status in (TaskStatus.FAILED, TaskStatus.CANCELED):
        Candidate.objects.filter(pk=candidate.pk).update(is_excluded=True)  # it was free: counts as absent
    elif snapshot.status == TaskStatus.SUCCEEDED:
        if matches(attempt.generation, snapshot):
            _link(attempt, snapshot)
        elif snapshot.orig_prompt is not None:
            Candidate.objects.filter(pk=candidate.pk).update(is_excluded=True)


def matches(generation: Generation, snapshot: TaskSnapshot) -> bool:
    """Is this success the take's? Its prompt as sent (blanks aside) and, where returned, resolution, ratio, seconds."""
    theirs = snapshot.orig_prompt or ""
    if theirs.split() != generation.sent_prompt[:PROMPT_KEPT].split():
        return False
    usage = snapshot.usage
    if usage is None:
        return True
    pairs = [
        (usage.resolution, generation.resolution),
        (usage.ratio, generation.ratio),
        (usage.duration, generation.duration),
    ]
    return all(theirs is None or theirs == ours for theirs, ours in pairs)


def _link(attempt: SubmitAttempt, snapshot: TaskSnapshot) -> None:
    """The task is the attempt's: this take's if nothing else of it is on its way, else a new take's."""
    with transaction.atomic():
        place = place_of(attempt.generation_id)
        generation = locked(attempt.generation_id)
        linked = SubmitAttempt.objects.filter(pk=attempt.pk, outcome__in=OPEN)
        found = {"outcome": Outcome.FOUND, "task_id": snapshot.task_id, "next_reading_at": None}
        if not linked.update(answered_at=clock.now(), request_id=snapshot.request_id[:80], **found):
            return
        breakers.proved_wrong(attempt)
        cleared: dict[str, Any] = {}
        if generation.status in (Status.UNCERTAIN, Status.QUEUED):
            cleared = found_after_all(generation, attempt)
        else:
            generation = late_take(generation, attempt, place)
        cleared |= {"accepted_at": attempt.started_at, "task_id": snapshot.task_id}
        if generation.status == Status.UNCERTAIN:
            succeed(generation, snapshot, "found_in_list", **cleared)
            return
        move(generation, Status.SUBMITTING, "submitting", data={"attempt": attempt.pk})
        move(generation, Status.PENDING, "found_in_list", data={"attempt": attempt.pk}, **cleared)
        succeed(generation, snapshot)


# The end -------------------------------------------------------------------------------------------------------------


def _give_up() -> None:
    """After 24 hours a take nobody decided on ends as canceled, possibly charged, and the reading of the list ends."""
    old = SubmitAttempt.objects.filter(UNSETTLED, started_at__lt=clock.now() - GIVE_UP)
    for attempt in old[:50]:
        with transaction.atomic():
            generation = locked(attempt.generation_id)
            if old.filter(pk=attempt.pk).exists():
                _end(generation, attempt)


def _end(generation: Generation, attempt: SubmitAttempt) -> None:
    is_absent = attempt.absent_readings >= READINGS_NEEDED and not attempt.candidates.filter(is_excluded=False).exists()
    outcome = Outcome.ABSENT if is_absent else Outcome.RELEASED
    SubmitAttempt.objects.filter(pk=attempt.pk).update(outcome=outcome, next_reading_at=None)
    if generation.status == Status.UNCERTAIN and attempt.outcome == Outcome.UNKNOWN:
        charged = pricing.possibly_charged(generation)
        move(generation, Status.CANCELED, "unanswered", data={"attempt": attempt.pk}, **charged)
    elif is_absent and attempt.outcome == Outcome.RELEASED:  # 24 hours of lists have shown nothing: it was not charged
        ledger.adjust(generation.pk, "certainly_absent", **pricing.cleared(generation))
