"""A call sheet: one row a take, pasted as lines or as CSV, each checked by the composer's own fields.

The text is the truth: rows are read from it, and editing one writes it anew.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from generations.forms import MODEL, ComposerForm, too_long
from generations.lifecycle.press import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from generations.models import AudioUpload

MOST = 200  # a batch is made in one transaction and shown on one page
SHOWN = 100  # rows with errors, of a sheet that is too long to be shown whole
COLUMNS = ("prompt", "negative_prompt", "resolution", "ratio", "duration", "seed", "prompt_extend", "audio", "scene")
SETTINGS = ("negative_prompt", "resolution", "ratio", "duration")
LIMITS = {"prompt": MODEL.prompt_limit, "negative_prompt": MODEL.negative_prompt_limit}
YES, NO = ("yes", "true", "1", "on", "y", "是"), ("no", "false", "0", "off", "n", "否")
DELIMITERS = (",", ";", "\t")
EXAMPLE = (
    {"prompt": "A paper boat in the rain, macro", "ratio": "16:9", "duration": "5", "scene": "Rain"},
    {"prompt": 'The child says: "Come back!"', "ratio": "9:16", "duration": "4", "seed": "7", "scene": "Rain"},
)


class Broken(Exception):
    """The text cannot be read on; `sentence` says where and why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass
class Row:
    """`number` counts from 1; `typed` is what stands in the sheet, `recipe` what it means (None: it is wrong)."""

    number: int
    typed: Mapping[str, str]
    errors: list[tuple[str, str]] = field(default_factory=list)
    recipe: Recipe | None = None

    @property
    def scene(self) -> str:
        return self.typed.get("scene", "")

    @property
    def cells(self) -> list[tuple[str, str]]:
        """Column and what is typed, for the fields of an edited row."""
        return [(name, self.typed.get(name, "")) for name in COLUMNS]


class Sheet:
    """`defaults` hold for cells that are left empty; `errors` are sentences about the whole.

    `sound` finds an earlier upload by what the audio cell says, its name or its id.
    """

    def __init__(
        self, text: str, defaults: Mapping[str, Any], sound: Callable[[str], AudioUpload | None] = lambda _typed: None
    ) -> None:
        self.text = text
        self.defaults = defaults
        self.sound = sound
        self.rows: list[Row] = []
        self.errors: list[str] = []
        self._parse()

    def _parse(self) -> None:
        try:
            for cells in _records(self.text):
                self.rows.append(self._checked(len(self.rows) + 1, cells))
        except Broken as broken:
            self.errors.append(broken.sentence)
        if len(self.rows) > MOST:
            words = _("This sheet has %(count)s rows. Up to %(most)s are sent at once: send it in parts.")
            count = number_format(len(self.rows), use_l10n=True, force_grouping=True)
            self.errors.append(words % {"count": count, "most": MOST})

    @property
    def is_editable(self) -> bool:
        """Rows may be written back: all of them were read, to the last cell."""
        return bool(self.rows) and not self.errors and not any("" in row.typed for row in self.rows)

    @property
    def is_fine(self) -> bool:
        return self.is_editable and not self.wrong

    @cached_property
    def wrong(self) -> list[Row]:
        return [row for row in self.rows if row.errors]

    @property
    def shown(self) -> list[Row]:
        """All rows of a sheet that could be sent, the first wrong ones of a longer one."""
        return self.rows if len(self.rows) <= MOST else self.wrong[:SHOWN]

    @property
    def recipes(self) -> list[Recipe]:
        return [row.recipe for row in self.rows if row.recipe]

    def _checked(self, number: int, typed: Mapping[str, str]) -> Row:
        row = Row(number, typed)
        if "" in typed:
            row.errors.append(("", typed[""]))
            return row
        values = {name: self._clean(row, name) for name in (*LIMITS, "resolution", "ratio", "duration", "seed")}
        values["prompt_extend"] = self._extends(row)
        values["audio"] = self._audio(row)
        if not values["prompt"]:
            row.errors.append(("prompt", _("Write a prompt first.")))
        if not row.errors:
            row.recipe = Recipe(**values, sent_prompt=values["prompt"])
        return row

    def _clean(self, row: Row, name: str) -> Any:
        """The cell's value, or the default; an error goes to the row."""
        typed = row.typed.get(name, "") or (self.defaults.get(name, "") if name in SETTINGS else "")
        try:
            value = ComposerForm.base_fields[name].clean(typed)
        except ValidationError as error:
            row.errors.append((name, " ".join(error.messages)))
            return None
        excess = len(value) - LIMITS[name] if name in LIMITS else 0
        if excess > 0:
            row.errors.append((name, too_long(excess)))
        return value

    def _extends(self, row: Row) -> bool:
        typed = row.typed.get("prompt_extend", "").lower()
        if typed and typed not in (*YES, *NO):
            row.errors.append(("prompt_extend", _("Rewriting is yes or no.")))
        return typed in YES if typed else bool(self.defaults.get("prompt_extend"))

    def _audio(self, row: Row) -> AudioUpload | None:
        typed = row.typed.get("audio", "")
        audio = self.sound(typed) if typed else None
        if typed and audio is None:
            words = _("This project has no audio of this name or id. Upload it in the composer first.")
            row.errors.append(("audio", words))
        trouble = audio.trouble(MODEL) if audio else ""
        if trouble:
            row.errors.append(("audio", trouble))
        return audio

    def hold(self, number: int, typed: Mapping[str, str]) -> None:
        """The row reads as it is typed, though the text does not say so yet."""
        if self.is_editable and number <= len(self.rows):
            self.rows[number - 1] = self._checked(number, typed)

    # Editing: each answers the whole text anew

    def with_row(self, number: int, typed: Mapping[str, str]) -> str:
        return write([typed if row.number == number else row.typed for row in self.rows])

    def without_row(self, number: int) -> str:
        return write([row.typed for row in self.rows if row.number != number])

    def with_copy(self, number: int) -> str:
        return write([row.typed for row in self.rows for _n in range(2 if row.number == number else 1)])

    def with_more(self, rows: Sequence[Mapping[str, str]]) -> str:
        return write([*(row.typed for row in self.rows), *rows])


def write(rows: Sequence[Mapping[str, str]]) -> str:
    """CSV of the columns that are used; nothing when there is no row."""
    used = [name for name in COLUMNS if name == "prompt" or any(row.get(name) for row in rows)]
    if not rows:
        return ""
    written = io.StringIO()
    writer = csv.DictWriter(written, used, extrasaction="ignore", restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def _records(text: str) -> Iterator[dict[str, str]]:
    """Cells by column, of each row that is not blank; a row with too many cells has its sentence under "".

    A text whose first line names the column "prompt" is CSV (comma, semicolon or tab), another one is a prompt a line.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").lstrip("\n ")
    first, _rest, _more = text.partition("\n")
    for delimiter in DELIMITERS:
        names = [name.strip().strip('"').lower() for name in first.split(delimiter)]
        if "prompt" in names:
            yield from _cells(text, delimiter)
            return
    yield from ({"prompt": line.strip()} for line in text.split("\n") if line.strip())


def _cells(text: str, delimiter: str) -> Iterator[dict[str, str]]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        names = _columns(next(reader))
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _record(names, cells)
    except csv.Error as error:
        words = _("Line %(line)s cannot be read: a quotation mark is missing or stands in the wrong place. (%(error)s)")
        raise Broken(words % {"line": reader.line_num, "error": error}) from error


def _columns(cells: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or len(set(names)) < len(names):
        words = _(
            "The first line names a column that a call sheet does not have, or one twice: %(name)s. It has: %(all)s."
        )
        twice = [name for name in names if names.count(name) > 1]
        raise Broken(words % {"name": ", ".join((unknown or twice)[:5])[:200] or "–", "all": ", ".join(COLUMNS)})
    return names


def _record(names: list[str], cells: list[str]) -> dict[str, str]:
    record = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    if len(cells) > len(names):
        words = _("%(cells)s cells under %(count)s column names. Put text with commas in quotation marks.")
        record[""] = words % {"cells": len(cells), "count": len(names)}
    return record
