"""Clips into collections, out of them, and their order there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max

from generations.models import Collected, Collection, Generation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User
    from generations.judging import Change


def collect(keys: Sequence[int], collection: Collection, *, by: User) -> list[Change]:
    """Put them at the end, in the order given. Takes of other teams and those that are in it already stay out."""
    with transaction.atomic():
        _hold(collection)
        fitting = set(Generation.objects.filter(pk__in=keys, team=collection.team_id).values_list("pk", flat=True))
        here = set(collection.collected.filter(generation__in=keys).values_list("generation", flat=True))
        fresh = [key for key in keys if key in fitting and key not in here]
        last = collection.collected.aggregate(last=Max("place"))["last"] or 0
        Collected.objects.bulk_create(
            [
                Collected(collection=collection, generation_id=key, place=last + number, by=by)
                for number, key in enumerate(fresh, start=1)
            ]
        )
    return [[key, None] for key in fresh]


def take_out(keys: Sequence[int], collection: Collection) -> list[Change]:
    """What it was: the place of each."""
    with transaction.atomic():
        rows = collection.collected.filter(generation__in=keys)
        before = [list(row) for row in rows.values_list("generation", "place")]
        rows.delete()
    return before


def put_back(before: list[Change], collection: Collection, *, by: User) -> None:
    """Undo `take_out`: at their places again."""
    Collected.objects.bulk_create(
        [Collected(collection=collection, generation_id=key, place=place, by=by) for key, place in before],
        ignore_conflicts=True,
    )


def arrange(collection: Collection, order: Sequence[UUID]) -> None:
    """Takes in this order come first; those that it does not name keep their order behind them."""
    ranks = {uuid: rank for rank, uuid in enumerate(order)}
    with transaction.atomic():
        _hold(collection)
        rows = list(collection.collected.select_related("generation").order_by("place", "pk"))
        rows.sort(key=lambda row: ranks.get(row.generation.uuid, len(ranks)))
        for place, row in enumerate(rows, start=1):
            row.place = place
        Collected.objects.bulk_update(rows, ["place"], batch_size=200)


def shift(collection: Collection, take: UUID, by: int) -> None:
    """One take earlier (negative) or later."""
    order = list(collection.collected.order_by("place", "pk").values_list("generation__uuid", flat=True))
    if take not in order:
        return
    at = order.index(take)
    order.insert(max(0, at + by), order.pop(at))
    arrange(collection, order)


def _hold(collection: Collection) -> None:
    """The row, until the transaction ends: places are given by one at a time."""
    Collection.objects.select_for_update().get(pk=collection.pk)
