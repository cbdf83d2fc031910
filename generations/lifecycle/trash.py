"""The trash is a flag beside the status: a take in it goes on, is archived, and can be restored until it is purged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Max

from generations import clock
from generations.models import Event, Generation
from teams.activity import record_takes
from wanstudio.locks import hold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from accounts.models import User
    from generations.models.generation import GenerationQuerySet

    Since = Mapping[int, int | None]  # take → event; None, where none was kept: turned whatever happened

TRASHED, RESTORED = "trashed", "restored"  # kinds of events


def trash(generation: Generation, *, by: User, since: int | None = None) -> bool:
    """False when it is there already. `since` as of `trash_all`."""
    return _one(generation, trash_all([generation.pk], by=by, since={generation.pk: since}))


def restore(generation: Generation, *, by: User, since: int | None = None) -> bool:
    """False when it is not in the trash, or was deleted for good. `since` as of `trash_all`."""
    return _one(generation, restore_all([generation.pk], by=by, since={generation.pk: since}))


def trash_all(keys: Sequence[int], *, by: User, since: Since | None = None) -> list[int]:
    """The keys of those that were not there before. To undo a turn, `since` names its events: what was turned anew
    since then stays."""
    return _flag(Generation.objects.kept().filter(pk__in=keys), clock.now(), TRASHED, by, since or {})


def restore_all(keys: Sequence[int], *, by: User, since: Since | None = None) -> list[int]:
    return _flag(Generation.objects.in_trash().filter(pk__in=keys), None, RESTORED, by, since or {})


def last_turns(keys: Iterable[int]) -> dict[int, int]:
    """The events by which each of these came to the trash, or from there, last."""
    turns = Event.objects.filter(generation__in=keys, kind__in=(TRASHED, RESTORED)).order_by()
    return dict(turns.values("generation").annotate(last=Max("pk")).values_list("generation", "last"))


def _flag(takes: GenerationQuerySet, trashed_at: datetime | None, kind: str, by: User, since: Since) -> list[int]:
    now = clock.now()
    with transaction.atomic():
        keys = hold(takes)
        turns = last_turns(keys) if any(since.values()) else {}
        keys = [key for key in keys if since.get(key) in (None, turns.get(key))]
        Generation.objects.filter(pk__in=keys).update(trashed_at=trashed_at, version=F("version") + 1)
        Event.objects.bulk_create([Event(generation_id=key, kind=kind, at=now, actor=by) for key in keys])
        record_takes(kind, keys, by=by)
    return keys


def _one(generation: Generation, changed: list[Any]) -> bool:
    generation.refresh_from_db(fields=["trashed_at", "version"])
    return bool(changed)
