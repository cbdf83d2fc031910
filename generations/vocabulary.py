"""The words the composer offers: generations/vocabulary.toml as Python, checked when it is read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language

if TYPE_CHECKING:
    from collections.abc import Collection

FILE = Path(__file__).with_name("vocabulary.toml")
LANGUAGES = ("en", "zh-hant", "zh-hans")


@dataclass(frozen=True)
class Word:
    """The word, and what it does, in the order of LANGUAGES."""

    en: str
    hant: str
    hans: str
    about_en: str
    about_hant: str
    about_hans: str

    @property
    def here(self) -> str:
        return spoken_here(self.en, self.hant, self.hans)

    @property
    def about(self) -> str:
        return spoken_here(self.about_en, self.about_hant, self.about_hans)

    @property
    def search(self) -> str:
        words = (self.en, self.hant, self.hans, self.about_en, self.about_hant, self.about_hans)
        return " ".join(words).lower()


@dataclass(frozen=True)
class Category:
    name: tuple[str, str, str]
    words: tuple[Word, ...]
    is_one: bool

    @property
    def title(self) -> str:
        return spoken_here(*self.name)


@dataclass(frozen=True)
class Vocabulary:
    categories: tuple[Category, ...]
    sentences: tuple[Word, ...]
    silent: tuple[Word, ...]  # those sentences that leave no room for a spoken line
    spoken: Word

    def chosen(self, keys: Collection[str]) -> list[list[Word]]:
        """The words of these English names, by category; categories without one are left out."""
        found = [[word for word in category.words if word.en in keys] for category in self.categories]
        return [words for words in found if words]


def spoken_here(en: str, hant: str, hans: str) -> str:
    return {"zh-hant": hant, "zh-hans": hans}.get(get_language() or "en", en)


@cache
def load(path: Path = FILE) -> Vocabulary:
    """Raises TypeError or KeyError for an entry with too few or too many parts."""
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    categories = tuple(
        Category(_three(*entry["name"]), tuple(Word(*word) for word in entry["words"]), entry.get("one", False))
        for entry in data["category"]
    )
    sentences = tuple(Word(*entry["words"]) for entry in data["sentence"])
    silent = tuple(Word(*entry["words"]) for entry in data["sentence"] if entry.get("silent"))
    return Vocabulary(categories, sentences, silent, Word(*data["spoken"]["words"]))


def _three(en: str, hant: str, hans: str) -> tuple[str, str, str]:
    return en, hant, hans
