"""The clips of a collection in its order, a page at a time by keyset."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import F

from generations import cursor
from generations.keyset import RowAfter
from generations.models import Generation
from generations.payers import JOINED

if TYPE_CHECKING:
    from accounts.models import User
    from generations.models import Collection
    from generations.models.generation import GenerationQuerySet

PAGE = 60
ORDER = ("collected__place", "collected__pk")


class CollectionPage:
    """`before` is the cursor of the page before; one that is not ours leads to the first page.

    Who puts a clip elsewhere only makes the places behind it larger, so no cursor skips one that was not moved itself.
    """

    def __init__(self, collection: Collection, user: User, *, before: str = "") -> None:
        self.collection = collection
        self.user = user
        self._keys = cursor.read(self.query, before) if before else None
        self.is_lost = bool(before) and self._keys is None

    @property
    def query(self) -> str:
        """What bulk actions, downloads and a clip's page know this view by."""
        return f"collection={self.collection.uuid}"

    @property
    def is_start(self) -> bool:
        return self._keys is None

    @property
    def takes(self) -> list[Generation]:
        return self._page[:PAGE]

    @property
    def older(self) -> str:
        """The cursor after this page; "" when it is the last."""
        if len(self._page) <= PAGE:
            return ""
        last = self._page[PAGE - 1]
        return cursor.write(self.query, [last.place, last.collected_pk])  # type: ignore[attr-defined]

    @property
    def all(self) -> GenerationQuerySet:
        return self._kept()

    def _kept(self, *further: RowAfter) -> GenerationQuerySet:
        """All conditions of one row of the collection in one filter."""
        kept = Generation.objects.visible_to(self.user).kept()
        return kept.filter(*further, collected__collection=self.collection)

    @cached_property
    def _page(self) -> list[Generation]:
        """One more than is shown."""
        takes = self._kept() if self._keys is None else self._kept(RowAfter(ORDER, self._keys))
        placed = takes.annotate(place=F("collected__place"), collected_pk=F("collected__pk")).order_by(*ORDER)
        return list(
            placed.with_favourite_of(self.user).with_prints().select_related("account", "scene", *JOINED)[: PAGE + 1]
        )
