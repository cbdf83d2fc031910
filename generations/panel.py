"""The choices beside the grid, as a template shows them: each with its words, whether it is on, and its count."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from generations.lens_form import SHOWS, LensForm, Scope, Sort

if TYPE_CHECKING:
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


class Range(NamedTuple):
    title: str
    fields: list[End]


class Panel:
    """Without `facets` it costs no query, and knows neither counts nor the people and tags to choose from."""

    def __init__(self, lens: Lens, facets: Facets | None = None) -> None:
        self.lens = lens
        self.facets = facets

    @property
    def total(self) -> str:
        return self.facets.total if self.facets else ""

    @property
    def shows(self) -> list[Choice]:
        return [self._choice("show", name, str(show.label)) for name, show in SHOWS.items()]

    @property
    def scopes(self) -> list[Choice]:
        return [Choice("scope", value, str(label), self.lens.scope == value) for value, label in Scope.choices]

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
    def flags(self) -> list[Choice]:
        return [self._choice(name, "1", str(LensForm.base_fields[name].label)) for name in ("audio", "board")]

    @property
    def ratings(self) -> list[Choice]:
        every = Choice("rating", "", _("Any"), not self.lens.values.get("rating"))
        words = [
            ngettext("%(stars)s star or more", "%(stars)s stars or more", stars) % {"stars": stars} for stars in STARS
        ]
        return [every, *(self._choice("rating", str(stars), words[stars - 1]) for stars in STARS)]

    @property
    def people(self) -> list[Choice]:
        if self.facets is None:
            return []
        return [
            Choice(
                "person",
                str(person.uuid),
                person.display_name,
                self._is_on("person", str(person.uuid)),
                self.facets.words(count),
            )
            for person, count in self.facets.people
        ]

    @property
    def tags(self) -> list[Choice]:
        if self.facets is None:
            return []
        return [self._named("tag", tag.name, tag.name, count) for tag, count in self.facets.tags]

    @property
    def ranges(self) -> list[Range]:
        return [
            Range(_("Seconds"), self._ends("min_seconds", "max_seconds", "number", "1")),
            Range(_("Price"), self._ends("min_price", "max_price", "number", "0.01")),
            Range(_("Made"), self._ends("since", "until", "date", "")),
        ]

    def _ends(self, low: str, high: str, kind: str, step: str) -> list[End]:
        holders = {low: _("from"), high: _("to")}
        return [
            End(name, str(LensForm.base_fields[name].label), str(self.lens.values.get(name, "")), kind, step, holder)
            for name, holder in holders.items()
        ]

    @cached_property
    def chosen(self) -> list[Choice]:
        """What is on beyond the first row, each leading to the view without it."""
        found = []
        for name, value in self.lens.values.items():
            if name in ("show", "sort"):
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
                person = User.objects.filter(uuid=value).first()
                return person.display_name if person else _("Somebody")
            case "rating":
                return _stars(value)
            case "scope":
                return str(Scope(value).label)
        field = LensForm.base_fields[name]
        choices = dict(getattr(field, "choices", ()))
        if choices:
            return str(choices[value])
        return str(field.label) if value is True else f"{field.label} {value}"

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
