"""What is due, in which order, within which limits, and how long it usually takes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, F, Min, Q

from generations import clock, deadline, progress, storage_refusal
from generations.models import Breaker, Generation, Outcome, Status, SubmitAttempt, Switchboard, WanAccount
from generations.turns import Line, Turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from accounts.models import User
    from teams.models import Project

BUFFER = 2  # takes that wait at Wan beyond its running slots, so that a free slot is filled at once
HISTORY = 200
ENOUGH_HISTORY = 5
DEMO_SECONDS = 10.0
MOST_ROWS = 50  # of the queue as one person sees it


# How long it takes ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Usual:
    """Seconds from start to end at Wan: of the fastest 2 %, of half, of 9 in 10; measured, or a stated default."""

    fastest: float
    median: float
    slowest: float
    measured: bool


def usual(account: WanAccount, resolution: str, duration: int) -> Usual:
    """From the account's own takes of this resolution and duration; kept for half a minute."""
    return usual_of_sizes(account, {(resolution, duration)})[resolution, duration]


def usual_of_sizes(account: WanAccount, sizes: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Usual]:
    """Of each resolution and duration, looked up at once."""
    keys = {size: f"usual:{account.pk}:{size[0]}:{size[1]}" for size in sizes}
    known = cache.get_many(keys.values()) if keys else {}
    return {size: known.get(key) or _kept(key, account, *size) for size, key in keys.items()}


def usual_of(takes: Sequence[Generation]) -> dict[int, Usual]:
    """Of each take by primary key, looked up at once."""
    keys = {take.pk: f"usual:{take.account_id}:{take.resolution}:{take.duration}" for take in takes}
    known = cache.get_many(set(keys.values())) if keys else {}
    for take in takes:
        key = keys[take.pk]
        if key not in known:
            known[key] = _kept(key, take.account, take.resolution, take.duration)
    return {pk: known[key] for pk, key in keys.items()}


def _kept(key: str, account: WanAccount, resolution: str, duration: int) -> Usual:
    measured = _measure(account, resolution, duration)
    cache.set(key, measured, 30)
    return measured


def _measure(account: WanAccount, resolution: str, duration: int) -> Usual:
    alike = Generation.objects.filter(account=account, resolution=resolution, duration=duration)
    latest = alike.filter(render_seconds__isnull=False).order_by("-rendered_at")
    seconds = sorted(value or 0.0 for value in latest.values_list("render_seconds", flat=True)[:HISTORY])
    if len(seconds) < ENOUGH_HISTORY:
        median = DEMO_SECONDS if account.is_demo else _default(resolution, duration)
        return Usual(median / 2, median, median * 2, measured=False)
    return Usual(_share(seconds, 0.02), _share(seconds, 0.5), _share(seconds, 0.9), measured=True)


def _default(resolution: str, duration: int) -> float:
    seconds: float = settings.USUAL_SECONDS.get(resolution, max(settings.USUAL_SECONDS.values()))
    return seconds * (0.6 + 0.08 * duration)


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, math.floor(share * len(ordered)))]


def next_look(generation: Generation, now: datetime) -> float:
    """Seconds until Wan is asked again for an accepted take (design, Watching)."""
    started = generation.rendering_at
    if generation.status == Status.PENDING or started is None:
        return _next_look_at_waiting(generation, now)
    every = settings.LOOK_DEMO if generation.account.is_demo else settings.LOOK_EVERY
    expected = usual(generation.account, generation.resolution, generation.duration)
    left = expected.fastest - (now - started).total_seconds()
    if left > every:
        return left
    # On a beat that began with the fastest: looks that come late one after another would grow rare.
    rest = left % every
    return rest if rest > every / 4 else rest + every


def _next_look_at_waiting(generation: Generation, now: datetime) -> float:
    """Behind as many of ours as Wan renders at once it begins when one of them ends, and then it is asked for."""
    age = (now - (generation.accepted_at or now)).total_seconds()
    if age < settings.LOOK_FIRST:
        return settings.LOOK_FIRST
    running = Generation.objects.filter(account=generation.account_id, status=Status.RUNNING).count()
    return settings.LOOK_BEHIND if running >= generation.account.running_limit else settings.LOOK_PENDING


# Who is next ---------------------------------------------------------------------------------------------------------


def accounts_to_submit() -> list[WanAccount]:
    """Accounts with a take that could be sent now, the longest untouched first."""
    due = Generation.objects.filter(status=Status.QUEUED, paused_at=None, due_at__lte=clock.now())
    keys = due.order_by().values_list("account", flat=True).distinct()
    return list(WanAccount.objects.filter(pk__in=list(keys)).order_by(F("submit_lease_until").asc(nulls_first=True)))


def capacity(account: WanAccount, now: datetime) -> int:
    """How many more takes fit: Wan's slots plus the buffer, less what holds one."""
    return room(account) - Generation.objects.filter(account=account).holding_slots(now).count()


def room(account: WanAccount) -> int:
    """Takes that may be at Wan at once: its slots plus the buffer."""
    return min(account.running_limit + BUFFER, account.running_limit + account.pending_limit)


def full(accounts: Iterable[WanAccount], now: datetime) -> set[int]:
    """Those of the accounts whose slots are taken and that nothing else stops, by primary key: two queries for all."""
    calm = {account.pk: account for account in accounts if not account.breaker and not account.is_held(now)}
    held = Generation.objects.filter(account__in=calm).holding_slots(now).order_by().values_list("account")
    checking = set(_unsettled().filter(account__in=calm).values_list("account", flat=True))
    return {key for key, count in held.annotate(n=Count("pk")) if count >= room(calm[key])} - checking


def hold_reason(account: WanAccount, now: datetime, board: Switchboard) -> str:
    """Why nothing at all is sent on this account; "" when it may be. A word of words.WAITING."""
    if not board.submitting:
        return "stopped"
    if board.storage_refuses(now):
        return storage_refusal.why()
    if account.breaker and not _is_probed(account, now):
        return str(account.breaker)
    if account.is_held(now):
        return account.held_for
    if _is_checking(account):
        return "checking"
    return ""


def _is_probed(account: WanAccount, now: datetime) -> bool:
    """While Wan asks for payment one take is tried every ten minutes."""
    probe_at = account.breaker_probe_at
    return account.breaker == Breaker.BILLING and probe_at is not None and probe_at <= now


def _is_checking(account: WanAccount) -> bool:
    return _unsettled().filter(account=account).exists()


def _unsettled() -> QuerySet[SubmitAttempt]:
    """Lost answers; each stops its account until a candidate is found, absence is certain, or a person was asked."""
    lost = SubmitAttempt.objects.filter(outcome=Outcome.UNKNOWN, person_asked_at=None)
    return lost.filter(generation__status=Status.UNCERTAIN).exclude(candidates__is_excluded=False)


def next_queued(account: WanAccount, now: datetime) -> Generation | None:
    """The take whose turn it is (turns.Turns); None when nothing waits."""
    due = Generation.objects.filter(account=account, status=Status.QUEUED, paused_at=None, due_at__lte=now)
    lines = due.order_by().values_list("owner", "project").annotate(rank=Min("queue_rank"), first=Min("pk"))
    waiting = [Line(*line) for line in lines]
    if not waiting:
        return None
    if len(waiting) > 1:
        line = Turns.of(account, now).next(waiting)
        due = due.filter(owner=line.owner, project=line.project)
    return due.select_related("account", "audio").order_by("queue_rank", "created_at", "pk").first()


# What the creator sees -----------------------------------------------------------------------------------------------


MOST_ROWS = 50


@dataclass(frozen=True)
class QueueSummary:
    """The queue as one person sees it: counts and rows of what is theirs to see, seconds until all of it is done."""

    person: int
    rendering: int
    waiting: int
    seconds_left: float | None
    rows: list[Generation] = field(default_factory=list)
    usual: dict[int, Usual] = field(default_factory=dict)  # of the rows, by primary key

    @property
    def may_be_at_risk(self) -> bool:
        """False: nothing is. A call sheet is one row, and there may be more rows than these."""
        is_known = len(self.rows) < MOST_ROWS and all(take.batch_id is None for take in self.rows)
        now = clock.now()
        return not is_known or any(take.status == Status.ARCHIVING or deadline.is_late(take, now) for take in self.rows)


def queue_summary(user: User, project: Project | None = None) -> QueueSummary:
    """Everything unfinished that this person may see, oldest first, at most MOST_ROWS rows; a call sheet is one row.

    What Wan has accepted and not started counts as waiting: it renders no more than the account's slots.
    """
    unfinished = Generation.objects.visible_to(user).unfinished().select_related("account", "scene", "owner")
    if project is not None:
        unfinished = unfinished.filter(team=project.team_id)
    rows = list(progress.one_per_batch(unfinished).order_by("created_at", "pk")[:MOST_ROWS])
    lines = [progress.line_of(take) for take in rows]
    rendering, waiting = sum(line.rendering for line in lines), sum(line.waiting for line in lines)
    if len(rows) == MOST_ROWS:
        is_rendering = Q(status__in=progress.RENDERING)
        counts = unfinished.order_by().aggregate(all=Count("pk"), rendering=Count("pk", filter=is_rendering))
        rendering, waiting = counts["rendering"], counts["all"] - counts["rendering"]
    usual = usual_of(rows)
    return QueueSummary(user.pk, rendering, waiting, _seconds_left(lines, usual, rendering + waiting), rows, usual)


def _seconds_left(lines: list[progress.Line], usual: dict[int, Usual], total: int) -> float | None:
    """Rendering time still ahead of `total` takes over the slots they share; None when nothing can be said.

    Those that have no line here are taken to be as the last of these.
    """
    if not lines:
        return None
    now = clock.now()
    ahead = 0.0
    longest = 0.0
    slots = 1
    for line in lines:
        take = line.take
        slots = max(slots, take.account.running_limit)
        elapsed = (now - take.rendering_at).total_seconds() if take.rendering_at else 0.0
        left = 0.0 if take.status == Status.ARCHIVING else max(5.0, usual[take.pk].median - elapsed)
        others = (line.count - 1) * usual[take.pk].median
        ahead, longest = ahead + left + others, max(longest, left)
    ahead += max(0, total - sum(line.count for line in lines)) * usual[lines[-1].take.pk].median
    return max(longest, ahead / slots)
