"""Recipes with blanks: `{hero}` in a prompt, a shot or what to keep out is asked for when the recipe is used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.forms import MODEL, too_long
from generations.shot_forms import SHOTS_MOST, ShotFormSet
from generations.typed import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BLANK = re.compile(r"\{[ \t]*([^{}\s][^{}\n]{0,39}?)[ \t]*\}")
TEXTS = {"prompt": MODEL.prompt_limit, "negative_prompt": MODEL.negative_prompt_limit}
SETTINGS = ("resolution", "ratio", "duration", "takes", "seed", "seeds")
SWITCHES = ("prompt_extend", "watermark", "proof")
VALUE_LIMIT = 500


def read(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe from what a composer sent, or from anything of that shape; `problem` checks it."""
    recipe: dict[str, Any] = {name: _text(fields.get(name)) for name in TEXTS}
    recipe |= {name: _text(fields.get(name))[:20] for name in SETTINGS if fields.get(name)}
    recipe |= {name: bool(fields.get(name)) for name in SWITCHES}
    numbers = range(ShotFormSet.absolute_max)
    shots = [(fields.get(f"shots-{n}-text"), fields.get(f"shots-{n}-seconds")) for n in numbers]
    written = [(_text(text), _text(seconds)[:20]) for text, seconds in shots if text]
    recipe["shots"] = [{"text": text, "seconds": seconds} for text, seconds in written if text.strip()]
    return recipe


def problem(recipe: Mapping[str, Any]) -> str:
    """Why no composer could hold it; "" when one can."""
    if len(recipe["shots"]) > SHOTS_MOST:
        return _("Up to %(most)s shots fit in one clip.") % {"most": SHOTS_MOST}
    lengths = [(len(recipe[name]), limit) for name, limit in TEXTS.items()]
    lengths += [(len(shot["text"]), MODEL.prompt_limit) for shot in recipe["shots"]]
    return next((too_long(length - limit) for length, limit in lengths if length > limit), "")


@dataclass(frozen=True)
class Blank:
    """A name in braces, with what was given for it; None: it was not asked for yet."""

    name: str
    value: str | None = None

    @property
    def problem(self) -> str:
        """Why it cannot be filled with that; "" when it can, or nothing was asked."""
        if self.value is None:
            return ""
        if not self.value.strip():
            return _("Fill this in.")
        excess = len(self.value.strip()) - VALUE_LIMIT
        if excess <= 0:
            return ""
        words = ngettext(
            "%(count)s character too many, a blank takes up to %(most)s.",
            "%(count)s characters too many, a blank takes up to %(most)s.",
            excess,
        )
        count = number_format(excess, use_l10n=True, force_grouping=True)
        return words % {"count": count, "most": VALUE_LIMIT}


def names(recipe: Mapping[str, Any]) -> list[str]:
    """Of the blanks, each once, in the order of their first appearance."""
    found: dict[str, None] = {}
    _each_text(recipe, lambda text: found.update(dict.fromkeys(BLANK.findall(text))) or text)
    return list(found)


def left_words(recipe: Mapping[str, Any]) -> str:
    """What is still to be filled in, as an address of a template opens it; "" when nothing is."""
    left = names(recipe)
    words = ngettext(
        "A blank is still empty: %(names)s. Write what belongs there before you generate.",
        "Blanks are still empty: %(names)s. Write what belongs there before you generate.",
        len(left),
    )
    return words % {"names": ", ".join(f"{{{name}}}" for name in left)} if left else ""


def fill(recipe: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """With what was given; a blank for which nothing was given stays as it is."""

    def value(match: re.Match[str]) -> str:
        return values.get(match[1], "").strip() or match[0]

    return _each_text(recipe, lambda text: BLANK.sub(value, text))


def _each_text(recipe: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    changed = {**recipe, "prompt": change(str(recipe.get("prompt", "")))}
    changed["shots"] = [{**shot, "text": change(str(shot.get("text", "")))} for shot in recipe.get("shots") or []]
    return {**changed, "negative_prompt": change(str(recipe.get("negative_prompt", "")))}


def _text(value: Any) -> str:
    return plain(str(value or "")).replace("\r\n", "\n")
