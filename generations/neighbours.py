"""Which take comes before or after one in the view that somebody came from, without reading that view's pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q

from generations.forms import as_uuid
from generations.lens import Lens
from generations.models import Generation, Scene
from generations.wall import RowBefore

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User


class RowAfter(RowBefore):
    """(a, b) > (c, d)."""

    arg_joiner = " > "


@dataclass(frozen=True)
class Way:
    """`lens` in the take's project; `scene` when only one was shown."""

    take: Generation
    lens: Lens
    scene: UUID | None = None

    @classmethod
    def of(cls, take: Generation, view: str) -> Way:
        """`view` is a grid's address; one that makes no sense is the whole project."""
        name, _equals, value = view.partition("=")
        scene = as_uuid(value) if name == "scene" else None
        return cls(take, Lens.read("" if scene else view, take.project), scene)

    @property
    def query(self) -> str:
        return f"scene={self.scene}" if self.scene else self.lens.query

    def beside(self, user: User, *, back: bool) -> Generation | None:
        """None at the end of the view. One query, or three where scenes meet."""
        if self.scene is None and not self.lens.is_plain:
            return self._on_wall(user, back=back)
        found = self._in_scene(Generation.objects.filter(scene=self.take.scene_id), back=back)
        return found or (None if self.scene else self._in_next_scene(back=back))

    def _on_wall(self, user: User, *, back: bool) -> Generation | None:
        order = self.lens.order
        names = tuple(name.lstrip("-") for name in order)
        falls = order[-1].startswith("-")
        condition = (RowAfter if back == falls else RowBefore)(names, [getattr(self.take, name) for name in names])
        takes = self.lens.queryset(user).filter(condition).order_by(*order)
        return (takes.reverse() if back else takes).first()

    def _in_scene(self, takes: Any, *, back: bool) -> Generation | None:
        """Scenes show their newest take first."""
        beside = {"number__gt" if back else "number__lt": self.take.number}
        found: Generation | None = takes.kept().filter(**beside).order_by("number" if back else "-number").first()
        return found

    def _in_next_scene(self, *, back: bool) -> Generation | None:
        here = self.take.scene
        kept = Generation.objects.kept()
        scenes = Scene.objects.filter(Exists(kept.filter(scene=OuterRef("pk"))), project=self.take.project_id)
        at, pk = here.latest_take_at, here.pk
        if back:
            scenes = scenes.filter(Q(latest_take_at__gte=at) & ~Q(latest_take_at=at, pk__lte=pk))
        else:
            scenes = scenes.filter(Q(latest_take_at__lte=at) & ~Q(latest_take_at=at, pk__gte=pk))
        order = ("latest_take_at", "pk") if back else ("-latest_take_at", "-pk")
        scene = scenes.order_by(*order).first()
        return kept.filter(scene=scene).order_by("number" if back else "-number").first() if scene else None
