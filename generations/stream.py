"""The grid of one project: scenes with their takes, newest first, a page at a time by keyset."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from generations.models import Generation, Scene, Status
from generations.models.generation import UNFINISHED

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from generations.cards import Card, Deck
    from teams.models import Project

SCENES = 12
TAKES = 24  # of a scene, newest first, while several scenes are shown
TAKES_OF_ONE = 60
SHOWS = {
    "": (_("All"), Q()),
    "clips": (_("Clips"), Q(status=Status.READY)),
    "working": (_("In progress"), Q(status__in=UNFINISHED)),
    "failed": (_("Failed"), Q(status__in=(Status.FAILED, Status.CANCELED, Status.LOST))),
}


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
    """`one` shows a single scene with all its takes; `before` is the cursor of an "older" link."""

    def __init__(self, project: Project, *, show: str = "", one: Scene | None = None, before: str = "") -> None:
        self.project = project
        self.show = show if show in SHOWS else ""
        self.one = one
        self.before = before
        self._matching = SHOWS[self.show][1]

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

    def deal(self, deck: Deck) -> None:
        for row in self.rows:
            row.cards = [deck.card(take) for take in row.takes]

    @property
    def older(self) -> str:
        """The cursor after this page; "" when it is the last."""
        if self.one is not None:
            row = self.rows[0] if self.rows else None
            return str(row.takes[-1].number) if row and row.hidden else ""
        if len(self._scenes) <= SCENES:
            return ""
        last = self._scenes[SCENES - 1]
        return f"{last.latest_take_at.timestamp():.6f}_{last.pk}"

    @cached_property
    def _scenes(self) -> list[Scene]:
        """One more than is shown, to know whether there are older ones."""
        if self.one is not None:
            return [self.one]
        takes = Generation.objects.filter(self._matching, scene=OuterRef("pk"), trashed_at=None)
        scenes = Scene.objects.filter(Exists(takes), project=self.project).select_related("created_by")
        return list(self._after(scenes).order_by("-latest_take_at", "-pk")[: SCENES + 1])

    def _after(self, scenes: QuerySet[Scene]) -> QuerySet[Scene]:
        moment, _sep, key = self.before.partition("_")
        try:
            at, pk = datetime.fromtimestamp(float(moment), tz=UTC), int(key)
        except (ValueError, OverflowError, OSError):
            return scenes
        return scenes.filter(Q(latest_take_at__lt=at) | Q(latest_take_at=at, pk__lt=pk))

    def _takes(self, scenes: list[int]) -> QuerySet[Generation]:
        takes = Generation.objects.kept().filter(self._matching, scene__in=scenes).select_related("account")
        if self.one is not None and self.before.isdecimal():
            takes = takes.filter(number__lt=int(self.before[:9]))
        row = Window(RowNumber(), partition_by=[F("scene")], order_by=F("number").desc())
        total = Window(Count("pk"), partition_by=[F("scene")])
        most = TAKES_OF_ONE if self.one is not None else TAKES
        return takes.annotate(row=row, total=total).filter(row__lte=most).order_by("scene", "-number")
