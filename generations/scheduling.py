"""What is due, in which order, within which limits, and how long it usually takes."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import caches
from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from generations import clock, deadline, progress, storage_refusal, wan_keys
from generations.models import Breaker, Generation, Outcome, Status, SubmitAttempt, Switchboard, WanAccount
from generations.models.rows import Rows
from generations.turns import Line, Turns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from accounts.models import User
    from generations.models.generation import GenerationQuerySet
    from teams.models import Project

    Kind = tuple[WanAccount, str, int]  # takes of one account, resolution and duration

BUFFER = 2  # takes that wait at Wan beyond its running slots, so that a free slot is filled at once
HISTORY = 200
ENOUGH_HISTORY = 5
FASTEST = 0.03  # are done when a rendering is asked for the first time
COUNTABLE = 50  # takes: of fewer, the fastest 3 % would be the very first
SPREAD, PRIOR = (
    0.25,
    10,
)  # of the logarithms of durations: an account's own counts as this, found in ten takes, at first
KEPT_SECONDS = 30
DEMO_SECONDS = 10.0
SHORTEST = 5.0  # seconds that anything is said to need
MOST_ROWS = 50  # of the queue as one person sees it


# How long it takes ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Usual:
    """Seconds from start to end at Wan: of the fastest 3 %, of half, of 9 in 10; measured, or a stated default."""

    fastest: float
    median: float
    slowest: float
    measured: bool

    def left(self, elapsed: float) -> float:
        """Seconds that one which has run for so long is likely to need; the longer it overruns, the longer."""
        return max(self.median - elapsed, (self.slowest - self.median) / 4, (elapsed - self.median) / 2, SHORTEST)


def usual(account: WanAccount, resolution: str, duration: int) -> Usual:
    """From the account's own takes of this resolution and duration; kept for half a minute."""
    return usual_of_sizes(account, {(resolution, duration)})[resolution, duration]


def usual_of_sizes(account: WanAccount, sizes: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Usual]:
    """Of each resolution and duration, looked up at once."""
    found = _usual_of_kinds({(account, *size) for size in sizes})
    return {(resolution, duration): each for (_account, resolution, duration), each in found.items()}


def usual_of(takes: Sequence[Generation]) -> dict[int, Usual]:
    """Of each take by primary key, looked up at once."""
    kinds = {take.pk: (take.account, take.resolution, take.duration) for take in takes}
    found = _usual_of_kinds(set(kinds.values()))
    return {pk: found[kind] for pk, kind in kinds.items()}


def _usual_of_kinds(kinds: Collection[Kind]) -> dict[Kind, Usual]:
    memory = caches["memory"]
    keys = {kind: f"usual:{kind[0].pk}:{kind[1]}:{kind[2]}" for kind in kinds}
    known = memory.get_many(keys.values())
    measured = _measure([kind for kind, key in keys.items() if key not in known])
    memory.set_many({keys[kind]: each for kind, each in measured.items()}, KEPT_SECONDS)
    return {kind: known.get(key) or measured[kind] for kind, key in keys.items()}


def _measure(kinds: Sequence[Kind]) -> dict[Kind, Usual]:
    """One query, however many."""
    if not kinds:
        return {}
    names = {size: f"of_{size[0]}_{size[1]}" for size in {(resolution, duration) for _, resolution, duration in kinds}}
    done = Generation.objects.filter(account=OuterRef("pk"), render_seconds__isnull=False).order_by("-rendered_at")
    latest = {
        name: Rows(done.filter(resolution=resolution, duration=duration)[:HISTORY], seconds="render_seconds")
        for (resolution, duration), name in names.items()
    }
    accounts = WanAccount.objects.filter(pk__in={account.pk for account, *_size in kinds})
    found: dict[int, Any] = {row["pk"]: row for row in accounts.values("pk", **latest)}
    return {
        kind: _from_history(*kind, found[kind[0].pk][names[kind[1], kind[2]]] if kind[0].pk in found else None)
        for kind in kinds
    }


def _from_history(account: WanAccount, resolution: str, duration: int, rows: list[dict[str, float]] | None) -> Usual:
    seconds = sorted(row["seconds"] for row in rows or ())
    if len(seconds) < ENOUGH_HISTORY:
        median = DEMO_SECONDS if account.is_demo else _default(resolution, duration)
        return Usual(median / 2, median, median * 2, measured=False)
    return Usual(_fastest(seconds), _share(seconds, 0.5), _share(seconds, 0.9), measured=True)


def _fastest(ordered: list[float]) -> float:
    """Counted, or of a few takes reckoned: durations are log-normal, and what is usual of them weighs as some takes."""
    count = len(ordered)
    if count >= COUNTABLE:
        return _share(ordered, FASTEST)
    logarithms = [math.log(max(seconds, 0.1)) for seconds in ordered]
    squares = count * statistics.pvariance(logarithms) + PRIOR * SPREAD**2
    spread = math.sqrt(squares / (count + PRIOR - 1) * (1 + 1 / count))
    return math.exp(statistics.NormalDist(statistics.fmean(logarithms), spread).inv_cdf(FASTEST))


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
    expected = usual(generation.account, generation.resolution, generation.duration)
    elapsed = (now - started).total_seconds()
    every = settings.LOOK_DEMO if generation.account.is_demo else settings.LOOK_EVERY
    left = expected.fastest - elapsed
    if left > every:
        return left
    # On a beat that began with the fastest: looks that come late one after another would grow rare.
    rest = left % every
    return rest if rest > every / 4 else rest + every


def first_look(account: WanAccount) -> float:
    """Seconds until Wan is asked for a take that it accepts now."""
    at_wan = Generation.objects.filter(account=account, status__in=(Status.PENDING, Status.RUNNING)).count()
    return settings.LOOK_BEHIND if at_wan >= account.running_limit else settings.LOOK_FIRST


def _next_look_at_waiting(generation: Generation, now: datetime) -> float:
    """Behind as many of ours as Wan renders at once it begins when one of them ends, and then it is asked for."""
    accepted_at = generation.accepted_at or now
    running, earlier = Q(status=Status.RUNNING), Q(status=Status.PENDING, accepted_at__lt=accepted_at)
    ahead = Generation.objects.filter(running | earlier, account=generation.account_id).count()
    if ahead >= generation.account.running_limit:
        return settings.LOOK_BEHIND
    is_new = (now - accepted_at).total_seconds() < settings.LOOK_FIRST
    return settings.LOOK_FIRST if is_new else settings.LOOK_PENDING


# Who is next ---------------------------------------------------------------------------------------------------------


def accounts_to_submit() -> list[WanAccount]:
    """Accounts with a take that could be sent now, the longest untouched first."""
    due = Generation.objects.filter(status=Status.QUEUED, paused_at=None, due_at__lte=clock.now())
    keys = due.order_by().values_list("account", flat=True).distinct()
    return list(WanAccount.objects.filter(pk__in=list(keys)).order_by(F("submit_lease_until").asc(nulls_first=True)))


def capacity(account: WanAccount, now: datetime, *, is_alone: bool = False) -> int:
    """How many more takes fit: Wan's slots plus the buffer, less what holds one.

    Accounts that are one at Wan share its slots: the largest of their limits is that of all, each one's own still that
    of its own takes, and a free slot is left to one that has fewer takes there. `is_alone`: it is known that there is
    no other, which is asked much faster. One query.
    """
    if is_alone or not account.main_account:
        return room(account) - Generation.objects.filter(account=account).holding_slots(now).count()
    accounts = {each.pk: each for each in _at_wan_as_one(account, now)}
    held = {pk: vars(each)["held"] for pk, each in accounts.items()}
    free = max(map(room, accounts.values())) - sum(held.values())
    own = room(account) - held[account.pk]
    fewer = (each for each in accounts.values() if held[each.pk] < held[account.pk])
    return 0 if any(_could_send(each, now) for each in fewer) else min(free, own)


def _at_wan_as_one(account: WanAccount, now: datetime) -> QuerySet[WanAccount]:
    """Each with `held`, its takes that hold slots, `is_waiting` for one, and `is_checking`."""
    own = Generation.objects.filter(account=OuterRef("pk")).order_by()
    held = own.holding_slots(now).values("account").annotate(n=Count("pk")).values("n")
    return WanAccount.objects.one_at_wan(account).annotate(
        held=Coalesce(Subquery(held), 0),
        is_waiting=Exists(own.filter(status=Status.QUEUED, paused_at=None, due_at__lte=now)),
        is_checking=Exists(_unsettled().filter(account=OuterRef("pk"))),
    )


def _could_send(account: WanAccount, now: datetime) -> bool:
    """Whether a slot that is left to this one is filled at once, as far as its row tells. While it is sending it asks
    for no other one."""
    known = vars(account)
    is_stopped = account.is_sending(now) or account.breaker or account.is_held(now) or known["is_checking"]
    return known["is_waiting"] and not is_stopped and known["held"] < room(account)


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
    return _stopped(account, now, board) or ("checking" if _unsettled().filter(account=account).exists() else "")


def hold_reason_now(account: WanAccount) -> str:
    """The same, for pages: board and lost answers in one query."""
    found = WanAccount.objects.filter(pk=account.pk).values(**holding(account)).first()
    return reason_of(account, found or {}, clock.now())


def holding(account: WanAccount) -> dict[str, Exists | Subquery]:
    """What `reason_of` has to know, to be read along with rows of anything."""
    board = Switchboard.objects.filter(pk=Switchboard.PK)
    return {
        "is_checking": Exists(_unsettled().filter(account=account)),
        "is_submitting": Subquery(board.values("submitting")),
        "refused_since": Subquery(board.values("storage_refused_since")),
    }


def reason_of(account: WanAccount, known: Mapping[str, Any], now: datetime) -> str:
    """Why nothing is sent, as hold_reason says it. Without a switchboard yet nothing was switched."""
    board = Switchboard(
        submitting=known.get("is_submitting") is not False, storage_refused_since=known.get("refused_since")
    )
    return _stopped(account, now, board) or ("checking" if known.get("is_checking") else "")


def _stopped(account: WanAccount, now: datetime, board: Switchboard) -> str:
    if not board.submitting:
        return "stopped"
    if board.storage_refuses(now):
        return storage_refusal.why()
    if not wan_keys.is_proved(account):
        return Breaker.UNPROVED.value
    if account.breaker and not _is_probed(account, now):
        return str(account.breaker)
    return account.held_for if account.is_held(now) else ""


def _is_probed(account: WanAccount, now: datetime) -> bool:
    """While Wan asks for payment one take is tried every ten minutes."""
    probe_at = account.breaker_probe_at
    return account.breaker == Breaker.BILLING and probe_at is not None and probe_at <= now


def _unsettled() -> QuerySet[SubmitAttempt]:
    """Lost answers; each stops its account until a candidate is found, absence is certain, or a person was asked."""
    lost = SubmitAttempt.objects.filter(outcome=Outcome.UNKNOWN, person_asked_at=None)
    return lost.filter(generation__status=Status.UNCERTAIN).exclude(candidates__is_excluded=False)


def asked() -> QuerySet[SubmitAttempt]:
    """Lost answers of which only a person can say what to do."""
    return SubmitAttempt.objects.filter(outcome=Outcome.UNKNOWN, person_asked_at__isnull=False)


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


@dataclass(frozen=True)
class QueueSummary:
    """The queue as one person sees it: counts and rows of what is theirs to see, seconds until all of it is done."""

    person: int
    rendering: int
    saving: int
    waiting: int
    seconds_left: float | None
    rows: list[Generation] = field(default_factory=list)
    usual: dict[int, Usual] = field(default_factory=dict)  # of the rows, by primary key
    lost: GenerationQuerySet = field(default_factory=Generation.objects.none)  # lately; not looked up yet
    has_lost: bool = True  # some of these, as far as is known

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
    unfinished = _visible(user, project).unfinished()
    lost = lost_lately(user, project)
    asks: dict[str, Any] = {
        "asks_person": Exists(asked().filter(generation=OuterRef("pk"))),
        "has_lost": Exists(lost.order_by()),
    }
    unfinished = unfinished.annotate(**asks)
    rows = list(progress.one_per_batch(unfinished).order_by("created_at", "pk")[:MOST_ROWS])
    lines = [progress.line_of(take) for take in rows]
    rendering, saving = sum(line.rendering for line in lines), sum(line.saving for line in lines)
    waiting = sum(line.waiting for line in lines)
    if len(rows) == MOST_ROWS:
        kinds = {"rendering": Q(status=Status.RUNNING), "saving": Q(status=Status.ARCHIVING)}
        filtered = {kind: Count("pk", filter=condition) for kind, condition in kinds.items()}
        counts = unfinished.order_by().aggregate(all=Count("pk"), **filtered)
        rendering, saving = counts["rendering"], counts["saving"]
        waiting = counts["all"] - rendering - saving
    usual = usual_of(rows)
    has_lost = not rows or vars(rows[0])["has_lost"]
    left = _seconds_left(lines, usual, rendering + saving + waiting)
    return QueueSummary(user.pk, rendering, saving, waiting, left, rows, usual, lost, has_lost)


def lost_lately(user: User, project: Project | None = None) -> GenerationQuerySet:
    """Clips that could not be saved in time, of the last day, newest first, as far as this person may see them."""
    lost = _visible(user, project).filter(deadline.lost_lately(clock.now()), account__is_demo=False)
    return lost.order_by("-id")


def _visible(user: User, project: Project | None) -> GenerationQuerySet:
    """Of the project's team, as far as this person may see them; of all teams without one."""
    visible = Generation.objects.visible_to(user).select_related("account", "scene", "owner")
    return visible if project is None else visible.filter(team=project.team_id)


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
        left = 0.0 if take.status == Status.ARCHIVING else usual[take.pk].left(elapsed)
        whole = line.rendering + line.waiting - int(take.status != Status.ARCHIVING)  # what is saved needs no more
        others = max(0, whole) * usual[take.pk].median
        ahead, longest = ahead + left + others, max(longest, left)
    ahead += max(0, total - sum(line.count for line in lines)) * usual[lines[-1].take.pk].median
    return max(longest, ahead / slots)
