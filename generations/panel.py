"""The choices beside the grid, as a template shows them: each with its words, whether it is on, and its count."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from generations.forms import as_uuid
from generations.lens_form import SHOWS, LensForm, Scope, Sort
from generations.models.tag import tag_key
from generations.phrases import currency_sign
from generations.spans import ENDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from generations.facets import Facets
    from generations.lens import Lens

STARS = range(1, 6)


@dataclass(frozen=True)
class Choice:
    """`count` is text, "" when it was not counted; `query` leads to the view with only this changed."""

    name: str
    value: str
    label: str
    is_on: bool
    count: str = ""
    query: str = ""


class End(NamedTuple):
    """One of a range's two fields."""

    name: str
    label: str
    value: str
    kind: str
    step: str
    placeholder: str


@dataclass(frozen=True)
class Part:
    """A usual part of a range; `ends` are the values of its two fields, "" where it is open."""

    label: str
    ends: tuple[str, ...]
    is_on: bool
    count: str
    query: str


class Range(NamedTuple):
    title: str
    fields: list[End]
    parts: list[Part]


class Names(NamedTuple):
    """People or tags to choose from; `has_search`: there are, or were, more than are listed."""

    name: str
    choices: list[Choice]
    find: str
    is_cut: bool

    @property
    def has_search(self) -> bool:
        return self.is_cut or bool(self.find)


class Panel:
    """Without `facets` it costs no query, and knows neither counts nor the people and tags to choose from.

    `people` are those who are known already: somebody else who is chosen has to be looked up. Prices are in the view's
    currency, or else in `currency`.
    """

    def __init__(
        self, lens: Lens, facets: Facets | None = None, people: Iterable[User] = (), *, currency: str = ""
    ) -> None:
        self.lens = lens
        self.currency_code: str = lens.values.get("currency", currency)
        self.currency = currency_sign(self.currency_code)
        self.facets = facets
        self._known: dict[UUID | None, User] = {person.uuid: person for person in people}

    @property
    def total(self) -> str:
        return self.facets.total if self.facets else ""

    @property
    def shows(self) -> list[Choice]:
        return [self._choice("show", name, str(show.label)) for name, show in SHOWS.items()]

    @property
    def scopes(self) -> list[Choice]:
        counts = self.facets.scopes if self.facets else {}
        return [
            Choice("scope", value, str(label), self.lens.scope == value, counts.get(value, ""))
            for value, label in Scope.choices
        ]

    @property
    def sorts(self) -> list[Choice]:
        return [Choice("sort", value, str(label), self.lens.sort == value) for value, label in Sort.choices]

    @property
    def resolutions(self) -> list[Choice]:
        return self._of_form("resolution")

    @property
    def ratios(self) -> list[Choice]:
        return self._of_form("ratio")

    @property
    def ends(self) -> list[Choice]:
        return self._of_form("ended")

    @property
    def flags(self) -> list[Choice]:
        return [self._choice(name, "1", str(LensForm.base_fields[name].label)) for name in ("audio", "board")]

    @property
    def ratings(self) -> list[Choice]:
        every = Choice("rating", "", _("Any"), not self.lens.values.get("rating"))
        words = [
            ngettext("%(stars)s star or more", "%(stars)s stars or more", stars) % {"stars": stars} for stars in STARS
        ]
        return [every, *(self._choice("rating", str(stars), words[stars - 1]) for stars in STARS)]

    @cached_property
    def people(self) -> Names | None:
        """None before they were counted. Who is chosen is always listed: the form would lose whom it does not list."""
        if self.facets is None:
            return None
        found = self.facets.people
        listed = [(str(person.uuid), person.display_name, count) for person, count in found.rows]
        known = {uuid for uuid, _name, _count in listed}
        for uuid in self.lens.values.get("person", ()):
            if uuid not in known:
                person = self._named_people.get(as_uuid(uuid))
                listed.append((uuid, self._words("person", uuid), self.facets.takes_of(person)))
        choices = [self._named("person", *person) for person in listed]
        return Names("person", choices, self.facets.find.get("person", ""), found.is_cut)

    @cached_property
    def tags(self) -> Names | None:
        if self.facets is None:
            return None
        found = self.facets.tags
        chosen = {tag_key(name): name for name in self.lens.values.get("tag", ())}
        listed = [(chosen.pop(tag.key, tag.name), tag.name, count) for tag, count in found.rows]
        others = [(name, name, self.facets.count) for name in chosen.values()]
        choices = [self._named("tag", *tag) for tag in listed + others]
        return Names("tag", choices, self.facets.find.get("tag", ""), found.is_cut)

    def found(self, name: str) -> Names | None:
        return self.people if name == "person" else self.tags

    @property
    def ranges(self) -> list[Range]:
        price = _("Price in %(currency)s") % {"currency": self.currency} if self.currency else _("Price")
        return [
            self._range("seconds", _("Seconds"), "number", "1"),
            self._range("price", price, "number", "any"),
            self._range("made", _("Made"), "date", ""),
        ]

    def _range(self, name: str, title: str, kind: str, step: str) -> Range:
        return Range(title, self._ends(*ENDS[name], kind, step), self._parts(name))

    def _parts(self, name: str) -> list[Part]:
        """Without those that no take is in."""
        if self.facets is None:
            return []
        low, high = ENDS[name]
        has = (str(self.lens.values.get(low, "")), str(self.lens.values.get(high, "")))
        parts = []
        for span, count in self.facets.spans(name):
            ends = tuple("" if end is None else str(end) for end in (span.low, span.high))
            is_on = ends == has
            ends_there = {low: None, high: None} if is_on else {low: span.low, high: span.high}
            currency = {"currency": self.currency_code} if name == "price" else {}
            query = self.lens.query_with(**ends_there, **currency)
            if is_on or count != "0":
                parts.append(Part(span.label, ends, is_on, count, query))
        return parts

    def _ends(self, low: str, high: str, kind: str, step: str) -> list[End]:
        holders = {low: _("from"), high: _("to")}
        return [
            End(name, self._label(name), str(self.lens.values.get(name, "")), kind, step, holder)
            for name, holder in holders.items()
        ]

    @cached_property
    def chosen(self) -> list[Choice]:
        """What is on beyond the first row, each leading to the view without it."""
        found = []
        for name, value in self.lens.values.items():
            if name in ("show", "sort", "currency"):
                continue
            for one in value if isinstance(value, list) else [value]:
                rest = [other for other in value if other != one] if isinstance(value, list) else None
                label = self._words(name, one)
                found.append(Choice(name, str(one), label, True, query=self.lens.query_with(**{name: rest})))
        return found

    def _words(self, name: str, value: Any) -> str:
        match name:
            case "q" | "tag":
                return str(value)
            case "person":
                person = self._named_people.get(as_uuid(value))
                return person.display_name if person else _("Somebody")
            case "rating":
                return _stars(value)
            case "scope":
                return str(Scope(value).label)
        field = LensForm.base_fields[name]
        choices = dict(getattr(field, "choices", ()))
        if choices:
            return str(choices[value])
        return self._label(name) if value is True else f"{self._label(name)} {value}"

    def _label(self, name: str) -> str:
        label = str(LensForm.base_fields[name].label)
        return f"{label} {self.currency}".strip() if name in ENDS["price"] else label

    @cached_property
    def _named_people(self) -> dict[UUID | None, User]:
        chosen = {as_uuid(value) for value in self.lens.values.get("person", ())}
        self._known |= {person.uuid: person for person, _count in self.facets.people.rows} if self.facets else {}
        unknown = chosen - self._known.keys()
        found = User.objects.filter(uuid__in=unknown) if unknown else ()
        return self._known | {person.uuid: person for person in found}

    def _of_form(self, name: str) -> list[Choice]:
        choices: Any = LensForm.base_fields[name]
        return [self._choice(name, value, label) for value, label in choices.choices]

    def _choice(self, name: str, value: str, label: str) -> Choice:
        count = self.facets.words(self.facets.counts(name)[value]) if self.facets else ""
        query = self.lens.query_with(**{name: value}) if name == "show" else ""
        return Choice(name, value, label, self._is_on(name, value), count, query)

    def _named(self, name: str, value: str, label: str, count: int) -> Choice:
        words = self.facets.words(count) if self.facets else ""
        return Choice(name, value, label, self._is_on(name, value), words)

    def _is_on(self, name: str, value: str) -> bool:
        has = self.lens.values.get(name, "")
        if isinstance(has, list):
            return value in has
        return value == ("1" if has is True else str(has))


def _stars(stars: int) -> str:
    return ngettext("%(stars)s star or more", "%(stars)s stars or more", stars) % {"stars": stars}
