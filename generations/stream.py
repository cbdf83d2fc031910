"""The grid of one project: scenes with their takes, newest first, a page at a time by keyset."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber

from generations import cursor
from generations.models import Generation, Scene

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from generations.cards import Card, Deck
    from teams.models import Project

SCENES = 12
TAKES = 24  # of a scene, newest first, while several scenes are shown
TAKES_OF_ONE = 60


@dataclass
class Row:
    """A scene with the takes that are shown of it."""

    scene: Scene
    takes: list[Generation] = field(default_factory=list)
    total: int = 0
    cards: list[Card] = field(default_factory=list)

    @property
    def hidden(self) -> int:
        return self.total - len(self.takes)


class Stream:
    """`one` shows a single scene with all its takes; `before` is the cursor of the page before, if it is ours."""

    def __init__(self, project: Project, person: User, *, one: Scene | None = None, before: str = "") -> None:
        self.person = person
        self.project = project
        self.one = one
        self._view = f"scene {one.pk}" if one else f"scenes {project.pk}"
        self._keys = cursor.read(self._view, before) if before else None
        self.is_lost = bool(before) and self._keys is None

    @cached_property
    def rows(self) -> list[Row]:
        rows = {scene.pk: Row(scene) for scene in self._scenes[:SCENES]}
        for take in self._takes(list(rows)):
            row = rows[take.scene_id]
            take.scene = row.scene
            row.takes.append(take)
            row.total = take.total  # type: ignore[attr-defined]
        return [row for row in rows.values() if row.takes]

    @property
    def takes(self) -> list[Generation]:
        return [take for row in self.rows for take in row.takes]

    @property
    def cards(self) -> list[Card]:
        return [card for row in self.rows for card in row.cards]

    @property
    def query(self) -> str:
        """The address of this list, without its page."""
        return f"scene={self.one.uuid}" if self.one else f"project={self.project.uuid}"

    def deal(self, deck: Deck) -> None:
        for row in self.rows:
            row.cards = [deck.card(take) for take in row.takes]

    @property
    def older(self) -> str:
        """The cursor after this page; "" when it is the last."""
        if self.one is not None:
            row = self.rows[0] if self.rows else None
            return cursor.write(self._view, [row.takes[-1].number]) if row and row.hidden else ""
        if len(self._scenes) <= SCENES:
            return ""
        last = self._scenes[SCENES - 1]
        return cursor.write(self._view, [last.latest_take_at.isoformat(), last.pk])

    @cached_property
    def _scenes(self) -> list[Scene]:
        """One more than is shown, to know whether there are older ones."""
        if self.one is not None:
            return [self.one]
        takes = Generation.objects.kept().filter(scene=OuterRef("pk"))
        scenes = Scene.objects.filter(Exists(takes), project=self.project).select_related("created_by")
        return list(self._after(scenes).order_by("-latest_take_at", "-pk")[: SCENES + 1])

    def _after(self, scenes: QuerySet[Scene]) -> QuerySet[Scene]:
        if self._keys is None:
            return scenes
        at, key = datetime.fromisoformat(self._keys[0]), int(self._keys[1])
        return scenes.filter(Q(latest_take_at__lte=at) & ~Q(latest_take_at=at, pk__gte=key))

    def _takes(self, scenes: list[int]) -> QuerySet[Generation]:
        takes = (
            Generation.objects.kept()
            .filter(scene__in=scenes)
            .select_related("account")
            .with_favourite_of(self.person)
            .with_prints()
        )
        if self.one is not None and self._keys is not None:
            takes = takes.filter(number__lt=self._keys[0])
        row = Window(RowNumber(), partition_by=[F("scene")], order_by=F("number").desc())
        total = Window(Count("pk"), partition_by=[F("scene")])
        most = TAKES_OF_ONE if self.one is not None else TAKES
        return takes.annotate(row=row, total=total).filter(row__lte=most).order_by("scene", "-number")
