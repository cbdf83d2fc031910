"""What a waiting take is told: its place in the account's queue here, when it begins, and why it waits.

The queue is played through as it will be sent: by the rule of turns, with what is at Wan ending after its usual time.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.db.models import Case, When

from generations import clock, scheduling
from generations.models import Generation, Status, WanAccount
from generations.turns import Line, Turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from generations.models.generation import GenerationQuerySet
    from generations.scheduling import Usual

Size = tuple[str, int]  # resolution, seconds
MOST = 2000  # takes of one account that are played through; those behind have no place yet
COLUMNS = ["pk", "account", "owner", "project", "resolution", "duration", "status", "queue_rank", "paused_at"]
COLUMNS += ["rendering_at", "accepted_at"]
NOBODY = (0, 0)  # whose takes on other accounts take no turn on this one
NEVER = 2**62  # came first: a line in which nothing waits yet
OWN_REASONS = ("audio", "retry")  # words of words.WAITING that hold up one take, whatever its place


@dataclass(frozen=True)
class Position:
    """Place in the account's queue here (1 = next), seconds until it starts (None: unknown), and why it waits."""

    place: int
    starts_in: float | None
    reason: str


def positions(generations: Iterable[Generation], known: Mapping[int, Usual] | None = None) -> dict[int, Position]:
    """Of all waiting takes among these, by primary key; a few queries per account, however many takes.

    `known` are usual times by the primary key of takes among these.
    """
    generations = list(generations)
    waiting = [take for take in generations if take.status == Status.QUEUED]
    found: dict[int, Position] = {}
    now = clock.now()
    for account in {take.account_id: take.account for take in waiting}.values():
        play = Play(account, now, known=_of_sizes(account, generations, known or {}))
        starts = play.run()
        places = {key: place for place, key in enumerate(starts, start=1)}
        for take in waiting:
            if take.pk in places:
                found[take.pk] = _position(take, places[take.pk], starts[take.pk], play.reason or "")
    return found


def _of_sizes(account: WanAccount, takes: list[Generation], known: Mapping[int, Usual]) -> dict[Size, Usual]:
    mine = [take for take in takes if take.account_id == account.pk and take.pk in known]
    return {(take.resolution, take.duration): known[take.pk] for take in mine}


def _position(take: Generation, place: int, starts_in: float | None, reason: str) -> Position:
    why = "paused" if take.paused_at else reason or take.waiting_for or "slots"
    is_held = reason or take.paused_at or take.waiting_for in OWN_REASONS
    return Position(place, None if is_held else starts_in, why)


def order_of(account: WanAccount) -> list[int]:
    """Primary keys of the account's waiting takes in the order in which they would be sent, paused ones last."""
    return list(Play(account, clock.now()).run())


def _sharing_slots(account: WanAccount) -> GenerationQuerySet:
    """Takes of the account, and of others that are one with it at Wan."""
    if not account.main_account:
        return Generation.objects.filter(account=account)
    return Generation.objects.filter(account__in=WanAccount.objects.one_at_wan(account).values("pk"))


@dataclass(frozen=True)
class Pressed:
    """Takes that somebody might press now."""

    owner: int
    project: int
    sizes: Sequence[Size]


@dataclass(frozen=True)
class Finish:
    """Seconds until the last take would be rendered, whether all that this rests on is measured, and why nothing at all
    is sent now ("" when something is; a word of words.WAITING).
    """

    seconds: float
    is_measured: bool
    reason: str


def finish(account: WanAccount, pressed: Pressed) -> Finish:
    """One query, or two where nothing waits and usual times are not known yet."""
    play = Play(account, clock.now(), pressed)
    starts = play.run()
    usual = [play.usual[size] for size in pressed.sizes]
    ends = [(starts[-number] or 0.0) + each.median for number, each in enumerate(usual, start=1)]
    reason = scheduling.hold_reason_now(account) if play.reason is None else play.reason
    return Finish(max(ends), all(each.measured for each in usual), reason)


@dataclass
class _Waiting:
    """One line's takes, in their order: key, rank and size."""

    line: Line
    takes: deque[tuple[int, int, Size]] = field(default_factory=deque)


class Play:
    """`pressed` takes part as if it were waiting, behind all that does; its takes have the keys -1, -2 …

    `known` are usual times that need no looking up.
    """

    def __init__(
        self,
        account: WanAccount,
        now: datetime,
        pressed: Pressed | None = None,
        *,
        known: Mapping[Size, Usual] | None = None,
    ) -> None:
        self._account, self._now, self._pressed = account, now, pressed
        self._turns = Turns()
        self.usual = dict(known or {})
        self._rendering: list[tuple[float, int, int, int]] = []  # heap: its end, who began first, owner, project
        self._began = itertools.count()
        self._buffer: deque[tuple[int, Size, int, int]] = deque()
        self._starts: dict[int, float | None] = {}
        self._at = 0.0
        # Why nothing at all is sent right now, a word of words.WAITING; known when it has run and something is there.
        self.reason: str | None = None

    def run(self) -> dict[int, float | None]:
        """Seconds until each begins (None: paused), in the order of sending."""
        queued, at_wan = self._load()
        lines, paused = self._line_up(queued)
        room = scheduling.room(self._account) - self._hold(at_wan, lines)
        while lines:
            while room > 0 and lines:
                self._send(lines)
                room -= 1
            self._begin()
            if lines:
                self._end_one()
                room += 1
        while self._buffer:
            self._begin()
            if self._buffer:
                self._end_one()
        return self._starts | dict.fromkeys(paused)

    def _load(self) -> tuple[list[Generation], list[Generation]]:
        """What waits here, in its order, and what is at Wan: running takes first, then those that wait there."""
        own = Generation.objects.filter(account=self._account)
        both = own.filter(status=Status.QUEUED) | _sharing_slots(self._account).holding_slots(self._now)
        first_at_wan = Case(When(status=Status.QUEUED, then=1), default=0)
        both = both.only(*COLUMNS).annotate(**scheduling.holding(self._account))
        rows = list(both.order_by(first_at_wan, "queue_rank", "created_at", "pk")[:MOST])
        self.reason = scheduling.reason_of(self._account, vars(rows[0]), self._now) if rows else None
        at_wan = [take for take in rows if take.status != Status.QUEUED]
        at_wan.sort(key=lambda take: (take.rendering_at or self._now, take.accepted_at or self._now, take.pk))
        return [take for take in rows if take.status == Status.QUEUED], at_wan

    def _line_up(self, queued: list[Generation]) -> tuple[dict[tuple[int, int], _Waiting], list[int]]:
        """The lines that take turns, and the keys of what is paused."""
        lines: dict[tuple[int, int], _Waiting] = {}
        for take in queued:
            if take.paused_at:
                continue
            owner, project, rank = take.owner_id, take.project_id, take.queue_rank
            waiting = lines.setdefault((owner, project), _Waiting(Line(owner, project, rank, take.pk)))
            waiting.line = replace(waiting.line, first=min(take.pk, waiting.line.first))
            waiting.takes.append((take.pk, rank, (take.resolution, take.duration)))
        self._add_pressed(lines)
        if len(lines) > 1:
            self._turns.recall(self._account, self._now)
        return lines, [take.pk for take in queued if take.paused_at]

    def _add_pressed(self, lines: dict[tuple[int, int], _Waiting]) -> None:
        if self._pressed is None:
            return
        owner, project = self._pressed.owner, self._pressed.project
        waiting = lines.setdefault((owner, project), _Waiting(Line(owner, project, 0, NEVER)))
        waiting.takes.extend((-number, 0, size) for number, size in enumerate(self._pressed.sizes, start=1))

    def _hold(self, at_wan: list[Generation], lines: dict[tuple[int, int], _Waiting]) -> int:
        """How many slots are taken."""
        sizes = {size for waiting in lines.values() for _key, _rank, size in waiting.takes}
        sizes |= {(take.resolution, take.duration) for take in at_wan}
        self.usual |= scheduling.usual_of_sizes(self._account, sizes - set(self.usual))
        for take in at_wan:
            is_own, size = take.account_id == self._account.pk, (take.resolution, take.duration)
            owner, project = (take.owner_id, take.project_id) if is_own else NOBODY
            self._turns.hold(owner, project)
            if take.status == Status.RUNNING:
                elapsed = (self._now - take.rendering_at).total_seconds() if take.rendering_at else 0.0
                heapq.heappush(self._rendering, (self.usual[size].left(elapsed), next(self._began), owner, project))
            else:
                self._buffer.append((take.pk, size, owner, project))
        return len(at_wan)

    def _send(self, lines: dict[tuple[int, int], _Waiting]) -> None:
        line = self._turns.next(waiting.line for waiting in lines.values())
        waiting = lines[line.owner, line.project]
        key, _rank, size = waiting.takes.popleft()
        self._turns.send(line)
        self._buffer.append((key, size, line.owner, line.project))
        self._starts[key] = self._at
        if waiting.takes:
            waiting.line = replace(line, rank=waiting.takes[0][1])
        else:
            del lines[line.owner, line.project]

    def _begin(self) -> None:
        """Wan fills its free slots from what waits there."""
        while self._buffer and len(self._rendering) < max(1, self._account.running_limit):
            key, size, owner, project = self._buffer.popleft()
            if key in self._starts:
                self._starts[key] = self._at
            end = self._at + self.usual[size].median
            heapq.heappush(self._rendering, (end, next(self._began), owner, project))

    def _end_one(self) -> None:
        self._at, _began, owner, project = heapq.heappop(self._rendering)
        self._turns.end(owner, project)
