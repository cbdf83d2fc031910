"""What a waiting take is told: its place in the account's queue here, when it begins, and why it waits.

The queue is played through as it will be sent: by the rule of turns, with what is at Wan ending after its usual time.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from generations import clock, scheduling
from generations.models import Generation, Status, Switchboard
from generations.turns import Line, Turns

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from generations.models import WanAccount
    from generations.scheduling import Usual

Size = tuple[str, int]  # resolution, seconds
MOST = 2000  # waiting takes of one account that are played through; those behind have no place yet
SHORTEST = 5.0  # seconds that one which takes longer than usual is given
OWN_REASONS = ("audio", "retry")  # words of words.WAITING that hold up one take, whatever its place


@dataclass(frozen=True)
class Position:
    """Place in the account's queue here (1 = next), seconds until it starts (None: unknown), and why it waits."""

    place: int
    starts_in: float | None
    reason: str


def positions(generations: Iterable[Generation]) -> dict[int, Position]:
    """Of all waiting takes among these, by primary key; a few queries per account, however many takes."""
    waiting = [take for take in generations if take.status == Status.QUEUED]
    found: dict[int, Position] = {}
    now = clock.now()
    for account in {take.account_id: take.account for take in waiting}.values():
        starts = Play(account, now).run()
        places = {key: place for place, key in enumerate(starts, start=1)}
        reason = scheduling.hold_reason(account, now, Switchboard.load())
        for take in waiting:
            if take.pk in places:
                found[take.pk] = _position(take, places[take.pk], starts[take.pk], reason)
    return found


def _position(take: Generation, place: int, starts_in: float | None, reason: str) -> Position:
    why = "paused" if take.paused_at else reason or take.waiting_for or "slots"
    is_held = reason or take.paused_at or take.waiting_for in OWN_REASONS
    return Position(place, None if is_held else starts_in, why)


def order_of(account: WanAccount) -> list[int]:
    """Primary keys of the account's waiting takes in the order in which they would be sent, paused ones last."""
    return list(Play(account, clock.now()).run())


@dataclass
class _Waiting:
    """One line's takes, in their order: key, rank and size."""

    line: Line
    takes: deque[tuple[int, int, Size]] = field(default_factory=deque)


class Play:
    def __init__(self, account: WanAccount, now: datetime) -> None:
        self._account, self._now = account, now
        self._turns = Turns()
        self._usual: dict[Size, Usual] = {}
        self._rendering: list[tuple[float, int, int, int]] = []  # heap: its end, who began first, owner, project
        self._began = itertools.count()
        self._buffer: deque[tuple[int, Size, int, int]] = deque()
        self._starts: dict[int, float | None] = {}
        self._at = 0.0

    def run(self) -> dict[int, float | None]:
        """Seconds until each begins (None: paused), in the order of sending."""
        lines, paused = self._load_waiting()
        room = scheduling.room(self._account) - self._load_held(lines)
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

    def _load_waiting(self) -> tuple[dict[tuple[int, int], _Waiting], list[int]]:
        """The lines that take turns, and the keys of what is paused."""
        queued = Generation.objects.filter(account=self._account, status=Status.QUEUED)
        rows = queued.order_by("queue_rank", "created_at", "pk").values_list(
            "pk", "owner", "project", "resolution", "duration", "queue_rank", "paused_at"
        )
        lines: dict[tuple[int, int], _Waiting] = {}
        paused = []
        for key, owner, project, resolution, duration, rank, paused_at in rows[:MOST]:
            if paused_at:
                paused.append(key)
                continue
            waiting = lines.setdefault((owner, project), _Waiting(Line(owner, project, rank, key)))
            waiting.line = replace(waiting.line, first=min(key, waiting.line.first))
            waiting.takes.append((key, rank, (resolution, duration)))
        if len(lines) > 1:
            self._turns.recall(self._account, self._now)
        return lines, paused

    def _load_held(self, lines: dict[tuple[int, int], _Waiting]) -> int:
        """What is at Wan: running takes first, then those that wait there. Returns how many."""
        held = Generation.objects.filter(account=self._account).holding_slots(self._now)
        rows = held.order_by("rendering_at", "accepted_at", "pk").values_list(
            "pk", "owner", "project", "resolution", "duration", "status", "rendering_at"
        )
        at_wan = list(rows)
        sizes = {size for waiting in lines.values() for _key, _rank, size in waiting.takes}
        sizes |= {(resolution, duration) for _key, _owner, _project, resolution, duration, *_ in at_wan}
        self._usual = scheduling.usual_of_sizes(self._account, sizes)
        for key, owner, project, resolution, duration, status, since in at_wan:
            self._turns.hold(owner, project)
            size = (resolution, duration)
            if status == Status.RUNNING:
                elapsed = (self._now - since).total_seconds() if since else 0.0
                left = max(SHORTEST, self._usual[size].median - elapsed)
                heapq.heappush(self._rendering, (left, next(self._began), owner, project))
            else:
                self._buffer.append((key, size, owner, project))
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
            end = self._at + self._usual[size].median
            heapq.heappush(self._rendering, (end, next(self._began), owner, project))

    def _end_one(self) -> None:
        self._at, _began, owner, project = heapq.heappop(self._rendering)
        self._turns.end(owner, project)
