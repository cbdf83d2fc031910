"""The rescue desk's side of the worker: reading an account's list, and taking in tasks that no take of ours knows."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from dashscope_client import TaskStatus, catalogue
from generations import clock, deadline
from generations.lifecycle import listing, reconcile
from generations.lifecycle.moves import move
from generations.lifecycle.press import Kin, make
from generations.lifecycle.shift import Shift, carry_on
from generations.models import Candidate, Generation, Origin, Outcome, Reading, Status, SubmitAttempt, WanAccount

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User
    from dashscope_client import ListedTask
    from teams.models import Project

logger = logging.getLogger(__name__)
READ_EVERY = timedelta(minutes=15)
READ_NEW_EVERY = timedelta(minutes=1)
ACTIVE = timedelta(hours=24)


def request(account: WanAccount) -> None:
    """Ask the workers for a fresh reading."""
    Reading.objects.update_or_create(account=account, defaults={"requested_at": clock.now()})


def sweep() -> None:
    """Read the lists that somebody asked for, and every quarter of an hour those of accounts in use.

    For at most settings.SWEEP_SECONDS; the others wait for the next sweep.
    """
    shift = Shift()
    now = clock.now()
    in_use = WanAccount.objects.filter(generations__created_at__gt=now - ACTIVE).distinct()
    for account in in_use.filter(reading=None):
        Reading.objects.get_or_create(account=account)
    wanted = Q(requested_at__isnull=False) & (Q(read_at=None) | Q(requested_at__gt=F("read_at")))
    of_nothing = Q(total=0, read_at__lt=now - READ_NEW_EVERY)  # whose account it is was not told either
    stale = Q(read_at=None) | Q(read_at__lt=now - READ_EVERY) | of_nothing
    free = Reading.objects.filter(Q(held_until=None) | Q(held_until__lte=now))
    until = now + timedelta(seconds=settings.WORK_LEASE)
    for reading in free.filter(wanted | (stale & Q(account__in=in_use))).select_related("account"):
        mine = free.filter(pk=reading.pk, read_at=reading.read_at, requested_at=reading.requested_at)
        if shift.goes_on and mine.update(held_until=until):
            with carry_on():
                _read(reading)


def _read(reading: Reading) -> None:
    """A worker that dies here is followed by another one once its hold has ended."""
    begun = {"read_at": clock.now(), "held_until": None}
    mine = Reading.objects.filter(pk=reading.pk)
    try:
        tasks = listing.read_list(reading.account)
    except listing.Incomplete as reason:
        logger.warning("Rescue desk, account %s: %s", reading.account_id, reason)
        mine.update(error=str(reason)[:200], **begun)
        return
    unheld = _unheld(tasks)
    ours = [task for task in unheld if task.model_name in catalogue.MODELS]
    doubts = _doubts(reading.account)
    unknown = [_row(task) for task in ours if not doubts.cover(task.task_id, task.gmt_create, task.api_key_id)]
    counts = {"total": len(tasks), "in_doubt": len(ours) - len(unknown), "others": len(unheld) - len(ours)}
    mine.update(tasks=unknown, error="", **counts, **begun)


def _unheld(tasks: list[ListedTask]) -> list[ListedTask]:
    """Tasks that may have a video, and that no attempt holds."""
    ids = [task.task_id for task in tasks]
    held = set(SubmitAttempt.objects.filter(task_id__in=ids).values_list("task_id", flat=True))
    ended = (TaskStatus.FAILED, TaskStatus.CANCELED, TaskStatus.UNKNOWN)
    return [task for task in tasks if task.task_id not in held and task.status not in ended]


class _Doubts:
    """Attempts whose answer is out, and what has been found to be none."""

    def __init__(self, attempts: list[SubmitAttempt]) -> None:
        self._attempts = attempts
        excluded = Candidate.objects.filter(attempt__in=attempts, is_excluded=True)
        self._excluded = set(excluded.values_list("attempt", "task_id"))

    def cover(self, task_id: str, created_at: datetime | None, key_id: str) -> bool:
        """May this task be the lost answer of one of them?"""
        return any(
            reconcile.is_around(attempt, created_at, key_id) and (attempt.pk, task_id) not in self._excluded
            for attempt in self._attempts
        )


def _doubts(account: WanAccount) -> _Doubts:
    """Of all accounts of the region: two rows may have the same Wan account, whose list shows the tasks of both.

    Not of attempts that somebody gave up: nothing is sent again for them by itself.
    """
    there = SubmitAttempt.objects.filter(account__region=account.region, account__is_demo=account.is_demo)
    return _Doubts(list(there.filter(outcome__in=(Outcome.OPEN, Outcome.UNKNOWN)).select_related("account")))


def _row(task: ListedTask) -> dict[str, str | None]:
    return {
        "task_id": task.task_id,
        "status": task.status.value,
        "model": task.model_name,
        "key_id": task.api_key_id,
        "created_at": task.gmt_create.isoformat() if task.gmt_create else None,
        "ended_at": task.end_time.isoformat() if task.end_time else None,
    }


class Gone(Exception):
    """The task can't be taken in; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def adopt(account: WanAccount, task_id: str, *, project: Project, by: User) -> Generation:
    """A take for a task that Wan has and we don't: watched and archived like any other. Raises Gone.

    Its recipe is filled in from what Wan returns with the result. Nothing is sent, so nothing can be billed.
    """
    reading = Reading.objects.filter(account=account).first()
    rows = {row["task_id"]: row for row in reading.tasks} if reading else {}
    if task_id not in rows:
        raise Gone(_("This task is no longer on the list. Read the list again."))
    try:
        with transaction.atomic():
            return _adopt(account, rows[task_id], project=project, by=by)
    except IntegrityError as known:
        raise Gone(_("This task has a take already.")) from known


def _adopt(account: WanAccount, row: dict[str, str | None], *, project: Project, by: User) -> Generation:
    task_id = row["task_id"] or ""
    created_at, now = parse_datetime(row["created_at"] or ""), clock.now()
    if deadline.is_forgotten(created_at, parse_datetime(row.get("ended_at") or ""), now):
        raise Gone(_("Wan has deleted this task since the list was read: it keeps a video for 24 hours."))
    if _doubts(account).cover(task_id, created_at, row.get("key_id") or ""):
        raise Gone(_("A take's answer was lost, and this may be its task. The studio is finding out; try again later."))
    created_at = created_at or now
    spec = catalogue.MODELS[row.get("model") or catalogue.DEFAULT_MODEL]
    recipe = {
        "model": spec.name,
        "prompt": _("Found at Wan"),
        "sent_prompt": "",
        "shots": [],
        "resolution": spec.default_resolution,
        "ratio": spec.default_ratio,
        "duration": spec.default_duration,
    }
    (take,) = make(
        [recipe], user=by, project=project, scene=None, account=account, token=uuid.uuid4(), kin=Kin(None, Origin.FOUND)
    )
    attempt = SubmitAttempt.objects.create(
        generation=take,
        account=account,
        fence=account.submit_fence,
        started_at=created_at,  # not now: the list forgets a task 24 hours after its creation, and so does our control
        ended_at=created_at,
        answered_at=now,
        outcome=Outcome.FOUND,
        task_id=task_id,
    )
    move(take, Status.SUBMITTING, "submitting", actor=by, data={"attempt": attempt.pk})
    due_at = now + timedelta(seconds=settings.LOOK_FIRST)
    since = min(created_at, now)  # its 24 hours run already
    known: dict[str, Any] = {"task_id": task_id, "accepted_at": since, "due_at": due_at}
    move(take, Status.PENDING, "found_in_list", actor=by, **known)
    reading = Reading.objects.select_for_update().get(account=account)
    reading.tasks = [row for row in reading.tasks if row["task_id"] != task_id]
    reading.save(update_fields=["tasks"])
    return take
