"""What people think of takes: stars and picks are the team's, favourites a person's own.

Each function changes what needs it and answers [key, what it was] of those, so that it can be undone.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from generations.models import Favourite, Generation
from wanstudio.locks import held, hold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from accounts.models import User

Change = list[Any]  # [key of the take, what it was]; a list, because it is kept as JSON


def rate(keys: Sequence[int], stars: int) -> list[Change]:
    """0 takes the stars away."""
    return _set(keys, "rating", stars)


def decide(keys: Sequence[int], pick: int) -> list[Change]:
    return _set(keys, "pick", pick)


def set_back(before: Iterable[Change], field: str, value: int) -> None:
    """Undo `rate` or `decide`, but for takes that somebody has judged anew since."""
    keys = defaultdict(list)
    for key, old in before:
        keys[old].append(key)
    with transaction.atomic():
        hold(Generation.objects.filter(pk__in=[key for same in keys.values() for key in same]))
        for old, same in keys.items():
            unchanged = Generation.objects.filter(pk__in=same, **{field: value})
            unchanged.update(**{field: old, "version": F("version") + 1})


def _set(keys: Sequence[int], field: str, value: int) -> list[Change]:
    with transaction.atomic():
        others = Generation.objects.filter(pk__in=keys).exclude(**{field: value})
        before = [list(row) for row in held(others).values_list("pk", field)]
        changed = Generation.objects.filter(pk__in=[key for key, _old in before])
        changed.update(**{field: value, "version": F("version") + 1})
    return before


def favour(keys: Sequence[int], person: User) -> list[Change]:
    with transaction.atomic():
        known = set(Favourite.objects.filter(person=person, generation__in=keys).values_list("generation", flat=True))
        fresh = [key for key in keys if key not in known]
        Favourite.objects.bulk_create(
            [Favourite(person=person, generation_id=key) for key in fresh], ignore_conflicts=True
        )
    return [[key, False] for key in fresh]


def unfavour(keys: Sequence[int], person: User) -> list[Change]:
    with transaction.atomic():
        known = Favourite.objects.filter(person=person, generation__in=keys)
        before = [[key, True] for key in known.values_list("generation", flat=True)]
        known.delete()
    return before
