"""Copies of seeded takes, made by the database itself: what takes Django an hour takes it minutes.

A copy has keys and a seed of its own; its scene, tags, favourites and what it is found by come along.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max

from dashscope_client import catalogue
from generations import search
from generations.models import Favourite, Generation, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from django.db.models import Model

    from generations.gallery_seed import Place

MOMENTS = ("created_at", "status_changed_at", "finished_at", "ready_at", "derived_at")
MODEL = catalogue.MODELS[catalogue.DEFAULT_MODEL]
SEED_STEP = 7919  # from a take's seed to its copy's, times the distance of their keys
FRESH = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
# Rows of a table once more, with some columns changed; keys that are not given are new.
ONCE_MORE = "INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE {key} BETWEEN {first} AND {last}"
TAKEN = "(SELECT {function}(created_at) FROM generations_generation WHERE scene_id = generations_scene.id + {scenes})"
FOUND = """
INSERT INTO generations_searchentry (take_id, scope, terms, text)
SELECT take.id, '{scope}', replace(terms, CAST(old.seed AS text), CAST(take.seed AS text)),
       replace(text, CAST(old.seed AS text), CAST(take.seed AS text))
FROM generations_searchentry
JOIN generations_generation old ON old.id = take_id
JOIN generations_generation take ON take.id = old.id + {takes}
WHERE old.id BETWEEN {first} AND {last}
"""
TAGGED = """
INSERT INTO generations_tagging (tag_id, generation_id, by_id, created_at)
SELECT tag.id, generation_id + {takes}, {owner}, generations_tagging.created_at FROM generations_tagging
JOIN generations_tag old ON old.id = tag_id
JOIN generations_tag tag ON tag.key = old.key AND tag.team_id = {team}
WHERE generation_id BETWEEN {first} AND {last}
"""
LATER = {  # so many seconds after {begin}
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', '{begin}', ({seconds}) || ' seconds')",
    "postgresql": "TIMESTAMPTZ '{begin}' + ({seconds}) * interval '1 second'",
}


@dataclass(frozen=True)
class Sheet:
    """What is copied: the first and the last key of takes made at one go, and of their scenes."""

    takes: tuple[int, int]
    scenes: tuple[int, int]

    @property
    def size(self) -> int:
        return self.takes[1] - self.takes[0] + 1


@contextmanager
def alone() -> Iterator[None]:
    """A transaction in which keys follow each other: nobody else makes takes meanwhile."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE generations_scene, generations_generation IN SHARE ROW EXCLUSIVE MODE")
        yield


def copy(sheet: Sheet, place: Place, *, begin: datetime, step: timedelta) -> None:
    """The sheet once more, as `place`'s, the first take made at `begin`."""
    with alone(), connection.cursor() as cursor:
        copier = _Copier(sheet, place, _next(Generation) - sheet.takes[0], _next(Scene) - sheet.scenes[0])
        for statement in [
            *copier.statements(begin, step),
            *connection.ops.sequence_reset_sql(no_style(), [Scene, Generation]),
        ]:
            cursor.execute(statement)


def _next(model: type[Model]) -> int:
    return 1 + int(model._default_manager.aggregate(last=Max("pk"))["last"] or 0)


@dataclass(frozen=True)
class _Copier:
    """`takes` and `scenes` are what keys grow by. Nothing but numbers and moments of ours is put into statements."""

    sheet: Sheet
    place: Place
    takes: int
    scenes: int

    def statements(self, begin: datetime, step: timedelta) -> Iterator[str]:
        """In this order: the rest looks at the takes."""
        first, last = self.sheet.takes
        place, owner, fresh = self.place, self.place.owner.pk, FRESH[connection.vendor]
        numbers = {"first": first, "last": last, "takes": self.takes, "scenes": self.scenes, "owner": owner}
        yield _again(Generation, self._take(begin, step) | {"uuid": fresh, "press": fresh}, "id", self.sheet.takes)
        scene = {"id": f"id + {self.scenes}", "uuid": fresh, "project_id": place.project.pk, "created_by_id": owner}
        scene["created_at"] = TAKEN.format(function="MIN", **numbers)
        scene["latest_take_at"] = TAKEN.format(function="MAX", **numbers)
        yield _again(Scene, scene, "id", self.sheet.scenes)
        favourite = {"generation_id": f"generation_id + {self.takes}", "person_id": owner}
        yield _again(Favourite, favourite, "generation_id", self.sheet.takes)
        yield FOUND.format(scope=search.scope_of(place.project.pk, owner), **numbers)
        yield TAGGED.format(team=place.project.team_id, **numbers)

    def _take(self, begin: datetime, step: timedelta) -> dict[str, object]:
        place, moment = self.place, connection.ops.adapt_datetimefield_value(begin)
        seconds = f"(id - {self.sheet.takes[0]}) * {step.total_seconds():.6f}"
        at = LATER[connection.vendor].format(begin=moment, seconds=seconds)
        return {
            **{"id": f"id + {self.takes}", "scene_id": f"scene_id + {self.scenes}", "owner_id": place.owner.pk},
            **{"project_id": place.project.pk, "team_id": place.project.team_id, "account_id": place.account.pk},
            **{"seed": f"(seed + {self.takes} * CAST({SEED_STEP} AS bigint)) % {MODEL.seed_max}"},
            **{"audio_id": f"CASE WHEN audio_id IS NOT NULL THEN {place.audio.pk} END"},
            **{name: f"CASE WHEN {name} IS NOT NULL THEN {at} END" for name in MOMENTS},
        }


def _again(model: type[Model], changed: dict[str, object], key: str, keys: tuple[int, int]) -> str:
    columns = [str(field.column) for field in model._meta.concrete_fields if not field.generated]
    columns = [name for name in columns if name != "id" or name in changed]
    return ONCE_MORE.format(
        table=model._meta.db_table,
        names=", ".join(f'"{name}"' for name in columns),
        values=", ".join(str(changed.get(name, f'"{name}"')) for name in columns),
        key=key,
        first=keys[0],
        last=keys[1],
    )
