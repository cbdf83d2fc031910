"""The line of takes that still wait here: paused, resumed and reordered by the people they belong to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Min

from generations import clock, nudge, places
from generations.lifecycle.moves import note
from generations.models import Event, Generation, Status, WanAccount
from wanstudio.locks import hold

if TYPE_CHECKING:
    from accounts.models import User
    from generations.models.generation import GenerationQuerySet


def pause(take: Generation, *, by: User) -> bool:
    """Keep a waiting take here until it is resumed; False when it has left the line."""
    waiting = Generation.objects.filter(pk=take.pk, status=Status.QUEUED, paused_at=None)
    with transaction.atomic():
        if not waiting.update(paused_at=clock.now(), version=F("version") + 1):
            return False
        note(take, "paused", actor=by)
    return True


def resume(take: Generation, *, by: User) -> bool:
    paused = Generation.objects.filter(pk=take.pk, status=Status.QUEUED, paused_at__isnull=False)
    with transaction.atomic():
        if not paused.update(paused_at=None, due_at=clock.now(), version=F("version") + 1):
            return False
        note(take, "resumed", actor=by)
        transaction.on_commit(partial(nudge.submit, take.account_id))
    return True


def pause_all(takes: GenerationQuerySet, *, by: User) -> int:
    """Keep all of these that wait here; returns how many."""
    return _mark(takes.filter(status=Status.QUEUED, paused_at=None), "paused", by=by, paused_at=clock.now())


def resume_all(takes: GenerationQuerySet, *, by: User) -> int:
    """Not those whose call sheet is paused: that is resumed as one."""
    paused = takes.filter(status=Status.QUEUED, paused_at__isnull=False).exclude(batch__paused_at__isnull=False)
    resumed = _mark(paused, "resumed", by=by, paused_at=None, due_at=clock.now())
    nudge.submit()
    return resumed


def _mark(takes: GenerationQuerySet, kind: str, *, by: User, **fields: object) -> int:
    now = clock.now()
    with transaction.atomic():
        keys = hold(takes)
        Generation.objects.filter(pk__in=keys).update(version=F("version") + 1, **fields)
        Event.objects.bulk_create([Event(generation_id=key, kind=kind, actor=by, at=now) for key in keys])
    return len(keys)


PLACES = ("first", "earlier", "later", "last")


def put(take: Generation, where: str, *, by: User) -> bool:
    """Move a waiting take among its owner's takes on its account; turns between people stay as they are.

    `where` is one of PLACES. False when it has left the line, or is paused and so has no place in it.
    """
    with transaction.atomic():
        account = WanAccount.objects.select_for_update().get(pk=take.account_id)
        line = Generation.objects.filter(account=account, owner=take.owner_id, status=Status.QUEUED, paused_at=None)
        mine = set(line.values_list("pk", flat=True))
        order = [key for key in places.order_of(account) if key in mine]
        if take.pk not in order:
            return False
        _pin(line, *_moved(order, take.pk, where))
        note(take, "moved", actor=by, where=where)
    return True


def _moved(order: list[int], key: int, where: str) -> tuple[list[int], int]:
    """The new order, and how much of it is now as somebody wanted it."""
    old = order.index(key)
    new = {"first": 0, "earlier": max(0, old - 1), "later": old + 1, "last": len(order) - 1}[where]
    rest = [other for other in order if other != key]
    return [*rest[:new], key, *rest[new:]], max(old, new) + 1


def _pin(line: GenerationQuerySet, order: list[int], count: int) -> None:
    """Ranks below those of all others for the first `count`; the others stay as they are, and new ones come after."""
    pinned = order[:count]
    lowest = line.exclude(pk__in=pinned).aggregate(rank=Min("queue_rank"))["rank"]
    start = min(0, lowest or 0) - len(pinned)
    takes = [Generation(pk=key, queue_rank=start + place) for place, key in enumerate(pinned)]
    Generation.objects.bulk_update(takes, ["queue_rank"], batch_size=200)
    line.update(version=F("version") + 1)
