"""A call sheet as one: sent all or none, paused, resumed and canceled together."""

from __future__ import annotations

import uuid as uuids
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import ngettext

from generations import clock, nudge
from generations.lifecycle import cancel as canceling
from generations.lifecycle.made_before import are_of, press_again_words
from generations.lifecycle.press import account_for, make, require_quoted
from generations.lifecycle.refused import MadeBefore, OverBudget, telling_of_stops
from generations.models import Batch, Event, Scene, Status
from teams.activity import record
from wanstudio.locks import held

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User
    from generations.lifecycle.press import Recipe
    from generations.models import Generation
    from generations.models.generation import GenerationQuerySet
    from teams.models import Project


@telling_of_stops()
def send(
    rows: Sequence[tuple[str, Recipe]], *, user: User, project: Project, name: str, token: UUID, quoted: str = ""
) -> Batch:
    """One take a row, a scene for each name that stands before a recipe ("": the batch's own); all or none.

    The same token leads to the same batch; `quoted` as of a press. Raises Refused, MadeBefore of a token whose batch
    has other rows.
    """
    known = Batch.objects.filter(created_by=user, press=token).first()
    if known:
        return _as_sent(known, rows)
    account = account_for(project)
    require_quoted(account, quoted, {recipe.resolution for _scene, recipe in rows})
    is_named, name = bool(name), Scene.name_from(name or rows[0][1].prompt)
    try:
        with transaction.atomic():
            batch = Batch.objects.create(project=project, created_by=user, name=name, press=token)
            for scene, recipes in _by_scene(rows).items():
                make(
                    [recipe.fields() | {"batch": batch} for recipe in recipes],
                    user=user,
                    project=project,
                    scene=Scene.objects.create(
                        project=project,
                        created_by=user,
                        name=Scene.name_from(scene or name),
                        is_named=is_named or bool(scene),
                    ),
                    account=account,
                    token=_token_of(batch, scene),
                )
            record("sheet_sent", project, by=user, count=len(rows), name=name)
    except (IntegrityError, OverBudget):
        known = Batch.objects.filter(created_by=user, press=token).first()
        if known is None:
            raise
        return _as_sent(known, rows)
    return batch


def _as_sent(batch: Batch, rows: Sequence[tuple[str, Recipe]]) -> Batch:
    """The batch of this press. Raises MadeBefore when it does not hold these rows, in these scenes."""
    made: dict[UUID, list[Generation]] = {}
    for take in batch.takes.select_related("audio").order_by("press_index"):
        made.setdefault(take.press, []).append(take)
    asked = {_token_of(batch, scene): recipes for scene, recipes in _by_scene(rows).items()}
    is_same = made.keys() == asked.keys() and all(
        are_of(made[token], [recipe.fields() for recipe in recipes]) for token, recipes in asked.items()
    )
    if is_same:
        return batch
    count = sum(map(len, made.values()))
    words = ngettext(
        "Your earlier press arrived and made %(count)s take, sent as “%(name)s”.",
        "Your earlier press arrived and made %(count)s takes, sent as “%(name)s”.",
        count,
    )
    raise MadeBefore(f"{words % {'count': count, 'name': batch.name}} {press_again_words()}")


def _token_of(batch: Batch, scene: str) -> UUID:
    """Of the takes that a batch makes in one scene."""
    return uuids.uuid5(batch.press, scene)


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
        keys = list(held(takes).values_list("pk", "status"))
        waiting = [key for key, status in keys if status == Status.QUEUED]
        takes.model.objects.filter(pk__in=[key for key, _status in keys]).update(version=F("version") + 1, **fields)
        Event.objects.bulk_create([Event(generation_id=key, kind=kind, actor=by, at=now) for key in waiting])
    return len(waiting)


def cancel(batch: Batch, *, by: User) -> list[tuple[canceling.Answer, Generation]]:
    """What each unfinished take answered."""
    takes = batch.takes.unfinished().select_related("account", "project", "scene", "owner")
    return [(canceling.request(take, by=by), take) for take in takes]
