"""How many takes each choice of a filter would leave: counted among the newest that match all other choices."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Count

from accounts.models import User
from generations.lens_form import SHOWS, UNSUCCESSFUL
from generations.models import UNFINISHED, Generation, Pick, Status, Tag, Tagging

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generations.lens import Lens

COLUMNS = {
    "show": "status",
    "resolution": "resolution",
    "ratio": "ratio",
    "audio": "audio",
    "board": "shot_count",
    "rating": "rating",
    "person": "owner",
    "picked": "pick",
}
STATES = {"clips": (Status.READY,), "working": UNFINISHED, "failed": UNSUCCESSFUL}
JUDGED = ("favourites", "review", "approved")
MOST_COUNTED = 5000
MOST_TAGS = 30
MOST_SHOWN = 999


class Facets:
    """A choice that is made is counted without itself, so that the others beside it can be compared."""

    def __init__(self, lens: Lens, user: User) -> None:
        self.lens = lens
        self.user = user
        self._rows: dict[str, list[tuple[Any, ...]]] = {}

    @property
    def total(self) -> str:
        """Of all choices together."""
        return self.words(len(self._newest("")))

    def words(self, count: int) -> str:
        return str(count) if count <= MOST_SHOWN else f"{MOST_SHOWN}+"

    def counts(self, name: str) -> Counter[str]:
        """By the choice's value in an address."""
        counted: Counter[str] = Counter()
        for value, count in Counter(self._values(name)).items():
            for choice in _choices(name, value):
                counted[choice] += count
        if name == "show":
            counted["picked"] = self._values("picked", but="show").count(Pick.PICKED)
            counted.update(self._judged)
        return counted

    @cached_property
    def _judged(self) -> dict[str, int]:
        """What rows beside the takes decide, in one query for all three."""
        pks = self._values("pk", but="show")
        conditions = {name: SHOWS[name].condition(self.user) for name in JUDGED}
        newest = Generation.objects.filter(pk__in=pks)
        return newest.aggregate(**{name: Count("pk", filter=only) for name, only in conditions.items()}) if pks else {}

    @cached_property
    def people(self) -> list[tuple[User, int]]:
        """Who made them, most first."""
        counted = Counter(self._values("person"))
        found = User.objects.in_bulk([pk for pk, _count in counted.most_common(MOST_TAGS)])
        return [(found[pk], count) for pk, count in counted.most_common(MOST_TAGS) if pk in found]

    @cached_property
    def tags(self) -> list[tuple[Tag, int]]:
        """Most used first."""
        pks = self._values("pk", but="tag")
        if not pks:
            return []
        taggings = Tagging.objects.filter(generation__in=pks, generation__gte=min(pks))
        counted = Counter(taggings.values_list("tag", flat=True))  # the range: for thousands of keys it reads an index
        found = Tag.objects.in_bulk([pk for pk, _count in counted.most_common(MOST_TAGS)])
        return [(found[pk], count) for pk, count in counted.most_common(MOST_TAGS) if pk in found]

    def _values(self, name: str, *, but: str = "") -> list[Any]:
        place = ["pk", *COLUMNS].index(name)
        return [row[place] for row in self._newest(but or name)]

    def _newest(self, but: str) -> list[tuple[Any, ...]]:
        but = but if but in self.lens.values else ""
        if but not in self._rows:
            takes = self.lens.but(but).queryset(self.user).order_by("-id")
            self._rows[but] = list(takes.values_list("pk", *COLUMNS.values())[:MOST_COUNTED])
        return self._rows[but]


def _choices(name: str, value: Any) -> Iterable[str]:
    """All choices of a filter that a value of its column fits."""
    match name:
        case "show":
            return ["", *(key for key, statuses in STATES.items() if value in statuses)]
        case "audio":
            return ["1"] if value is not None else []
        case "board":
            return ["1"] if value > 1 else []
        case "rating":
            return [str(stars) for stars in range(1, value + 1)]
        case _:
            return [str(value)]
