"""The grid of a view that is searched, filtered or ordered: takes side by side, a page at a time by keyset."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from generations import cursor
from generations.keyset import RowBefore
from generations.lens_form import Scope
from generations.models import Generation
from generations.payers import JOINED

if TYPE_CHECKING:
    from accounts.models import User
    from generations.cards import Card, Deck
    from generations.lens import Lens
    from generations.models.generation import GenerationQuerySet

PAGE = 60


class Wall:
    """`before` is the cursor of the page before; one that is not ours leads to the first page."""

    def __init__(self, lens: Lens, user: User, *, before: str = "") -> None:
        self.lens = lens
        self.user = user
        self.cards: list[Card] = []
        self._keys = cursor.read(lens.query, before) if before else None
        self.is_lost = bool(before) and self._keys is None

    @property
    def query(self) -> str:
        """The address of this list, without its page."""
        return self.lens.query

    @property
    def takes(self) -> list[Generation]:
        return self._page[:PAGE]

    def deal(self, deck: Deck) -> None:
        self.cards = [deck.card(take) for take in self.takes]

    @property
    def older(self) -> str:
        """The cursor after this page; "" when it is the last."""
        if len(self._page) <= PAGE:
            return ""
        last = self._page[PAGE - 1]
        return cursor.write(self.lens.query, [getattr(last, name.lstrip("-")) for name in self.lens.order])

    @cached_property
    def _page(self) -> list[Generation]:
        """One more than is shown, to know whether there are older ones. Their keys are found in narrow rows first."""
        keys = self._after(self.lens.queryset(self.user)).order_by(*self.lens.order).values("pk")[: PAGE + 1]
        takes = Generation.objects.filter(pk__in=keys).with_favourite_of(self.user).with_prints()
        beside = ["owner"] if "person" in self.lens.values else []  # who is named above the grid
        beside += [] if self.lens.scope == Scope.PROJECT else JOINED  # else it is the page's own
        return list(takes.select_related("account", "scene", *beside).order_by(*self.lens.order))

    def _after(self, takes: GenerationQuerySet) -> GenerationQuerySet:
        if self._keys is None:
            return takes
        match self.lens.order:
            case ("id",):
                return takes.filter(pk__gt=self._keys[0])
            case ("-id",):
                return takes.filter(pk__lt=self._keys[0])
            case order:
                return takes.filter(RowBefore(tuple(name.lstrip("-") for name in order), self._keys))
