"""Whose turn it is on an account: round robin by person, then by project, then age.

One rule, asked for the next take to send and for the places of all that wait.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Max

from generations.models import Generation, SubmitAttempt

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from generations.models import WanAccount

SERVED_WITHIN = timedelta(hours=1)


@dataclass(frozen=True)
class Line:
    """Takes of one person in one project that wait; `rank` is the lowest, `first` tells who came first."""

    owner: int
    project: int
    rank: int
    first: int


@dataclass
class Turns:
    """What each person, and each of their projects, has at Wan, and when it was served last (0: not for an hour)."""

    held: Counter[tuple[int, int | None]] = field(default_factory=Counter)
    served: dict[tuple[int, int | None], int] = field(default_factory=dict)
    latest: int = 0

    @classmethod
    def of(cls, account: WanAccount, now: datetime) -> Turns:
        turns = cls()
        held = Generation.objects.filter(account=account).holding_slots(now).order_by()
        for owner, project, count in held.values_list("owner", "project").annotate(n=Count("pk")):
            turns.hold(owner, project, count)
        turns.recall(account, now)
        return turns

    def hold(self, owner: int, project: int, count: int = 1) -> None:
        """They have so many more at Wan."""
        self.held[owner, project] += count
        self.held[owner, None] += count

    def recall(self, account: WanAccount, now: datetime) -> None:
        """Who was served lately."""
        recent = SubmitAttempt.objects.filter(account=account, started_at__gt=now - SERVED_WITHIN).order_by()
        by_line = recent.values_list("generation__owner", "generation__project").annotate(last=Max("pk"))
        for owner, project, last in by_line:
            self._serve(owner, project, last)

    def _serve(self, owner: int, project: int, moment: int) -> None:
        self.served[owner, project] = moment
        self.served[owner, None] = max(moment, self.served.get((owner, None), 0))
        self.latest = max(moment, self.latest)

    def next(self, lines: Iterable[Line]) -> Line:
        """Who has least at Wan and was served longest ago. Inside a person's takes their own order counts first."""
        by_owner: dict[int, list[Line]] = {}
        for line in lines:
            by_owner.setdefault(line.owner, []).append(line)
        owner = min(by_owner, key=lambda one: (*self._load(one), min(line.first for line in by_owner[one])))
        return min(by_owner[owner], key=lambda line: (line.rank, *self._load(owner, line.project), line.first))

    def _load(self, owner: int, project: int | None = None) -> tuple[int, int]:
        return self.held[owner, project], self.served.get((owner, project), 0)

    def send(self, line: Line) -> None:
        """As if one of the line had been sent now."""
        self.hold(line.owner, line.project)
        self._serve(line.owner, line.project, self.latest + 1)

    def end(self, owner: int, project: int) -> None:
        """As if one of them had ended at Wan."""
        self.hold(owner, project, -1)
