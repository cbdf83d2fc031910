"""QUEUED → SUBMITTING → PENDING: one create call per attempt, its row committed before the first byte leaves."""

from __future__ import annotations

import logging
import secrets
import time
import uuid
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F, Q

from dashscope_client import DashScopeError, Rejected, Throttled, VideoRequest, catalogue
from generations import clock, limiter, pricing, scheduling, wan
from generations.lifecycle import breakers
from generations.lifecycle.moves import move, note, put_back
from generations.lifecycle.prepare import AudioGone, NotYet, audio_url
from generations.models import Event, Generation, Origin, Outcome, Status, SubmitAttempt, Switchboard, WanAccount
from wanstudio.logs import about

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashscope_client import TaskCreated

logger = logging.getLogger(__name__)
DATABASE_TRIES = 6


def sweep() -> None:
    """Fill the free slots of every account, fairly, for at most settings.SWEEP_SECONDS."""
    ends = time.monotonic() + settings.SWEEP_SECONDS
    board = Switchboard.load()
    for account in scheduling.accounts_to_submit():
        while time.monotonic() < ends and submit_next(account, board):
            account.refresh_from_db()


def submit_next(account: WanAccount, board: Switchboard) -> bool:
    """Send the account's next take; True when another may follow at once."""
    now = clock.now()
    reason = scheduling.hold_reason(account, now, board)
    if reason or scheduling.capacity(account, now) <= 0:
        _tell_why(account, reason or "slots")
        return False
    generation = _claim_next(account)
    if generation is None:
        return False
    with about(generation.uuid):
        try:
            request = _prepare(generation)
        except AudioGone:
            return move(generation, Status.FAILED, "audio_gone", failure_cause="audio-gone", **pricing.released())
        except NotYet as later:
            _tell_why_not_yet(generation, later)
            return True
        return _submit(generation, account, request)


def _tell_why(account: WanAccount, reason: str) -> None:
    queued = Generation.objects.filter(account=account, status=Status.QUEUED, due_at__lte=clock.now())
    queued.exclude(waiting_for=reason).update(waiting_for=reason, version=F("version") + 1)


def _tell_why_not_yet(generation: Generation, later: NotYet) -> None:
    if generation.waiting_for != later.reason:
        note(generation, "audio_waits", code=later.code)
    seconds = min(300.0, 5.0 * 2 ** min(generation.tries, 6))
    put_back(generation, seconds, waiting_for=later.reason, tries=generation.tries + 1)


def _claim_next(account: WanAccount) -> Generation | None:
    """The take whose turn it is, held under a lease while it is prepared; None when there is none."""
    for _ in range(3):
        now = clock.now()
        generation = scheduling.next_queued(account, now)
        if generation is None:
            return None
        token = uuid.uuid4()
        due_at = now + timedelta(seconds=settings.SUBMIT_LEASE)
        mine = Generation.objects.filter(pk=generation.pk, status=Status.QUEUED, paused_at=None, due_at__lte=now)
        if mine.update(lease_token=token, due_at=due_at):
            generation.lease_token = token
            return generation
    return None


def _prepare(generation: Generation) -> VideoRequest:
    """Audio where Wan can fetch it, a seed drawn. May speak to the network, outside any transaction."""
    address = audio_url(generation) if generation.audio else None
    if generation.seed is None:
        generation.seed = secrets.randbelow(catalogue.MODELS[generation.model].seed_max + 1)
        Generation.objects.filter(pk=generation.pk, seed=None).update(seed=generation.seed)
    return VideoRequest(
        model=generation.model,
        prompt=generation.sent_prompt,
        negative_prompt=generation.negative_prompt,
        audio_url=address,
        resolution=generation.resolution,
        ratio=generation.ratio,
        duration=generation.duration,
        prompt_extend=generation.prompt_extend,
        watermark=generation.watermark,
        seed=generation.seed,
    )


def _submit(generation: Generation, account: WanAccount, request: VideoRequest) -> bool:
    fence = _take_lease(account)
    if fence is None:
        put_back(generation, 0)
        return False
    try:
        if not limiter.wait_for_turn(account, "create"):
            put_back(generation, 1)
            return False
        attempt = _open_attempt(generation, account, fence)
        if attempt is None:
            return False
        return _send(generation, attempt, request)
    finally:
        WanAccount.objects.filter(pk=account.pk, submit_fence=fence).update(submit_lease_until=clock.now())


def _take_lease(account: WanAccount) -> int | None:
    """The account's submit lease: one sender at a time. Returns its fencing token, None while another holds it."""
    now = clock.now()
    free = Q(submit_lease_until=None) | Q(submit_lease_until__lte=now)
    until = now + timedelta(seconds=settings.SUBMIT_LEASE)
    fence = account.submit_fence + 1
    mine = WanAccount.objects.filter(free, pk=account.pk, submit_fence=account.submit_fence)
    return fence if mine.update(submit_lease_until=until, submit_fence=fence) else None


def _open_attempt(generation: Generation, account: WanAccount, fence: int) -> SubmitAttempt | None:
    """SUBMITTING and its attempt, committed together; None when the lease, the claim or the slot is gone."""
    now = clock.now()
    lost_at = now + timedelta(seconds=settings.POST_DEADLINE + settings.STUCK_MARGIN)
    with transaction.atomic():
        holder = WanAccount.objects.select_for_update().get(pk=account.pk)
        claimed = Generation.objects.filter(
            pk=generation.pk, status=Status.QUEUED, lease_token=generation.lease_token, cancel_requested_at=None
        )
        if holder.submit_fence != fence or scheduling.capacity(account, now) <= 0 or not claimed.exists():
            put_back(generation, 0)
            return None
        attempt = SubmitAttempt.objects.create(generation=generation, account=account, fence=fence, started_at=now)
        if not move(generation, Status.SUBMITTING, "submitting", due_at=lost_at, data={"attempt": attempt.pk}):
            transaction.set_rollback(True)
            return None
    return attempt


def _send(generation: Generation, attempt: SubmitAttempt, request: VideoRequest) -> bool:
    """One POST. Whatever comes back is recorded on the attempt; True when another take may follow at once."""
    account = attempt.account
    try:
        created = wan.client_for(account).create_video(request, deadline=settings.POST_DEADLINE)
    except DashScopeError as error:
        logger.warning("Create of attempt %s: %s", attempt.pk, error)
        wan.learn_clock(account, error.server_date)
        return _persist(partial(refuse, attempt, error))
    logger.info("Attempt %s accepted as task %s, request %s", attempt.pk, created.task_id, created.request_id)
    wan.learn_clock(account, created.server_date)
    return _persist(partial(accept, attempt, created))


def _persist(record: Callable[[], bool]) -> bool:
    """Write an answer, again and again when the database is busy: a paid task id must not be dropped."""
    for turn in range(DATABASE_TRIES):
        try:
            return record()
        except OperationalError:
            if turn == DATABASE_TRIES - 1:
                raise
            logger.exception("The answer could not be written yet")
            time.sleep(0.5 * 2**turn)
    return False


def accept(attempt: SubmitAttempt, created: TaskCreated) -> bool:
    """Wan has the take. A late id is this take's if it is unfinished and has no other live task, else a new take's."""
    now = clock.now()
    if SubmitAttempt.objects.filter(task_id=created.task_id).exclude(pk=attempt.pk).exists():
        logger.warning("Task %s is already watched for another attempt", created.task_id)
        return True
    with transaction.atomic():
        SubmitAttempt.objects.filter(pk=attempt.pk).update(
            outcome=Outcome.ACCEPTED,
            answered_at=now,
            ended_at=now,
            task_id=created.task_id,
            request_id=created.request_id,
            next_reading_at=None,
        )
        WanAccount.objects.filter(pk=attempt.account_id).exclude(holds=0, breaker="").update(
            holds=0, breaker="", breaker_code="", breaker_since=None, breaker_probe_at=None
        )
        generation = Generation.objects.select_related("account").get(pk=attempt.generation_id)
        _bind(generation, attempt, created.task_id)
    return True


def _bind(generation: Generation, attempt: SubmitAttempt, task_id: str) -> None:
    now = clock.now()
    accepted: dict[str, Any] = {
        "task_id": task_id,
        "accepted_at": now,
        "due_at": now + timedelta(seconds=scheduling.FIRST_LOOK),
        "rendering_at": None,
    }
    if generation.status == Status.SUBMITTING and _is_latest(attempt):
        move(generation, Status.PENDING, "accepted", data={"attempt": attempt.pk}, **accepted)
    elif generation.status == Status.UNCERTAIN:
        move(generation, Status.PENDING, "late_answer", data={"attempt": attempt.pk}, **accepted)
    elif generation.status == Status.QUEUED:
        move(generation, Status.SUBMITTING, "submitting", data={"attempt": attempt.pk})
        move(generation, Status.PENDING, "late_answer", data={"attempt": attempt.pk}, **accepted)
    else:
        take = late_take(generation, attempt)
        move(take, Status.SUBMITTING, "submitting", data={"attempt": attempt.pk})
        move(take, Status.PENDING, "late_answer", data={"attempt": attempt.pk}, **accepted)


def _is_latest(attempt: SubmitAttempt) -> bool:
    return not SubmitAttempt.objects.filter(generation_id=attempt.generation_id, pk__gt=attempt.pk).exists()


def late_take(generation: Generation, attempt: SubmitAttempt) -> Generation:
    """A new take for a task that turned up after its own take had gone another way. The attempt is moved to it."""
    from generations.lifecycle.press import make
    from generations.lifecycle.retry import recipe_of

    (take,) = make(
        [recipe_of(generation)],
        user=generation.owner,
        project=generation.project,
        scene=generation.scene,
        account=attempt.account,
        token=uuid.uuid4(),
        parent=generation,
        origin=Origin.LATE,
    )
    SubmitAttempt.objects.filter(pk=attempt.pk).update(generation=take)
    Event.objects.create(generation=generation, kind="late_answer", data={"take": str(take.uuid)}, at=clock.now())
    Generation.objects.filter(pk=generation.pk).update(possibly_charged=0, version=F("version") + 1)
    return take


def refuse(attempt: SubmitAttempt, error: DashScopeError) -> bool:
    """The create did not give a task id. True when another take of the account may follow at once."""
    now = clock.now()
    is_answer = isinstance(error, Rejected | Throttled)
    outcome = Outcome.UNKNOWN if error.may_have_landed else Outcome.REFUSED if is_answer else Outcome.NOT_LANDED
    first_reading = timedelta(seconds=settings.RECONCILE_READINGS[0])
    with transaction.atomic():
        SubmitAttempt.objects.filter(pk=attempt.pk).update(
            outcome=outcome,
            ended_at=now,
            answered_at=now if is_answer else None,
            http_status=error.http_status,
            code=error.code[:80],
            message=error.message[:500],
            request_id=error.request_id[:80],
            next_reading_at=now + first_reading if error.may_have_landed else None,
        )
        generation = Generation.objects.select_related("account").get(pk=attempt.generation_id)
        if not _is_latest(attempt) or generation.status not in (Status.SUBMITTING, Status.UNCERTAIN):
            return True
        if error.may_have_landed:
            if generation.status == Status.SUBMITTING:
                move(generation, Status.UNCERTAIN, "answer_lost", due_at=None, data={"attempt": attempt.pk})
            return False
    return _settle_refusal(generation, attempt, error)


def _settle_refusal(generation: Generation, attempt: SubmitAttempt, error: DashScopeError) -> bool:
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
    account = attempt.account
    seconds = breakers.hold(account, reason) if hold else 1.0
    due_at = clock.now() + timedelta(seconds=seconds)
    kind = "not_landed" if reason == "unreachable" else "refused" if not hold else "throttled"
    move(generation, Status.QUEUED, kind, due_at=due_at, waiting_for=reason, data={"attempt": attempt.pk})
    return False
