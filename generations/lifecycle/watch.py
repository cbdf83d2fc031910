"""PENDING → RUNNING → ARCHIVING, FAILED or CANCELED: asking Wan, within its limits."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction

from dashscope_client import Cause, DashScopeError, Rejected, TaskStatus, Throttled, catalogue, classify
from generations import clock, limiter, nudge, pricing, scheduling, wan
from generations.lifecycle import breakers, prepare, unrecognised
from generations.lifecycle.moves import back_off, claim, move, note, put_back
from generations.lifecycle.press import MADE_ALREADY
from generations.lifecycle.shift import Shift, carry_on
from generations.models import Breaker, Event, Generation, Origin, Scene, Status, WanAccount
from generations.models.generation import AT_WAN
from wanstudio.logs import about

if TYPE_CHECKING:
    from dashscope_client import TaskSnapshot

logger = logging.getLogger(__name__)
BATCH = 8
AUTO_RETRIES = 2


def sweep() -> None:
    """Ask for every due take, for at most settings.SWEEP_SECONDS."""
    shift = Shift()
    while shift.goes_on:
        batch = claim((Status.PENDING, Status.RUNNING), BATCH)
        for generation in batch:
            with about(generation.uuid), carry_on():
                if shift.goes_on:
                    ask(generation)
                else:
                    put_back(generation, 0)
        if len(batch) < BATCH:
            return


def ask(generation: Generation) -> None:
    """One query (and a cancel before it, when one was requested), and what follows from it."""
    if generation.cancel_requested_at and generation.status == Status.PENDING:
        _try_cancel(generation)
    if not limiter.wait_for_turn(generation.account, "query"):
        put_back(generation, 1)
        return
    try:
        snapshot = wan.client_for(generation.account).get_task(generation.task_id)
    except Throttled:
        back_off(generation, first=5)
    except DashScopeError as error:
        logger.warning("Asking for task %s: %s", generation.task_id, error)
        if isinstance(error, Rejected):
            _stop_sending(generation, error)
        back_off(generation, first=2)
    else:
        wan.learn_clock(generation.account, snapshot.server_date)
        apply(generation, snapshot)


def _stop_sending(generation: Generation, refused: Rejected) -> None:
    """A key that may not even ask sends nothing either. Asking goes on."""
    working = WanAccount.objects.filter(pk=generation.account_id, breaker=Breaker.NONE)
    if refused.cause.breaker == Breaker.KEY and working.exists():
        breakers.trip(generation.account, Breaker.KEY, refused.code)


def _try_cancel(generation: Generation) -> None:
    """Cancel at Wan. A refusal means too late, not yet that it renders; a lost answer means nothing: the query that
    follows tells.
    """
    if not limiter.wait_for_turn(generation.account, "cancel"):
        return
    try:
        wan.client_for(generation.account).cancel_task(generation.task_id)
    except DashScopeError as error:
        if error.cause is Cause.CANCEL_TOO_LATE:
            _too_late(generation, "cancel_refused")
        logger.warning("Canceling task %s: %s", generation.task_id, error)


def _too_late(generation: Generation, kind: str) -> None:
    asked = Generation.objects.filter(pk=generation.pk, cancel_requested_at__isnull=False)
    generation.cancel_requested_at = None
    if asked.update(cancel_requested_at=None):
        note(generation, kind)


def apply(generation: Generation, snapshot: TaskSnapshot) -> None:
    """Bring the take to where Wan says that it is. Idempotent."""
    was_at_wan = generation.status in AT_WAN
    _apply(generation, snapshot)
    if was_at_wan and generation.status not in AT_WAN:
        _ask_for_next(generation.account_id)


def _apply(generation: Generation, snapshot: TaskSnapshot) -> None:
    match snapshot.status:
        case TaskStatus.PENDING:
            _keep_watching(generation)
        case TaskStatus.RUNNING:
            _running(generation, snapshot)
        case TaskStatus.SUCCEEDED:
            succeed(generation, snapshot)
        case TaskStatus.FAILED:
            _fail(generation, snapshot)
        case TaskStatus.CANCELED:
            move(generation, Status.CANCELED, "canceled", **pricing.released())
        case TaskStatus.UNKNOWN:
            unrecognised.ask_on(generation)


def _ask_for_next(account_id: int) -> None:
    """A slot is free: the longest accepted take that waits at Wan has probably begun."""
    now = clock.now()
    waiting = Generation.objects.filter(account=account_id, status=Status.PENDING, lease_token=None, due_at__gt=now)
    following = waiting.order_by("accepted_at", "pk").values_list("pk", flat=True).first()
    if following:
        waiting.filter(pk=following).update(due_at=now)


def _keep_watching(generation: Generation) -> None:
    now = clock.now()
    put_back(generation, scheduling.next_look(generation, now), tries=0, unrecognised_since=None)


def _running(generation: Generation, snapshot: TaskSnapshot) -> None:
    if generation.status == Status.PENDING:
        now = clock.now()
        started = _ours(generation, snapshot.scheduled_time) or now
        fields: dict[str, Any] = {"rendering_at": started, "due_at": now, "unrecognised_since": None}
        if not move(generation, Status.RUNNING, "rendering", **fields):
            return
        _too_late(generation, "cancel_too_late")
    _keep_watching(generation)


def _ours(generation: Generation, moment: Any) -> Any:
    """A time by Wan's clock as one by ours."""
    return moment - timedelta(seconds=generation.account.clock_skew) if moment else None


def succeed(generation: Generation, snapshot: TaskSnapshot, kind: str = "rendered", **fields: Any) -> bool:
    """Rendered and billed: the 24 hours run, the archive worker takes over."""
    now = clock.now()
    rendered_at = _ours(generation, snapshot.end_time) or now
    started = _ours(generation, snapshot.scheduled_time) or generation.rendering_at or generation.accepted_at
    with transaction.atomic():
        moved = move(
            generation,
            Status.ARCHIVING,
            kind,
            due_at=now,
            rendered_at=rendered_at,
            render_seconds=max(0.0, (rendered_at - started).total_seconds()) if started else None,
            result_url=snapshot.video_url or "",
            actual_prompt=snapshot.actual_prompt or "",
            unrecognised_since=None,
            failure_code="",  # of an earlier free failure
            failure_message="",
            **fields,
            **_learned(generation, snapshot),
            **pricing.settled(generation, snapshot.usage),
        )
        if moved:
            transaction.on_commit(nudge.archive)
            transaction.on_commit(partial(nudge.submit, generation.account_id))
    return moved


def _learned(generation: Generation, snapshot: TaskSnapshot) -> dict[str, Any]:
    """The recipe of a take that was found at Wan, as far as Wan returns it; another resolution has another price."""
    if generation.origin != Origin.FOUND:
        return {}
    usage, prompt = snapshot.usage, snapshot.orig_prompt or ""
    learned = {
        "prompt": prompt or generation.prompt,
        "sent_prompt": prompt,
        "resolution": usage.resolution if usage else None,
        "ratio": usage.ratio if usage else None,
        "duration": int(usage.duration) if usage and usage.duration else None,
    }
    if prompt:
        unnamed = Scene.objects.filter(pk=generation.scene_id, takes_made=1, is_named=False)
        unnamed.update(name=Scene.name_from(prompt))
    known = {name: value for name, value in learned.items() if value is not None}
    resolution = str(known.get("resolution", generation.resolution))
    if resolution != generation.resolution and resolution in catalogue.MODELS[generation.model].resolutions:
        generation.price_per_second = generation.account.price_per_second(generation.model, resolution)
    return known | {"price_per_second": generation.price_per_second}


def _fail(generation: Generation, snapshot: TaskSnapshot) -> None:
    """A failed task costs nothing. What may pass unchanged is sent again inside the same take, at most twice."""
    cause = classify(snapshot.error_code, snapshot.error_message, None)
    data = {"code": snapshot.error_code, "task": generation.task_id}
    said: dict[str, Any] = {"failure_code": snapshot.error_code[:80], "failure_message": snapshot.error_message[:500]}
    may_pass = cause.worth_retrying or (cause is Cause.AUDIO_UNREACHABLE and prepare.has_run_out(generation))
    if may_pass and generation.auto_retries < AUTO_RETRIES and _is_wanted(generation):
        pause = timedelta(seconds=5 * 4**generation.auto_retries)
        fresh: dict[str, Any] = {"task_id": "", "accepted_at": None, "rendering_at": None, "waiting_for": "retry"}
        fresh["unrecognised_since"] = None
        again: dict[str, Any] = {"due_at": clock.now() + pause, "auto_retries": generation.auto_retries + 1}
        move(generation, Status.QUEUED, "retried_free", data=data, **fresh, **again, **said)
        return
    move(generation, Status.FAILED, "failed", data=data, failure_cause=cause.value, **said, **pricing.released())


def _is_wanted(generation: Generation) -> bool:
    """Somebody pressed for it and did not ask to cancel it since; what was found at Wan is only watched.

    That a cancel came too late then is no reason to send it again now.
    """
    if generation.origin in MADE_ALREADY or generation.cancel_requested_at is not None:
        return False
    return not Event.objects.filter(generation=generation, kind="cancel_requested").exists()
