"""Short lists to choose from, which words narrow down to what has them in its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from generations.models import Collection, Scene
from teams.models import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

Row = TypeVar("Row", Collection, Scene, Project)
MOST = 100
FEW = 12  # are seen at a glance
FIND_LENGTH = 80


@dataclass(frozen=True)
class Offer(Generic[Row]):
    """The first of what can be chosen; `is_cut`: there are more."""

    rows: list[Row]
    is_cut: bool

    @classmethod
    def of(cls, ordered: QuerySet[Row]) -> Offer[Row]:
        found = list(ordered[: MOST + 1])
        return cls(found[:MOST], len(found) > MOST)

    @property
    def is_long(self) -> bool:
        return self.is_cut or len(self.rows) > FEW

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def words_of(find: str) -> str:
    """What was typed to find something by its name, as far as a name is that long."""
    return find.replace("\0", "")[:FIND_LENGTH]


def named(rows: QuerySet[Row], find: str) -> QuerySet[Row]:
    """Each word is in the name."""
    for word in words_of(find).split():
        rows = rows.filter(name__icontains=word)
    return rows


def to_merge_into(scene: Scene, find: str = "") -> Offer[Scene]:
    """Other scenes of its project that have takes, those with the latest first."""
    others = Scene.objects.filter(project=scene.project_id, takes__trashed_at=None, takes__isnull=False)
    return Offer.of(named(others.exclude(pk=scene.pk), find).distinct().order_by("-latest_take_at", "-pk"))
