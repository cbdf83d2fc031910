"""Clips into collections, out of them, and their order there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Max, OuterRef, Q, Subquery

from generations import clock
from generations.keyset import RowAfter, RowBefore
from generations.models import Collected, Collection, Event, Generation
from wanstudio.locks import hold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from accounts.models import User
    from generations.judging import Change

ORDER = ("place", "pk")
PUT_IN, TAKEN_OUT = "collected", "taken_out"  # kinds of events; which collection it was stands in their data


def collect(keys: Sequence[int], collection: Collection, *, by: User) -> list[Change]:
    """Put them at the end, in the order given. Takes of other teams and those that are in it already stay out.

    Answers the keys of the places beside the takes'.
    """
    with transaction.atomic():
        _hold(collection)
        fresh = _fresh(keys, collection)
        last = collection.collected.aggregate(last=Max("place"))["last"] or 0
        rows = Collected.objects.bulk_create(
            [
                Collected(collection=collection, generation_id=key, place=last + number, by=by)
                for number, key in enumerate(fresh, start=1)
            ]
        )
        _write_down(PUT_IN, fresh, collection, by)
    return [[row.generation_id, row.pk] for row in rows]


def uncollect(before: list[Change], collection: Collection, *, by: User) -> int:
    """Undo `collect`, but for takes that somebody has taken out since, and put in anew perhaps. How many these are."""
    with transaction.atomic():
        _hold(collection)
        was: dict[int, int | None] = {take: place for take, place in before}  # noqa: C416  once none was kept: None
        rows = collection.collected.filter(generation__in=was).values_list("pk", "generation")
        same = {pk: key for pk, key in rows if was[key] in (None, pk)}
        collection.collected.filter(pk__in=same).delete()
        _write_down(TAKEN_OUT, same.values(), collection, by)
    return len(before) - len(same)


def take_out(keys: Sequence[int], collection: Collection, *, by: User) -> list[Change]:
    """What it was, in their order: the place of each, the take before it (None: it was the first), and the event."""
    earlier = Q(place__lt=OuterRef("place")) | Q(place=OuterRef("place"), pk__lt=OuterRef("pk"))
    others = Collected.objects.filter(earlier, collection=collection)
    ahead = Subquery(others.order_by("-place", "-pk").values("generation")[:1])
    with transaction.atomic():
        _hold(collection)
        rows = collection.collected.filter(generation__in=keys)
        was = list(rows.order_by(*ORDER).values_list("generation", "place", ahead))
        rows.delete()
        events = _write_down(TAKEN_OUT, [key for key, _place, _other in was], collection, by)
    return [[key, [place, other, event.pk]] for (key, place, other), event in zip(was, events, strict=True)]


def put_back(before: list[Change], collection: Collection, *, by: User) -> int:
    """Undo `take_out`: each behind the take that was before it, however they were arranged since; where that is gone,
    at its old place. How many stay as they are, because another team has them now, or they were put in since, and
    taken out again perhaps."""
    with transaction.atomic():
        _hold(collection)
        was = {key: _remembered(old) for key, old in before}
        turns = _last_turns(was, collection)
        same = [key for key, (_place, _other, event) in was.items() if event in (None, turns.get(key))]
        fresh = _fresh(same, collection)
        rows = Collected.objects.bulk_create(
            [Collected(collection=collection, generation_id=key, place=was[key][0], by=by) for key in fresh]
        )
        for row in rows:
            _put_behind(row, was[row.generation_id][1])
        _write_down(PUT_IN, fresh, collection, by)
    return len(before) - len(fresh)


def _remembered(old: Any) -> tuple[int, int | None, int | None]:
    """As `take_out` answers it; once only the place was kept (then the take goes there), once no event."""
    place, other, event = [*old, None][:3] if isinstance(old, list) else [old, 0, None]
    return place, other, event


def _last_turns(keys: Iterable[int], collection: Collection) -> dict[int, int]:
    """The events by which each of these came into the collection, or out of it, last."""
    turns = Event.objects.filter(generation__in=keys, kind__in=(PUT_IN, TAKEN_OUT), data__collection=collection.pk)
    return dict(turns.order_by().values("generation").annotate(last=Max("pk")).values_list("generation", "last"))


def _write_down(kind: str, keys: Iterable[int], collection: Collection, by: User) -> list[Event]:
    now, data = clock.now(), {"collection": collection.pk}
    return Event.objects.bulk_create([Event(generation_id=key, kind=kind, at=now, actor=by, data=data) for key in keys])


def step(collection: Collection, take: UUID, by: int) -> None:
    """Past the clip before it (negative) or behind it, if there is one. What lies in the trash is no clip to pass."""
    with transaction.atomic():
        _hold(collection)
        moved = collection.collected.filter(generation__uuid=take).first()
        if moved is None:
            return
        kept = collection.collected.filter(generation__trashed_at=None)
        here = (RowBefore if by < 0 else RowAfter)(ORDER, [moved.place, moved.pk])
        beside = kept.filter(here).order_by(*ORDER)
        other = beside.last() if by < 0 else beside.first()
        if other is not None:
            _put(moved, other, behind=by > 0)


def put(collection: Collection, take: UUID, other: UUID, *, behind: bool) -> None:
    """A take right before another one, or behind it; nothing happens when one of them is not there."""
    with transaction.atomic():
        _hold(collection)
        found = collection.collected.filter(generation__uuid__in=(take, other)).select_related("generation")
        rows = {row.generation.uuid: row for row in found}
        if len(rows) == 2:
            _put(rows[take], rows[other], behind=behind)


def _put_behind(row: Collected, ahead: int | None) -> None:
    """Unless it stands there, or the take `ahead` is not in the collection; None: at the beginning."""
    row.refresh_from_db(fields=["place"])  # another one may have moved it on
    others = Collected.objects.filter(collection=row.collection_id).exclude(pk=row.pk)
    earlier = others.filter(RowBefore(ORDER, [row.place, row.pk])).order_by(*ORDER).last()
    if (earlier.generation_id if earlier else None) == ahead:
        return
    other = others.order_by(*ORDER).first() if ahead is None else others.filter(generation=ahead).first()
    if other is not None:
        _put(row, other, behind=ahead is not None)


def _fresh(keys: Sequence[int], collection: Collection) -> list[int]:
    """Of the collection's team, and not in it."""
    fitting = hold(Generation.objects.filter(pk__in=keys, team=collection.team_id))  # else one may leave the team now
    here = set(collection.collected.filter(generation__in=keys).values_list("generation", flat=True))
    fresh = {*fitting} - here
    return [key for key in keys if key in fresh]


def _put(moved: Collected, other: Collected, *, behind: bool) -> None:
    """Whatever is to follow makes room by two, also what shares the other's place; nothing that is before changes."""
    following = Q(RowAfter(ORDER, [other.place, other.pk]))
    if not behind:
        following |= Q(pk=other.pk)
    Collected.objects.filter(following, collection=moved.collection_id).update(place=F("place") + 2)
    Collected.objects.filter(pk=moved.pk).update(place=other.place + 1)


def _hold(collection: Collection) -> None:
    """The row, until the transaction ends: places are given by one at a time."""
    Collection.objects.select_for_update().get(pk=collection.pk)
