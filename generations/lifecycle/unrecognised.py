"""UNKNOWN: Wan does not recognise a task that it has accepted. That is no end before its 24 hours are over: it is asked
on, and its list is read beside that, which may tell what the task has cost when it has to be given up.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from dashscope_client import TaskStatus
from generations import clock, ledger, pricing, storage
from generations.lifecycle.listing import CONTROL, Incomplete, read_list
from generations.lifecycle.moves import move, note, put_back
from generations.models import Event, Status, SubmitAttempt

if TYPE_CHECKING:
    from datetime import datetime

    from dashscope_client import ListedTask
    from generations.models import Generation

logger = logging.getLogger(__name__)
MARGIN_AFTER_DEADLINE = timedelta(minutes=5)
UNRECOGNISED_ALARM = timedelta(minutes=10)
READ_EVERY = timedelta(hours=1)
LOST_EVERY = timedelta(hours=1)
ABSENCES_NEEDED = 2
LISTED = {
    TaskStatus.FAILED: "listed_free",
    TaskStatus.CANCELED: "listed_free",
    TaskStatus.SUCCEEDED: "listed_billed",
    TaskStatus.PENDING: "listed_open",
    TaskStatus.RUNNING: "listed_open",
}
ABSENT = "listed_absent"
FREE = ("listed_free", ABSENT)


def ask_on(generation: Generation) -> None:
    """Again soon; after the 24 hours, without a URL, the video is lost."""
    now = clock.now()
    if generation.unrecognised_since is None:
        note(generation, "unrecognised")
        put_back(generation, 10, unrecognised_since=now)
        return
    since = generation.accepted_at or generation.created_at
    if now > since + settings.WAN_KEEPS + MARGIN_AFTER_DEADLINE:
        if _is_stored(generation):
            move(generation, Status.ARCHIVING, "found_stored", due_at=now)
        elif move(generation, Status.LOST, "lost", due_at=now + LOST_EVERY, **_charge(generation)):
            _alarm(generation, "is lost: Wan does not know it any more")
        return
    if now > generation.unrecognised_since + UNRECOGNISED_ALARM:
        _cross_check(generation, now)
    put_back(generation, 30)


def _is_stored(generation: Generation) -> bool:
    """It was saved, and then an older database was restored."""
    key = storage.generation_key(generation.uuid, "video.mp4")
    return storage.find(key) is not None


def _cross_check(generation: Generation, now: datetime) -> None:
    """Each hour: does the list know the task? An alarm the first time, in any case."""
    attempt = SubmitAttempt.objects.get(task_id=generation.task_id)
    if attempt.next_reading_at and attempt.next_reading_at > now:
        return
    SubmitAttempt.objects.filter(pk=attempt.pk).update(next_reading_at=now + READ_EVERY, readings=F("readings") + 1)
    words = _read(generation, attempt, now)
    if not Event.objects.filter(generation=generation, kind="unrecognised_long").exists():
        note(generation, "unrecognised_long", list=words)
        _alarm(generation, f"has not been recognised for ten minutes; {words}")


def _read(generation: Generation, attempt: SubmitAttempt, now: datetime) -> str:
    """One reading, remembered for the end. Returns what it says, for the log."""
    if now > attempt.started_at + CONTROL:
        return "the list forgets it by now"
    try:
        tasks = {task.task_id: task for task in read_list(generation.account, for_unrecognised=True)}
    except Incomplete as reason:
        return f"the list proves nothing: {reason}"
    listed = tasks.get(generation.task_id)
    absent = 0 if listed else attempt.absent_readings + 1
    SubmitAttempt.objects.filter(pk=attempt.pk).update(absent_readings=absent)
    _remember(generation, attempt, listed, absent)
    return "the list has it" if listed else "the list does not have it"


def _remember(generation: Generation, attempt: SubmitAttempt, listed: ListedTask | None, absent: int) -> None:
    """An event where the list says something new; one absence alone is none."""
    said = LISTED.get(listed.status, "listed_open") if listed else ABSENT
    if said != _last_said(attempt) and (listed or absent >= ABSENCES_NEEDED):
        note(generation, said, attempt=attempt.pk)


def _last_said(attempt: SubmitAttempt) -> str:
    """By the list, of this attempt's task; "" for nothing that counts."""
    kinds = {*LISTED.values(), ABSENT}
    said = Event.objects.filter(generation=attempt.generation_id, kind__in=kinds, data__attempt=attempt.pk)
    return said.order_by("-pk").values_list("kind", flat=True).first() or ""


def _charge(generation: Generation) -> dict[str, Any]:
    """Fields of the money of a take that is given up, by what the list has told of it."""
    said = _last_said(SubmitAttempt.objects.get(task_id=generation.task_id))
    if said in FREE:
        return pricing.released()
    return pricing.settled(generation, None) if said == "listed_billed" else pricing.possibly_charged(generation)


def free_after_all(generation: Generation) -> None:
    """A lost take of which Wan says after all that it made no video: nothing is looked for any more."""
    with transaction.atomic():
        put_back(generation, 0, due_at=None)
        if generation.cost is None:
            ledger.adjust(generation.pk, "free_after_all", **pricing.free_after_all(generation))
            note(generation, "free_after_all")


def _alarm(generation: Generation, words: str) -> None:
    """For the administrator; the simulator's takes raise none."""
    level = logging.WARNING if generation.account.is_demo else logging.ERROR
    logger.log(level, "Take %s: Wan's task %s %s", generation.uuid, generation.task_id, words)
