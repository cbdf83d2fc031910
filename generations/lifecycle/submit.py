"""QUEUED → SUBMITTING → PENDING: one create call per attempt, its row committed before the first byte leaves."""

from __future__ import annotations

import logging
import secrets
import time
import uuid
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q

from dashscope_client import DashScopeError, Unreachable, VideoRequest, catalogue
from generations import clock, limiter, pricing, scheduling, wan
from generations.lifecycle.answers import accept, refuse
from generations.lifecycle.moves import move, note, put_back
from generations.lifecycle.prepare import AudioGone, NotYet, audio_url
from generations.lifecycle.shift import Shift, carry_on, is_stopping
from generations.models import Generation, Status, SubmitAttempt, Switchboard, WanAccount
from generations.models.account import LONGEST_LEASE
from wanstudio.locks import held
from wanstudio.logs import about

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

logger = logging.getLogger(__name__)
DATABASE_TRIES = 6
CLOSED = 60.0  # seconds until a take of a deleted place is looked at again; the sweep that cancels it is as often


def sweep(account_id: int | None = None) -> None:
    """Fill the free slots of every account, or of this one alone, fairly, for at most settings.SWEEP_SECONDS."""
    shift = Shift()
    board = Switchboard.load()
    if account_id is None:
        _cancel_requested()
        accounts = _with_room(scheduling.accounts_to_submit(), board)
    else:
        accounts = list(WanAccount.objects.filter(pk=account_id))
    while accounts:  # one of each in turn: while one account waits for its next create, the others send theirs
        accounts = [account for account in accounts if shift.goes_on and _submit_next(account, board)]


def _with_room(accounts: list[WanAccount], board: Switchboard) -> list[WanAccount]:
    """Without the accounts whose slots are taken: of hundreds nearly all, and looked at with every end of a take."""
    now = clock.now()
    if not board.submitting or board.storage_refuses(now):
        return accounts  # each tells its takes why
    full = scheduling.full(accounts, now)
    _tell_why(full, "slots")
    return [account for account in accounts if account.pk not in full]


def _cancel_requested() -> None:
    """Takes that came back into the queue after somebody had asked to cancel them."""
    queued = Generation.objects.filter(status=Status.QUEUED, due_at__isnull=False)  # by the index of what is due
    for generation in queued.filter(cancel_requested_at__isnull=False)[:50]:
        move(generation, Status.CANCELED, "canceled", **pricing.released())


def _submit_next(account: WanAccount, board: Switchboard) -> bool:
    with carry_on():
        return submit_next(account, board)
    return False  # it broke


def submit_next(account: WanAccount, board: Switchboard) -> bool:
    """Send the account's next take; True when another may follow at once. Not while another sends for the account."""
    account, is_alone = _fresh(WanAccount.objects.one_at_wan(account), account)
    now = clock.now()
    if account.is_sending(now):
        return False
    reason = scheduling.hold_reason(account, now, board)
    free = 0 if reason else scheduling.capacity(account, now, is_alone=is_alone)
    if free <= 0:
        _tell_why({account.pk}, reason or "slots")
        return False
    generation = _claim_next(account)
    if generation is None:
        return False
    with about(generation.uuid):
        try:
            request = _prepare(generation)
        except AudioGone as gone:
            return move(generation, Status.FAILED, gone.event, failure_cause=gone.cause, **pricing.released())
        except NotYet as later:
            _tell_why_not_yet(generation, later)
            return True
        return _submit(generation, account, request) and free > 1


def _fresh(one_at_wan: QuerySet[WanAccount], account: WanAccount) -> tuple[WanAccount, bool]:
    """The account as these have it, and whether it is the only one of them."""
    rows = {row.pk: row for row in one_at_wan}
    fresh = rows[account.pk]
    return fresh, len(rows) == 1 and fresh.main_account == account.main_account


def _tell_why(accounts: set[int], reason: str) -> None:
    queued = Generation.objects.filter(account__in=accounts, status=Status.QUEUED, due_at__lte=clock.now())
    queued.exclude(waiting_for=reason).update(waiting_for=reason, version=F("version") + 1)


def _tell_why_not_yet(generation: Generation, later: NotYet) -> None:
    if generation.waiting_for != later.reason:
        note(generation, "audio_waits", code=later.code)
    seconds = min(300.0, 5.0 * 2 ** min(generation.tries, 6))
    put_back(generation, seconds, waiting_for=later.reason, tries=generation.tries + 1)


def _claim_next(account: WanAccount) -> Generation | None:
    """The take whose turn it is, with a seed, held under a lease while it is prepared; None when there is none."""
    for _ in range(3):
        now = clock.now()
        generation = scheduling.next_queued(account, now)
        if generation is None:
            return None
        token = uuid.uuid4()
        due_at = now + timedelta(seconds=settings.SUBMIT_LEASE)
        waiting = Generation.objects.filter(pk=generation.pk, status=Status.QUEUED, paused_at=None, due_at__lte=now)
        mine = waiting.filter(seed=generation.seed)  # an earlier claim may have drawn one since this was read
        if generation.seed is None:
            generation.seed = secrets.randbelow(catalogue.MODELS[generation.model].seed_max + 1)
        if mine.update(lease_token=token, due_at=due_at, seed=generation.seed):
            generation.lease_token = token
            return generation
    return None


def _prepare(generation: Generation) -> VideoRequest:
    """Audio where Wan can fetch it. May speak to the network, outside any transaction."""
    address = audio_url(generation) if generation.audio else None
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
        return _send(attempt, request)
    finally:
        WanAccount.objects.filter(pk=account.pk, submit_fence=fence).update(submit_lease_until=clock.now())


def _take_lease(account: WanAccount) -> int | None:
    """The account's submit lease: one sender at a time. Returns its fencing token, None while another holds it."""
    now = clock.now()
    free = Q(submit_lease_until=None) | ~Q(submit_lease_until__gt=now, submit_lease_until__lte=now + LONGEST_LEASE)
    until = now + timedelta(seconds=settings.SUBMIT_LEASE)
    fence = account.submit_fence + 1
    mine = WanAccount.objects.filter(free, pk=account.pk, submit_fence=account.submit_fence)
    return fence if mine.update(submit_lease_until=until, submit_fence=fence) else None


def _open_attempt(generation: Generation, account: WanAccount, fence: int) -> SubmitAttempt | None:
    """SUBMITTING and its attempt, committed together; None when the lease, the claim, the slot or the time is gone."""
    now = clock.now()
    lost_at = now + timedelta(seconds=settings.POST_DEADLINE + settings.STUCK_MARGIN)
    with transaction.atomic():
        if not _may_open(generation, account, fence):
            put_back(generation, 0 if _wanted(generation).exists() else CLOSED)
            return None
        attempt = SubmitAttempt.objects.create(
            generation=generation,
            account=account,
            fence=fence,
            started_at=now,
            sent_with=account.key_print,
            clock_skew=account.clock_skew,
        )
        if not move(generation, Status.SUBMITTING, "submitting", due_at=lost_at, data={"attempt": attempt.pk}):
            transaction.set_rollback(True)
            return None
    return attempt


def _may_open(generation: Generation, account: WanAccount, fence: int) -> bool:
    """Asked once more under the lock of all accounts that share its slots: preparing may have taken minutes, which a
    worker that ends lacks."""
    now = clock.now()
    holder, is_alone = _fresh(held(WanAccount.objects.one_at_wan(account)), account)
    claimed = _wanted(generation).filter(
        status=Status.QUEUED, lease_token=generation.lease_token, cancel_requested_at=None, paused_at=None
    )
    return (
        not is_stopping()
        and holder.submit_fence == fence
        and not scheduling.hold_reason(holder, now, Switchboard.load())
        and scheduling.capacity(holder, now, is_alone=is_alone) > 0
        and claimed.exists()
    )


def _wanted(generation: Generation) -> QuerySet[Generation]:
    """It, unless where it belongs was deleted: until it is canceled for that, nothing is spent on it."""
    still_there = {f"{owner}__deleted_at": None for owner in ("project", "team", "owner")}
    return Generation.objects.filter(pk=generation.pk, **still_there)


def _send(attempt: SubmitAttempt, request: VideoRequest) -> bool:
    """One POST. Whatever comes back is recorded on the attempt; True when another take may follow at once."""
    account = attempt.account
    limiter.leaves_now(account, "create")
    passed = (clock.now() - attempt.started_at).total_seconds()
    left = settings.POST_DEADLINE - max(0.0, passed)  # less than 0 where a clock was ahead and is put right just now
    if left <= 0:  # a machine that stood still: others have counted from started_at, and may have sent it again
        return _persist(partial(refuse, attempt, Unreachable("too late to be sent", may_have_landed=False)))
    try:
        created = wan.client_for(account).create_video(request, deadline=left)
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
        except (OperationalError, InterfaceError):
            connection.close_if_unusable_or_obsolete()
            if turn == DATABASE_TRIES - 1:
                raise
            logger.exception("The answer could not be written yet")
            time.sleep(0.5 * 2**turn)
    return False
