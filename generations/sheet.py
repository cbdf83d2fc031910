"""A call sheet: one row a take, pasted as lines or as CSV, each checked by the composer's own fields.

The text is the truth: rows are read from it, and editing one writes it anew.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from generations import proof
from generations.forms import MODEL, ComposerForm, too_long
from generations.lifecycle.press import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from generations.models import AudioUpload

MOST = 200  # a batch is made in one transaction and shown on one page
SHOWN = 100  # rows with errors, of a sheet that is too long to be shown whole
SETTINGS = ("negative_prompt", "resolution", "ratio", "duration")
SWITCHES = ("prompt_extend", "watermark", "proof")
COLUMNS = ("prompt", *SETTINGS, "seed", *SWITCHES, "audio", "scene")
LIMITS = {"prompt": MODEL.prompt_limit, "negative_prompt": MODEL.negative_prompt_limit}
YES, NO = ("yes", "true", "1", "on", "y", "是"), ("no", "false", "0", "off", "n", "否")
CHOICES = {"resolution": MODEL.resolutions, "ratio": MODEL.ratios} | dict.fromkeys(SWITCHES, (YES[0], NO[0]))
DELIMITERS = (",", ";", "\t")
SEP_LINE = re.compile(r'"?sep=(.)"?[,;\t]*', re.IGNORECASE)  # by which Excel tells itself the delimiter
csv.field_size_limit(16 * 1024 * 1024)  # more than a page may send: a cell that is too long is told at its row
EXAMPLE = (
    {"prompt": "A paper boat in the rain, macro", "ratio": "16:9", "duration": "5", "scene": "Rain"},
    {"prompt": 'The child says: "Come back!"', "ratio": "9:16", "duration": "4", "seed": "7", "scene": "Rain"},
)


def label_of(column: str) -> str:
    """What the page calls a column; "" for an error of the whole row."""
    others = {"": "", "scene": _("Scene")}
    return others[column] if column in others else str(ComposerForm.base_fields[column].label)


class Broken(Exception):
    """The text cannot be read on; `sentence` says where and why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Cell:
    """A field of the row that is edited: `choices` is empty where anything may be typed, `default` is what an empty
    one means.
    """

    name: str
    label: str
    typed: str
    choices: tuple[str, ...]
    default: str
    is_wrong: bool


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
    def mark(self) -> str:
        """Of what stands in its cells: by it a row is found again though others have come or gone before it."""
        cells = sorted((name, cell) for name, cell in self.typed.items() if cell)
        return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:16]

    @property
    def complaints(self) -> list[tuple[str, str, str]]:
        """Column and label of a wrong cell, and its sentence."""
        return [(name, label_of(name), sentence) for name, sentence in self.errors]


class Sheet:
    """`defaults` hold for cells that are left empty, an upload for those of "audio"; `errors` are sentences about the
    whole.

    `sound` finds an earlier upload by what the audio cell says, its name or its id.
    """

    def __init__(
        self, text: str, defaults: Mapping[str, Any], sound: Callable[[str], AudioUpload | None] = lambda _typed: None
    ) -> None:
        self.text = text
        self.defaults = defaults
        self.sound = sound
        self.rows: list[Row] = []
        self.held = 0
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
        """All rows of a sheet that could be sent; of a longer one the first wrong ones, and the one in hand."""
        if len(self.rows) <= MOST:
            return self.rows
        numbers = {self.held, *(row.number for row in self.wrong[:SHOWN])}
        return [row for row in self.rows if row.number in numbers]

    @property
    def recipes(self) -> list[Recipe]:
        return [row.recipe for row in self.rows if row.recipe]

    def _checked(self, number: int, typed: Mapping[str, str]) -> Row:
        row = Row(number, typed)
        if "" in typed:
            row.errors.append(("", typed[""]))
            return row
        values = {name: self._clean(row, name) for name in (*LIMITS, "resolution", "ratio", "duration", "seed")}
        values |= {name: self._switched(row, name) for name in SWITCHES}
        is_proof = values.pop("proof")
        values["audio"] = self._audio(row)
        if not values["prompt"]:
            row.errors.append(("prompt", _("Write a prompt first.")))
        if not row.errors:
            recipe = Recipe(**values, sent_prompt=values["prompt"])
            row.recipe = proof.of(recipe) if is_proof else recipe
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

    def _switched(self, row: Row, name: str) -> bool:
        typed = row.typed.get(name, "").lower()
        if typed and typed not in (*YES, *NO):
            row.errors.append((name, _("Write yes or no.")))
        return typed in YES if typed else bool(self.defaults.get(name))

    def _audio(self, row: Row) -> AudioUpload | None:
        typed = row.typed.get("audio", "")
        audio: AudioUpload | None = self.sound(typed) if typed else self.defaults.get("audio")
        if typed and audio is None:
            words = _("This project has no audio of this name or id. Upload it in the composer first.")
            row.errors.append(("audio", words))
        trouble = audio.trouble(MODEL) if audio else ""
        if trouble:
            row.errors.append(("audio", trouble))
        return audio

    def place(self, number: int, mark: str) -> int:
        """Where the row stands now that had this number and this mark ("": not told, the number counts); 0: nowhere."""
        if not mark:
            return number if number <= len(self.rows) else 0
        found = [row.number for row in self.rows if row.mark == mark]
        return min(found, key=lambda each: abs(each - number), default=0)

    def hold(self, number: int, typed: Mapping[str, str]) -> None:
        """The row reads as it is typed, though the text does not say so yet; behind the last one is place for one."""
        self.rows[number - 1 : number] = [self._checked(number, typed)]
        self.held = number

    def cells(self, number: int) -> list[Cell]:
        """Of one row. What is typed can always be chosen, so that nothing of it is lost."""
        typed, wrong = self.rows[number - 1].typed, dict(self.rows[number - 1].errors)
        defaults = {name: str(self.defaults.get(name, "")) for name in SETTINGS}
        defaults |= {name: YES[0] if self.defaults.get(name) else NO[0] for name in SWITCHES}
        defaults |= {"seed": _("random"), "audio": str(self.defaults.get("audio") or "")}
        choices = {name: _with(CHOICES[name], typed.get(name, "")) for name in CHOICES}
        return [
            Cell(
                name,
                label_of(name),
                typed=typed.get(name, ""),
                choices=choices.get(name, ()),
                default=defaults.get(name, ""),
                is_wrong=name in wrong,
            )
            for name in COLUMNS
        ]

    # Editing: each answers the whole text anew

    def with_row(self, number: int, typed: Mapping[str, str]) -> str:
        return write([typed if row.number == number else row.typed for row in self.rows])

    def without_row(self, number: int) -> str:
        return write([row.typed for row in self.rows if row.number != number])

    def with_copy(self, number: int) -> str:
        return write([row.typed for row in self.rows for _n in range(2 if row.number == number else 1)])

    def with_more(self, rows: Sequence[Mapping[str, str]]) -> str:
        return write([*(row.typed for row in self.rows), *rows])


def _with(choices: tuple[str, ...], typed: str) -> tuple[str, ...]:
    return choices if not typed or typed in choices else (*choices, typed)


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


def first_prompt(text: str) -> str:
    """By which a sheet is known; "" when none can be read."""
    try:
        return next((cells["prompt"] for cells in _records(text) if cells.get("prompt")), "")
    except Broken:
        return ""


def _records(text: str) -> Iterator[dict[str, str]]:
    """Cells by column, of each row that is not blank; a row with too many cells has its sentence under "".

    A text whose first line names the column "prompt" is CSV (comma, semicolon or tab), another one is a prompt a line.
    """
    whole = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = whole.lstrip("\n ")
    first, _end, rest = text.partition("\n")
    told = SEP_LINE.fullmatch(first.strip())
    if told:
        text = rest
        first = text.partition("\n")[0]
    lines_before = whole.count("\n") - text.count("\n")
    for delimiter in (told[1],) if told else DELIMITERS:
        names = [name.strip().strip('"').lower() for name in first.split(delimiter)]
        if "prompt" in names:
            yield from _cells(text, delimiter, lines_before=lines_before)
            return
    yield from ({"prompt": line.strip()} for line in text.split("\n") if line.strip())


def _cells(text: str, delimiter: str, *, lines_before: int) -> Iterator[dict[str, str]]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    line = 1  # where the row begins: one whose quotation mark is missing is read to the end of the text
    try:
        names = _columns(next(reader))
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _record(names, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        words = _("The row in line %(line)s can't be read: a quotation mark is missing or stands in the wrong place.")
        raise Broken(words % {"line": lines_before + line}) from error


def _columns(cells: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in _without_blank_end(cells, least=1)]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or len(set(names)) < len(names):
        words = _(
            "The first line names a column that a call sheet does not have, or one twice: %(name)s. It has: %(all)s."
        )
        twice = [name for name in names if names.count(name) > 1]
        raise Broken(words % {"name": ", ".join((unknown or twice)[:5])[:200] or "–", "all": ", ".join(COLUMNS)})
    return names


def _without_blank_end(cells: list[str], *, least: int) -> list[str]:
    """Spreadsheets write a delimiter for columns that were only looked at."""
    count = next((count for count in range(len(cells), least, -1) if cells[count - 1].strip()), least)
    return cells[:count]


def _record(names: list[str], cells: list[str]) -> dict[str, str]:
    cells = _without_blank_end(cells, least=len(names))
    record = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    if len(cells) > len(names):
        words = _("%(cells)s cells under %(count)s column names. Put text with commas in quotation marks.")
        record[""] = words % {"cells": len(cells), "count": len(names)}
    return record
