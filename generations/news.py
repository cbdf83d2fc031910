"""What came into a view since its page was drawn: takes of colleagues and other tabs, and clips that got ready for it.

A mark says since when and above which take somebody looks, and what was told already. Nothing of it is stored; looking
again costs one short read of the index that the grid pages by.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Count

from generations import clock, cursor
from generations.forms import as_uuid
from generations.lens import Lens
from generations.lens_form import Sort
from generations.models import Generation
from generations.models.generation import UNFINISHED
from generations.payers import JOINED
from generations.stream import Row

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from django.http import QueryDict

    from accounts.models import User
    from generations.cards import Card, Deck
    from generations.models.generation import GenerationQuerySet
    from teams.models import Project

MOST = 30  # takes of one answer: whoever misses more reloads
SLACK = timedelta(seconds=5)  # a take is there for others some time after it says


@dataclass(frozen=True)
class Mark:
    """`since` in milliseconds; takes up to `floor` are done with; `told` is a hash of what came above it."""

    since: int
    floor: int = 0
    told: str = ""

    def write(self, view: str) -> str:
        return cursor.write(f"news {view}", [self.since, self.floor, self.told or "-"])

    @classmethod
    def read(cls, view: str, text: str) -> Mark | None:
        """None when it is forged or another view's."""
        keys = cursor.read(f"news {view}", text)
        return cls(int(keys[0]), int(keys[1]), keys[2].strip("-")) if keys else None


def mark(view: str) -> str:
    """For a page that is drawn now."""
    return Mark(_milliseconds(clock.now() - SLACK)).write(view)


class News:
    """`scene` when the view shows one scene only."""

    def __init__(self, lens: Lens, user: User, *, seen: Mark, view: str, scene: UUID | None = None) -> None:
        self.lens = lens
        self.user = user
        self.seen = seen
        self.view = view
        self.scene = scene

    @cached_property
    def takes(self) -> list[Generation]:
        """Newest first."""
        fresh = [pk for pk, at, _status in self._above if _milliseconds(at) >= self.seen.since]
        if not fresh:
            return []
        takes = self._matching.filter(pk__in=fresh).with_favourite_of(self.user).with_prints()
        return list(takes.select_related("account", "scene__created_by", *JOINED).order_by("-pk"))

    @property
    def is_any(self) -> bool:
        return _told(self.takes) != self.seen.told

    @property
    def mark(self) -> str:
        """For the next time: nothing below the oldest unfinished take can change its mind about belonging here."""
        open_ones = [pk for pk, _at, status in self._above if status in UNFINISHED]
        floor = min(open_ones) - 1 if open_ones else max((pk for pk, *_rest in self._above), default=self.seen.floor)
        told = _told(take for take in self.takes if take.pk > floor)
        return Mark(self.seen.since, max(floor, self.seen.floor), told).write(self.view)

    @property
    def goes_on_top(self) -> bool:
        """The order has its place for what is new above everything; else only a fresh page can tell the place."""
        return self.lens.sort == Sort.NEWEST

    @property
    def is_by_scene(self) -> bool:
        return self.scene is not None or self.lens.is_plain

    def deal(self, deck: Deck) -> None:
        self.cards: list[Card] = [deck.card(take) for take in self.takes]

    def rows(self) -> list[Row]:
        """The cards by scene, the newest scene first."""
        rows: dict[int, Row] = {}
        for card in self.cards:
            row = rows.setdefault(card.take.scene_id, Row(card.take.scene))
            row.cards.append(card)
            row.takes.append(card.take)
        kept = Generation.objects.kept().filter(scene__in=rows).values_list("scene").annotate(total=Count("pk"))
        for scene, total in kept:
            rows[scene].total = total
        return list(rows.values())

    @property
    def _matching(self) -> GenerationQuerySet:
        if self.scene is None:
            return self.lens.queryset(self.user)
        return self.lens.but(*self.lens.values).queryset(self.user).filter(scene__uuid=self.scene)

    @cached_property
    def _above(self) -> list[tuple[int, datetime, str]]:
        """The newest takes of the scope, whether they match or not."""
        takes = Generation.objects.kept().filter(self.lens.scope_of(self.user), pk__gt=self.seen.floor)
        return list(takes.order_by("-pk").values_list("pk", "created_at", "status")[:MOST])


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _told(takes: Iterable[Generation]) -> str:
    keys = sorted(take.pk for take in takes)
    return hashlib.sha256(repr(keys).encode()).hexdigest()[:10] if keys else ""


def asked(query: QueryDict, project: Project, user: User) -> News | None:
    """For a poll: `view` is the grid's address, `mark` what it was told. None when nothing came since."""
    view = query.get("view", "")
    seen = Mark.read(view, query.get("mark", "")) if view else None
    if seen is None:
        return None
    name, _equals, value = view.partition("=")
    scene = as_uuid(value) if name == "scene" else None
    news = News(Lens.read("" if scene else view, project), user, seen=seen, view=view, scene=scene)
    return news if news.is_any else None
