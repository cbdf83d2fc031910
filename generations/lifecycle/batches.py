"""A call sheet as one: sent all or none, paused, resumed and canceled together."""

from __future__ import annotations

import uuid as uuids
from collections import Counter
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F

from generations import clock, nudge
from generations.lifecycle import cancel as canceling
from generations.lifecycle.press import account_for, make, telling_of_stops
from generations.models import Batch, Event, Scene, Status
from teams.activity import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User
    from generations.lifecycle.press import Recipe
    from generations.models.generation import GenerationQuerySet
    from teams.models import Project


@telling_of_stops()
def send(rows: Sequence[tuple[str, Recipe]], *, user: User, project: Project, name: str, token: UUID) -> Batch:
    """One take a row, a scene for each name that stands before a recipe ("": the batch's own); all or none.

    The same token leads to the same batch. Raises Refused.
    """
    known = Batch.objects.filter(created_by=user, press=token).first()
    if known:
        return known
    account = account_for(project)
    name = Scene.name_from(name or rows[0][1].prompt)
    try:
        with transaction.atomic():
            batch = Batch.objects.create(project=project, created_by=user, name=name, press=token)
            for scene, recipes in _by_scene(rows).items():
                make(
                    [recipe.fields() | {"batch": batch} for recipe in recipes],
                    user=user,
                    project=project,
                    scene=Scene.objects.create(project=project, created_by=user, name=Scene.name_from(scene or name)),
                    account=account,
                    token=uuids.uuid5(token, scene),
                )
            record("sheet_sent", project, by=user, count=len(rows), name=name)
    except IntegrityError:
        return Batch.objects.get(created_by=user, press=token)
    return batch


def _by_scene(rows: Sequence[tuple[str, Recipe]]) -> dict[str, list[Recipe]]:
    scenes: dict[str, list[Recipe]] = {}
    for scene, recipe in rows:
        scenes.setdefault(scene, []).append(recipe)
    return scenes


def pause(batch: Batch, *, by: User) -> int:
    """Keep here what waits here, and what comes back from Wan to wait again. Returns how many are kept now."""
    Batch.objects.filter(pk=batch.pk, paused_at=None).update(paused_at=clock.now())
    return _mark(batch.takes.unfinished().filter(paused_at=None), "paused", by=by, paused_at=clock.now())


def resume(batch: Batch, *, by: User) -> int:
    Batch.objects.filter(pk=batch.pk).update(paused_at=None)
    resumed = _mark(batch.takes.unfinished().exclude(paused_at=None), "resumed", by=by, paused_at=None)
    nudge.submit()
    return resumed


def _mark(takes: GenerationQuerySet, kind: str, *, by: User, **fields: object) -> int:
    """Returns how many of them wait here; only these have an event of it."""
    now = clock.now()
    with transaction.atomic():
        keys = list(takes.select_for_update().values_list("pk", "status"))
        waiting = [key for key, status in keys if status == Status.QUEUED]
        takes.model.objects.filter(pk__in=[key for key, _status in keys]).update(version=F("version") + 1, **fields)
        Event.objects.bulk_create([Event(generation_id=key, kind=kind, actor=by, at=now) for key in waiting])
    return len(waiting)


def cancel(batch: Batch, *, by: User) -> Counter[canceling.Answer]:
    """What each unfinished take answered."""
    takes = batch.takes.unfinished().select_related("account", "project", "scene", "owner")
    return Counter(canceling.request(take, by=by) for take in takes)
