"""Which take comes before or after one in the view that somebody came from, without reading that view's pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.urls import reverse

from generations.collection_page import ORDER
from generations.forms import as_uuid
from generations.keyset import RowAfter, RowBefore
from generations.lens import Lens
from generations.models import Collected, Generation, Scene

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User


@dataclass(frozen=True)
class Way:
    """`lens` in the take's project; `scene` or `collection` when only that was shown. A collection has clips of many
    projects: `project` is the one in which it was looked at."""

    take: Generation
    lens: Lens
    scene: UUID | None = None
    collection: UUID | None = None
    project: UUID | None = None

    @classmethod
    def of(cls, take: Generation, view: str) -> Way:
        """`view` is a grid's address; one that makes no sense is the whole project."""
        asked = QueryDict(view)
        scene, collection, project = (as_uuid(asked.get(name, "")) for name in ("scene", "collection", "project"))
        if scene or collection:
            return cls(take, Lens.read("", take.project), scene, None if scene else collection, project)
        return cls(take, Lens.read(view, take.project))

    @property
    def query(self) -> str:
        """What `of` reads as the same view."""
        if self.collection:
            return "&".join([f"collection={self.collection}", *self._looked_at_in])
        return f"scene={self.scene}" if self.scene else self.lens.query

    @property
    def address(self) -> str:
        """Of the page that shows it."""
        if self.collection:
            return "?".join([reverse("generations:collection", args=[self.collection]), *self._looked_at_in])
        return f"{reverse('generations:studio')}?{self.query}"

    @property
    def _looked_at_in(self) -> list[str]:
        return [f"project={self.project}"] if self.project else []

    def beside(self, user: User, *, back: bool) -> Generation | None:
        """None at the end of the view. One query, two in a collection, or three where scenes meet."""
        if self.collection:
            return self._in_collection(self.collection, user, back=back)
        if self.scene is None and not self.lens.is_plain:
            return self._on_wall(user, back=back)
        found = self._in_scene(Generation.objects.filter(scene=self.take.scene_id), back=back)
        return found or (None if self.scene else self._in_next_scene(back=back))

    def _in_collection(self, collection: UUID, user: User, *, back: bool) -> Generation | None:
        """By place; a take that was taken out since has nothing beside it."""
        collected = Collected.objects.filter(collection__uuid=collection)
        here = collected.filter(generation=self.take).values_list("place", "pk").first()
        if here is None:
            return None
        condition = (RowBefore if back else RowAfter)(ORDER, list(here))
        kept = Generation.objects.visible_to(user).kept()
        takes = kept.filter(condition, collected__collection__uuid=collection).order_by(*ORDER)
        return takes.last() if back else takes.first()

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
