"""How many takes each choice of a filter would leave: counted among the newest that match all other choices."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db.models import Count, Exists, Q
from django.utils import timezone

from accounts.models import User
from dashscope_client import catalogue
from generations import ledger
from generations.lens_form import SHOWS, UNSUCCESSFUL, Scope
from generations.models import UNFINISHED, Generation, Pick, Status, Tag, Tagging, WanAccount
from generations.models.rows import Counted, Rows
from generations.models.tag import tag_key
from generations.offers import words_of
from generations.spans import ENDS, spans
from teams.models import Membership

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

    from generations.lens import Lens
    from generations.models.generation import GenerationQuerySet
    from generations.spans import Span

Named = TypeVar("Named", User, Tag)
COLUMNS = {
    "show": "status",
    "ended": "status",
    "resolution": "resolution",
    "ratio": "ratio",
    "audio": "audio",
    "board": "shot_count",
    "rating": "rating",
    "person": "owner",
    "picked": "pick",
    "seconds": "duration",
    "price": "cost",
    "made": "created_at",
}
FIELDS = ("pk", *dict.fromkeys(COLUMNS.values()))
ALONG = {"show": ("pk", "status", "pick")}  # what is counted beside the states
STATES = {"clips": (Status.READY,), "working": UNFINISHED, "failed": UNSUCCESSFUL}
JUDGED = ("favourites", "review", "approved")
MOST_COUNTED = 5000
MOST_NAMED = 30  # people, or tags
MOST_SHOWN = 999


@dataclass(frozen=True)
class Found(Generic[Named]):
    """People or tags with how many takes each would leave, most first. `is_cut`: there are more of them."""

    rows: list[tuple[Named, int]]
    is_cut: bool


class Facets:
    """A choice that is made is counted without itself, so that the others beside it can be compared.

    `find` are words to look for people and tags by, those of no take, too; prices are those in the view's currency, or
    else in `currency` ("": in any). For a part of the panel, not the `whole`, other scopes and prices are not counted.
    """

    def __init__(
        self,
        lens: Lens,
        user: User,
        *,
        find: Mapping[str, str] | None = None,
        currency: str = "",
        whole: bool = True,
    ) -> None:
        self.lens = lens
        self.user = user
        self.currency = lens.values.get("currency", currency)
        self.is_whole = whole
        self.find = {name: " ".join(words_of(words).split()) for name, words in (find or {}).items()}

    @property
    def total(self) -> str:
        """Of all choices together."""
        return self.words(self.count)

    @property
    def count(self) -> int:
        """Of all choices together, so also of each tag that is chosen."""
        return len(self._newest)

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
    def scopes(self) -> dict[str, str]:
        """How many match in each scope, by its value in an address."""
        others = [scope for scope in Scope.values if scope != self.lens.scope]
        return {self.lens.scope: self.total, **{scope: self.words(self._compared[f"in_{scope}"]) for scope in others}}

    def spans(self, name: str) -> list[tuple[Span, str]]:
        """Parts of a range, each with how many takes it would leave."""
        found = self._prices if name == "price" else self._values(name)
        values = [_comparable(name, value) for value in found]
        return [(span, self.words(span.count(values))) for span in spans(name, values)]

    @property
    def _prices(self) -> list[Any]:
        """No index has the currency: it is looked at only where there is another one."""
        if not self.currency or not self._compared["foreign"]:
            return self._values("price")
        takes = self.lens.but(*ENDS["price"]).queryset(self.user, self._terms).filter(currency=self.currency)
        return list(takes.order_by("-id").values_list("cost", flat=True)[:MOST_COUNTED])

    @cached_property
    def people(self) -> Found[User]:
        """Who made them, most first; with words to find them by also who is in the team and made none."""
        counted, words = self._makers, self.find.get("person")
        if not words:
            return _found(counted, User.objects.all())
        team = Membership.objects.filter(team=self.lens.project.team_id)
        here = User.objects.filter(Q(pk__in=list(counted)) | Q(pk__in=team.values("user")))
        for word in words.split():
            here = here.filter(_called(word))
        return _named(counted, here)

    def takes_of(self, person: User | None) -> int:
        return self._makers[person.pk] if person else 0

    @cached_property
    def _makers(self) -> Counter[int]:
        return Counter(self._values("person"))

    @cached_property
    def tags(self) -> Found[Tag]:
        """Most used first. A take must have every tag that is chosen, so one more narrows what is seen now."""
        pks = self._values("pk")
        used: list[tuple[Tag, int]] = []
        if pks:  # the range: for thousands of keys it reads an index
            taggings = Tagging.objects.filter(generation__in=pks, generation__gte=min(pks))
            grouped = taggings.values_list("tag", "tag__name", "tag__key").annotate(many=Count("pk")).order_by()
            used = [(Tag(pk=pk, name=name, key=key), many) for pk, name, key, many in grouped]
        key = tag_key(self.find.get("tag", ""))
        if not key:
            used.sort(key=lambda found: (-found[1], found[0].name, found[0].pk))
            return Found(used[:MOST_NAMED], len(used) > MOST_NAMED)
        counted = Counter({tag.pk: many for tag, many in used})
        here = Tag.objects.filter(Q(pk__in=list(counted)) | Q(team=self.lens.project.team_id))
        return _named(counted, here.filter(key__contains=key))

    def _values(self, name: str, *, but: str = "") -> list[Any]:
        column, left_out = COLUMNS.get(name, name), but or name
        if left_out in self._made:
            return [row[column] for row in self._others[left_out]]
        place = FIELDS.index(column)
        return [row[place] for row in self._newest]

    @cached_property
    def _newest(self) -> list[tuple[Any, ...]]:
        return list(self._matching("").values_list(*FIELDS))

    @cached_property
    def _others(self) -> dict[str, list[dict[str, Any]]]:
        """By each choice that is made, what matches without it."""
        return {name: self._compared[f"but_{name}"] or [] for name in self._made}

    @property
    def _made(self) -> list[str]:
        return [name for name in COLUMNS if any(end in self.lens.values for end in ENDS.get(name, (name,)))]

    @cached_property
    def _compared(self) -> dict[str, Any]:
        """All that the view is compared with, in one query: what matches without each choice that is made, and for the
        whole panel how many match in each other scope and whether an account bills in another currency.
        """
        asked: dict[str, Any] = self._beside() if self.is_whole else {}
        for name in self._made:
            columns = ALONG.get(name, (COLUMNS[name],))
            asked[f"but_{name}"] = Rows(self._matching(name), **{column: column for column in columns})
        project = self.lens.project
        found: Any = type(project).objects.filter(pk=project.pk).values(**asked) if asked else [{}]
        return dict(found[0])

    def _beside(self) -> dict[str, Any]:
        """Where few match, all takes of a scope are looked at."""
        regions = [name for name, region in catalogue.REGIONS.items() if region.currency == self.currency]
        asked: dict[str, Any] = {"foreign": Exists(WanAccount.objects.exclude(region__in=regions))}
        for scope in Scope.values:
            if scope != self.lens.scope:
                takes = self.lens.within(scope).queryset(self.user).order_by("-id")
                asked[f"in_{scope}"] = Counted(takes[: MOST_SHOWN + 1])
        return asked

    def _matching(self, but: str) -> GenerationQuerySet:
        lens = self.lens.but(*ENDS.get(but, (but,)))
        return lens.queryset(self.user, self._terms).order_by("-id")[:MOST_COUNTED]

    @cached_property
    def _terms(self) -> list[str]:
        return self.lens.terms_of(self.user)


def _called(word: str) -> Q:
    """By what is shown of people: who gave no name goes by what their address begins with. Its domain tells nothing."""
    named = Q(name__icontains=word)
    return named if "@" in word else named | Q(name="", purged_at=None, email__istartswith=word)


def _found(counted: Counter[int], rows: QuerySet[Named]) -> Found[Named]:
    """Those that were counted most; of equals those whose names come first."""
    most = counted.most_common(MOST_NAMED)
    least = most[-1][1] if most else 0
    sure = [pk for pk, count in most if count > least]
    equals = rows.filter(pk__in=[pk for pk, count in counted.items() if count == least]).order_by("name", "pk")
    first = equals[: MOST_NAMED - len(sure)]
    found = rows.filter(Q(pk__in=sure) | Q(pk__in=first.values("pk"))).order_by("name", "pk")
    return Found(_ranked(counted, found), len(counted) > MOST_NAMED)


def _named(counted: Counter[int], rows: QuerySet[Named]) -> Found[Named]:
    """Of these, those that were counted most, and then those that were not."""
    others = rows.exclude(pk__in=list(counted)).order_by("name", "pk")[: MOST_NAMED + 1]
    found = rows.filter(Q(pk__in=list(counted)) | Q(pk__in=others.values("pk"))).order_by("name", "pk")
    ranked = _ranked(counted, found)
    return Found(ranked[:MOST_NAMED], len(ranked) > MOST_NAMED)


def _ranked(counted: Counter[int], rows: Iterable[Named]) -> list[tuple[Named, int]]:
    """Most first; equals stay in their order."""
    return [(row, counted[row.pk]) for row in sorted(rows, key=lambda row: -counted[row.pk])]


def _comparable(name: str, value: Any) -> Any:
    """As a span of this range holds it: rows of JSON have texts and fractions in the place of days and amounts."""
    if value is None or name == "seconds":
        return value
    if name == "price":
        return value if isinstance(value, Decimal) else ledger.exact(str(value))
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return timezone.localdate(moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC))


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
