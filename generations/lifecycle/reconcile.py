"""UNCERTAIN: find out by reading whether Wan accepted a take, before anything is sent again for it.

A reading pages Wan's whole list. It is complete only when it holds every task of ours of the last 23 h (positive
control). Candidates are provisional: they are asked, and the take shows nothing of them before one matches. Two
complete readings without a candidate mean that it is certainly not there (design, Ambiguity is settled by reading).
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from dashscope_client import DashScopeError, ListedTask, TaskStatus
from generations import clock, limiter, nudge, pricing, wan
from generations.lifecycle import breakers
from generations.lifecycle.moves import move, note
from generations.lifecycle.submit import late_take
from generations.lifecycle.watch import succeed
from generations.models import Candidate, Generation, Outcome, Status, SubmitAttempt, WanAccount
from wanstudio.logs import about

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User
    from dashscope_client import TaskSnapshot

logger = logging.getLogger(__name__)
OPEN = (Outcome.UNKNOWN, Outcome.RELEASED)
AROUND = timedelta(minutes=10)
CONTROL = timedelta(hours=23)
GIVE_UP = timedelta(hours=24)
PAGE_SIZE = 50
MOST_PAGES = 400
READINGS_NEEDED = 2
ASK_CANDIDATE_EVERY = timedelta(seconds=10)
AFTER_RELEASE_EVERY = timedelta(minutes=30)


class Incomplete(Exception):
    """The list was throttled, cut, refused, or lacks one of our own tasks: it proves nothing."""


def sweep() -> None:
    """Everything that is due about lost answers; also the probes of refused keys."""
    lose_stuck_submits()
    breakers.probe()
    ask_candidates()
    for account in _accounts_to_read():
        _read_for(account)
    _ask_people()
    _give_up()


def lose_stuck_submits() -> None:
    """SUBMITTING past the POST's deadline and a margin: its worker died, the answer is lost."""
    stuck = Generation.objects.filter(status=Status.SUBMITTING, due_at__lte=clock.now()).select_related("account")
    for generation in stuck[:50]:
        with about(generation.uuid), transaction.atomic():
            attempt = SubmitAttempt.objects.filter(generation=generation).latest("pk")
            if move(generation, Status.UNCERTAIN, "answer_lost", due_at=None, data={"attempt": attempt.pk}):
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


def _read_for(account: WanAccount) -> None:
    """One reading of the account's list for all of its attempts that are due; claimed by pushing their time on."""
    now = clock.now()
    due = SubmitAttempt.objects.filter(account=account, outcome__in=OPEN, next_reading_at__lte=now)
    keys = list(due.values_list("pk", flat=True)[:50])
    mine = SubmitAttempt.objects.filter(pk__in=keys, next_reading_at__lte=now)
    if not mine.update(next_reading_at=now + timedelta(seconds=settings.WORK_LEASE), readings=F("readings") + 1):
        return
    attempts = list(SubmitAttempt.objects.filter(pk__in=keys).select_related("generation", "account"))
    try:
        tasks = read_list(account)
    except Incomplete as reason:
        logger.warning("A reading of account %s proves nothing: %s", account.pk, reason)
        for attempt in attempts:
            pause = min(60.0, 5.0 * 2 ** min(attempt.readings, 4))
            _schedule(attempt, clock.now() + timedelta(seconds=pause))
        return
    for attempt in attempts:
        with about(attempt.generation.uuid):
            _judge(attempt, tasks)


def read_list(account: WanAccount) -> list[ListedTask]:
    """Every task of Wan's default list (24 h, no time parameters). Raises Incomplete."""
    control = _known_tasks(account)
    tasks: dict[str, ListedTask] = {}
    page_no = total_pages = 1
    try:
        while page_no <= total_pages and page_no <= MOST_PAGES:
            if not limiter.wait_for_turn(account, "list", patience=10):
                raise Incomplete("no free slot")
            page = wan.client_for(account).list_tasks(page_no=page_no, page_size=PAGE_SIZE)
            tasks |= {task.task_id: task for task in page.tasks}
            total_pages, page_no, total = page.total_pages, page_no + 1, page.total
    except DashScopeError as error:
        raise Incomplete(str(error)) from error
    missing = control - tasks.keys()
    if missing or len(tasks) < total or total_pages > MOST_PAGES:
        raise Incomplete(f"{len(missing)} of our tasks are missing, {len(tasks)} of {total} tasks seen")
    return list(tasks.values())


def _known_tasks(account: WanAccount) -> set[str]:
    since = clock.now() - CONTROL
    known = SubmitAttempt.objects.filter(account=account, started_at__gt=since, task_id__isnull=False)
    return {task_id for task_id in known.values_list("task_id", flat=True) if task_id}


def _judge(attempt: SubmitAttempt, tasks: list[ListedTask]) -> None:
    found = _candidates(attempt, tasks)
    now = clock.now()
    for task_id in found:
        Candidate.objects.get_or_create(attempt=attempt, task_id=task_id, defaults={"ask_at": now})
    if attempt.candidates.filter(is_excluded=False).exists():
        _schedule(attempt, now + timedelta(seconds=settings.RECONCILE_READINGS[0]), absent=0)
        ask_candidates(attempt)
    elif attempt.outcome == Outcome.RELEASED:
        _schedule(attempt, now + AFTER_RELEASE_EVERY)
    else:
        _count_absence(attempt)


def _candidates(attempt: SubmitAttempt, tasks: list[ListedTask]) -> set[str]:
    """Ids of tasks created around the attempt that no attempt holds."""
    inside = {task.task_id for task in tasks if is_around(attempt, task)}
    held = SubmitAttempt.objects.filter(task_id__in=inside).values_list("task_id", flat=True)
    return inside - set(held)


def is_around(attempt: SubmitAttempt, task: ListedTask) -> bool:
    """Was this task created around the attempt, by our clock, with the key that sent it (where we know that)?"""
    key = attempt.account.api_key_id
    if task.gmt_create is None or (key and task.api_key_id != key):
        return False
    created = task.gmt_create - timedelta(seconds=attempt.account.clock_skew)
    return attempt.started_at - AROUND <= created <= _ended(attempt) + AROUND


def _count_absence(attempt: SubmitAttempt) -> None:
    """A complete reading without a candidate. Readings count from 30 s and 60 s after the connection's end."""
    absent = attempt.absent_readings + 1
    first, second = settings.RECONCILE_READINGS
    now = clock.now()
    if absent >= READINGS_NEEDED and now >= _ended(attempt) + timedelta(seconds=second):
        _absent(attempt)
    else:
        later = max(_ended(attempt) + timedelta(seconds=second), now + timedelta(seconds=second - first))
        _schedule(attempt, later, absent=min(absent, READINGS_NEEDED - 1))


def _absent(attempt: SubmitAttempt) -> None:
    with transaction.atomic():
        gone = SubmitAttempt.objects.filter(pk=attempt.pk, outcome=Outcome.UNKNOWN)
        if not gone.update(outcome=Outcome.ABSENT, next_reading_at=None):
            return
        generation = _fresh(attempt)
        if generation.status == Status.UNCERTAIN:
            data = {"attempt": attempt.pk, "readings": READINGS_NEEDED}
            if generation.cancel_requested_at:
                move(generation, Status.CANCELED, "canceled", data=data, **pricing.released())
            else:
                move(generation, Status.QUEUED, "certainly_absent", data=data, due_at=clock.now())
        transaction.on_commit(nudge.submit)


def _schedule(attempt: SubmitAttempt, moment: datetime, *, absent: int | None = None) -> None:
    fields = {} if absent is None else {"absent_readings": absent}
    still_open = SubmitAttempt.objects.filter(pk=attempt.pk, outcome__in=OPEN)
    still_open.update(next_reading_at=moment, **fields)


def _fresh(attempt: SubmitAttempt) -> Generation:
    return Generation.objects.select_related("account", "owner", "scene", "project").get(pk=attempt.generation_id)


# Candidates ----------------------------------------------------------------------------------------------------------


def ask_candidates(attempt: SubmitAttempt | None = None) -> None:
    """Ask for every due candidate; the first that matches is linked."""
    now = clock.now()
    due = Candidate.objects.filter(is_excluded=False, ask_at__lte=now, attempt__outcome__in=OPEN)
    if attempt:
        due = due.filter(attempt=attempt)
    for candidate in due.select_related("attempt__account", "attempt__generation")[:50]:
        mine = Candidate.objects.filter(pk=candidate.pk, ask_at=candidate.ask_at)
        if mine.update(ask_at=now + ASK_CANDIDATE_EVERY):
            with about(candidate.attempt.generation.uuid):
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
    """Is this success the take's? Its prompt as sent and, where returned, resolution, ratio and seconds."""
    if snapshot.orig_prompt != generation.sent_prompt[:5000]:
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
    with transaction.atomic():
        linked = SubmitAttempt.objects.filter(pk=attempt.pk, outcome__in=OPEN)
        found = {"outcome": Outcome.FOUND, "task_id": snapshot.task_id, "next_reading_at": None}
        if not linked.update(answered_at=clock.now(), request_id=snapshot.request_id[:80], **found):
            return
        generation = _fresh(attempt)
        if generation.status != Status.UNCERTAIN:
            generation = late_take(generation, attempt)
            move(generation, Status.SUBMITTING, "submitting", data={"attempt": attempt.pk})
            move(generation, Status.UNCERTAIN, "answer_lost", data={"attempt": attempt.pk})
        accepted = snapshot.submit_time or attempt.started_at
        succeed(generation, snapshot, "found_in_list", task_id=snapshot.task_id, accepted_at=accepted)


# People --------------------------------------------------------------------------------------------------------------


def _ask_people() -> None:
    """After ten minutes a person is asked as well; the reading goes on and the account is free again."""
    since = clock.now() - timedelta(seconds=settings.RECONCILE_ASK_AFTER)
    waiting = SubmitAttempt.objects.filter(outcome=Outcome.UNKNOWN, person_asked_at=None, started_at__lt=since)
    for attempt in waiting.select_related("generation")[:50]:
        asked = SubmitAttempt.objects.filter(pk=attempt.pk, person_asked_at=None)
        if asked.update(person_asked_at=clock.now()):
            note(attempt.generation, "person_asked", attempt=attempt.pk)


def _give_up() -> None:
    """Unanswered for 24 hours: the take ends as canceled, possibly charged. Released money is freed by then."""
    since = clock.now() - GIVE_UP
    for attempt in SubmitAttempt.objects.filter(outcome__in=OPEN, started_at__lt=since).select_related("account")[:50]:
        with transaction.atomic():
            if not SubmitAttempt.objects.filter(pk=attempt.pk, outcome=attempt.outcome).update(
                outcome=Outcome.RELEASED, next_reading_at=None
            ):
                continue
            generation = _fresh(attempt)
            if generation.status == Status.UNCERTAIN and attempt.outcome == Outcome.UNKNOWN:
                charged = pricing.possibly_charged(generation)
                move(generation, Status.CANCELED, "unanswered", data={"attempt": attempt.pk}, **charged)


CHOICES = ("check", "again", "discard")


def decide(generation: Generation, *, choice: str, by: User) -> bool:
    """What a person says of a take nobody can tell of: check, again or discard. False when it was settled meanwhile.

    "Again" reserves once more and keeps the first attempt as possibly charged; both keep looking for its video.
    """
    if choice not in CHOICES:
        raise ValueError(choice)
    attempt = SubmitAttempt.objects.filter(generation=generation, outcome=Outcome.UNKNOWN).order_by("-pk").first()
    if generation.status != Status.UNCERTAIN or attempt is None:
        return False
    now = clock.now()
    if choice == "check":
        SubmitAttempt.objects.filter(pk=attempt.pk).update(next_reading_at=now)
        note(generation, "checked_again", actor=by)
        return True
    charged = pricing.possibly_charged(generation)
    with transaction.atomic():
        released = SubmitAttempt.objects.filter(pk=attempt.pk, outcome=Outcome.UNKNOWN)
        if not released.update(outcome=Outcome.RELEASED, next_reading_at=now + AFTER_RELEASE_EVERY):
            return False
        if choice == "discard":
            return move(generation, Status.CANCELED, "discarded", actor=by, **charged)
        again: dict[str, Any] = {
            "due_at": now,
            "reserved": generation.price,
            "possibly_charged": charged["possibly_charged"],
        }
        transaction.on_commit(nudge.submit)
        return move(generation, Status.QUEUED, "sent_again", actor=by, **again)


def is_person_asked(generation: Generation) -> bool:
    """Is this take waiting for one of the three choices?"""
    asked = SubmitAttempt.objects.filter(generation=generation, outcome=Outcome.UNKNOWN)
    return generation.status == Status.UNCERTAIN and asked.exclude(person_asked_at=None).exists()
