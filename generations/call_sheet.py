"""The call sheet's page: its fields, the rows that they hold, and what sending them would cost and take."""

from __future__ import annotations

import uuid
from collections import Counter
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations import crossing, drafts, phrases, pricing, promise, typed, vocabulary
from generations.drafts import Hold
from generations.fields import TextField
from generations.forms import CONSECUTIVE, DEFAULTS, MODEL, ComposerForm, as_uuid
from generations.models import AudioUpload
from generations.models.batch import NAME_LENGTH
from generations.sheet import COLUMNS, SWITCHES, Sheet
from generations.shots import Shot, compile_prompt
from generations.sound_steps import Sounding
from wanstudio.http import whole_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.core.files.uploadedfile import UploadedFile
    from django.http import QueryDict

    from accounts.models import User
    from generations.lifecycle.press import Recipe
    from generations.models import Draft, WanAccount
    from generations.purse import Purse
    from generations.sheet import Cell, Row
    from teams.models import Project

FILE_MOST = 8 * 1024 * 1024  # bytes, as much as a page may send
ADRIFT = "-"  # no row has this mark
SOUNDS_MOST = 1000  # newest uploads that a row may name


class SheetForm(forms.Form):
    """What stands around the rows: what holds where a cell is empty, and the axes to cross."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=NAME_LENGTH)
    text = TextField(
        label=gettext_lazy("Rows"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 8,
                "spellcheck": "false",
                "placeholder": gettext_lazy("A prompt a line, or CSV whose first line names its columns"),
            }
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )
    resolution = ComposerForm.base_fields["resolution"]
    ratio = ComposerForm.base_fields["ratio"]
    duration = ComposerForm.base_fields["duration"]
    negative_prompt = ComposerForm.base_fields["negative_prompt"]
    prompt_extend = ComposerForm.base_fields["prompt_extend"]
    watermark = ComposerForm.base_fields["watermark"]
    proof = ComposerForm.base_fields["proof"]
    audio = forms.CharField(label=gettext_lazy("Audio"), required=False, widget=forms.CheckboxInput)  # the composer's
    prompt = TextField(label=gettext_lazy("Prompt to vary"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    seeds = forms.CharField(
        label=gettext_lazy("Seeds"),
        required=False,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("1-4, or 7, random; empty: one random")}),
    )
    ratios = forms.MultipleChoiceField(
        label=gettext_lazy("Ratios"),
        required=False,
        choices=[(name, name) for name in MODEL.ratios],
        widget=forms.CheckboxSelectMultiple,
    )
    use_required_attribute = False


KEPT = tuple(name for name in SheetForm.base_fields if name != "file")


class CallSheet:
    """`sent` is what the page sent (None: nothing yet). Whatever is done, nothing typed is lost."""

    limits = MODEL

    def __init__(
        self,
        project: Project,
        account: WanAccount | None,
        sent: QueryDict | None = None,
        *,
        user: User,
        purse: Purse | None = None,
    ) -> None:
        self.project = project
        self.user = user
        self.account = account
        self.purse = purse
        self.values: dict[str, Any] = {
            **DEFAULTS,
            "prompt_extend": True,
            "watermark": False,
            "proof": False,
            **project.defaults,
            "audio": "",
            "text": "",
            "ratios": [],
            "words": [],
        }
        if sent is not None:
            self.values |= {name: sent.get(name, self.values.get(name, "")) for name in SheetForm.base_fields}
            self.values |= {name: name in sent for name in SWITCHES}
            self.values |= {name: sent.getlist(name) for name in ("ratios", "words")}
        self.press = (as_uuid(sent.get("press", "")) if sent is not None else None) or uuid.uuid4()
        self.editing = 0
        self.in_hand: dict[str, str] | None = None
        self.opened = ""  # the mark that the edited row had
        self.is_adrift = False  # what is in hand stands nowhere in the text any more
        self.problems: list[str] = []
        self.notes: list[str] = []  # about where it comes from
        self.notice = ""  # of a press that came to nothing, though nothing is wrong
        self.hold = Hold.fresh()
        self.said = ""
        self.changed: Draft | None = None

    # What the buttons do

    def take_row(self, step: str, sent: QueryDict) -> None:
        """The row that the page was editing: it reads as typed, whatever is done, unless it is to be left."""
        number = whole_number(sent.get("editing", ""), digits=5)
        if number and "row-prompt" in sent and step != "leave":
            place = self.sheet.place(number, sent.get("opened", ""))
            self.is_adrift, self.editing = not place, place or len(self.sheet.rows) + 1
            self.opened = sent.get("opened", "") or (self.sheet.rows[place - 1].mark if place else ADRIFT)
            self.in_hand = _typed(sent)
            self.sheet.hold(self.editing, self.in_hand)

    def do(self, step: str, sent: QueryDict, files: Mapping[str, UploadedFile]) -> None:
        """`step` is a button's value; those about one row end in its number and mark. Unknown ones only check."""
        act, _sep, about = step.partition(":")
        if act == "open":
            self._open(sent, files.get("audio"))
        elif act == "read":
            self._read(files.get("file"))
        elif self.is_adrift and act != "save":
            return
        elif act == "cross":
            self._cross()
        elif act in ("edit", "save", "copy", "remove") and self.sheet.is_editable:
            self._edit(act, self._row(act, about), sent)

    def _row(self, act: str, about: str) -> int:
        """The row that a button is about, wherever it stands by now; 0: nowhere, which is said.

        To be edited, what has taken its place will do: it is shown first.
        """
        number, _sep, mark = about.partition(":")
        if act == "save" and self.in_hand is not None:
            return self.editing
        row = self.sheet.place(whole_number(number, digits=5), mark)
        if act == "edit":
            return row or self.sheet.place(whole_number(number, digits=5), "")
        if mark and not row:
            self.problems.append(_("This row is not in the text any more. Nothing was changed."))
        return row

    def _open(self, sent: QueryDict, file: UploadedFile | None) -> None:
        """Comes from the composer: its shots become text, its takes the axis of seeds, its sound that of all rows.

        One in which nothing is written leaves the kept sheet as it is.
        """
        if self.hold.version and drafts.is_blank(typed.everything(sent)):
            return
        texts = [(str(sent[name]), sent.get(name.replace("-text", "-seconds"), "")) for name in sent if _is_shot(name)]
        shots = [Shot(text, whole_number(seconds, digits=3)) for text, seconds in texts if text.strip()]
        self.values["prompt"] = compile_prompt(str(self.values["prompt"]), shots)
        takes = whole_number(sent.get("takes", ""), digits=2)
        is_counting = sent.get("seeds") == CONSECUTIVE
        self.values["seeds"] = crossing.seeds_of(sent.get("seed", ""), takes=takes, is_counting=is_counting)
        sounding = Sounding(sent, self.project, self.user)
        sounding.take(file)
        self.values["audio"] = str(sounding.audio.uuid) if sounding.audio else ""
        self.notes += sounding.warnings

    def _cross(self) -> None:
        try:
            rows = crossing.cross(
                str(self.values["prompt"]),
                seeds=crossing.seeds(str(self.values["seeds"])),
                ratios=[name for name in self.values["ratios"] if name in MODEL.ratios],
                words=vocabulary.load().chosen(self.values["words"]),
            )
        except crossing.Impossible as impossible:
            self.problems.append(impossible.sentence)
            return
        if self.sheet.rows and not self.sheet.is_editable:
            self.problems.append(_("Mend the sheet first, then more rows are added to it."))
            return
        self._write(self.sheet.with_more(rows))

    def _read(self, file: UploadedFile | None) -> None:
        """The file takes the place of the text."""
        if file is None or not file.size:
            self.problems.append(_("Choose a CSV file that is not empty."))
        elif file.size > FILE_MOST:
            words = _("This file has %(size)s MB. A call sheet has up to %(most)s MB.")
            self.problems.append(words % {"size": file.size // 2**20, "most": FILE_MOST // 2**20})
        else:
            self._decode(file.read())

    def _decode(self, data: bytes) -> None:
        try:
            self._write(data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"))
        except UnicodeDecodeError:
            self.problems.append(_("This file is no text in UTF-8. Save it as “CSV UTF-8” and choose it again."))

    def _edit(self, act: str, row: int, sent: QueryDict) -> None:
        if not row:
            return
        if act == "edit":
            self._write(self._text)
            self.editing, self.opened = row, self.sheet.rows[row - 1].mark
        elif act == "save":
            self._write(self.sheet.with_row(row, _typed(sent)))
        elif act == "remove":
            self._write(self.sheet.without_row(row))
        elif act == "copy":
            self._write(self.sheet.with_copy(row))

    def _write(self, text: str) -> None:
        self.values["text"] = text
        self.editing, self.in_hand, self.is_adrift = 0, None, False
        self.__dict__.pop("sheet", None)

    # What stands on the page

    @cached_property
    def form(self) -> SheetForm:
        return SheetForm(initial=self.values, auto_id="%s")

    @cached_property
    def sheet(self) -> Sheet:
        defaults = self.values | {"audio": self.sound}
        return Sheet(str(self.values["text"]), defaults, lambda typed: self._sounds.get(typed.lower()))

    @property
    def _text(self) -> str:
        """With the row in hand; an empty one is left as it was, so that the others keep their numbers."""
        if not self.in_hand or not any(self.in_hand.values()) or not self.sheet.is_editable:
            return str(self.values["text"])
        return self.sheet.with_row(self.editing, self.in_hand)

    @cached_property
    def sound(self) -> AudioUpload | None:
        """Of the rows that name none."""
        return (
            AudioUpload.objects.known(self.values["audio"], self.project, self.user) if self.values["audio"] else None
        )

    @cached_property
    def _sounds(self) -> dict[str, AudioUpload]:
        """The project's uploads by name and by id; of one name the newest whole one, a part if Wan takes none."""
        found: dict[str, AudioUpload] = {}
        newest = AudioUpload.objects.filter(project=self.project).order_by("-pk")[:SOUNDS_MOST]
        for audio in sorted(newest, key=lambda each: (bool(each.trouble(MODEL)), each.original_id is not None)):
            found.setdefault(audio.name.lower(), audio)
            found[str(audio.uuid)] = audio
        return found

    @property
    def sound_names(self) -> list[str]:
        """To choose from, while a row is edited."""
        return list(dict.fromkeys(audio.name for audio in self._sounds.values())) if self.editing else []

    @property
    def data(self) -> dict[str, Any]:
        """What a draft keeps: everything that is typed or chosen."""
        return {name: self.values[name] for name in (*KEPT, "words")} | {"text": self._text}

    def restore(self, data: dict[str, Any], *, only: Iterable[str] = ()) -> None:
        """What a draft kept; `only` some of it."""
        self.values |= {name: value for name, value in data.items() if name in (only or (*KEPT, "words"))}
        if self.values["audio"] and self.sound is None:
            self.notes.append(_("The audio of this sheet is not here any more. Its rows have none now."))
            self.values["audio"] = ""

    @property
    def vocabulary(self) -> vocabulary.Vocabulary:
        return vocabulary.load()

    @property
    def words(self) -> list[str]:
        """Keys of the chosen words."""
        chosen: list[str] = self.values["words"]
        return chosen

    @property
    def complaints(self) -> list[str]:
        """Everything that is wrong with the whole."""
        missing = [] if self.account else [_("Rendering is not set up yet. Ask your administrator.")]
        return [*missing, *self.problems, *self.sheet.errors, *filter(None, [self._adrift, self.objection])]

    @property
    def _adrift(self) -> str:
        """Nothing of a text that can't be read: the row may well be in it."""
        if not self.is_adrift or self.sheet.errors:
            return ""
        return _(
            "The row that you edit is not in the text any more. Keep what you typed as a row of its own, or leave it."
        )

    @property
    def lines(self) -> list[tuple[Row, str]]:
        """The rows that are shown, with the price of each."""
        return [(row, price_of(self.account, row.recipe)) for row in self.sheet.shown]

    @property
    def cells(self) -> list[Cell]:
        """The fields of the row that is edited."""
        return self.sheet.cells(self.editing)

    @property
    def hidden(self) -> int:
        """Wrong rows that are not shown."""
        shown = {row.number for row in self.sheet.shown}
        return sum(row.number not in shown for row in self.sheet.wrong)

    @property
    def can_send(self) -> bool:
        return self.account is not None and self.sheet.is_fine and not self.is_adrift and not self.objection

    @property
    def objection(self) -> str:
        """Of the budgets, to all rows together."""
        return self.purse.objection(self.total) if self.purse and self.is_priced else ""

    @property
    def to_send(self) -> list[tuple[str, Recipe]]:
        return [(row.scene, row.recipe) for row in self.sheet.rows if row.recipe]

    @property
    def is_priced(self) -> bool:
        return self.account is not None and not self.account.is_demo

    @cached_property
    def price(self) -> str:
        """Of all rows that are fine; "" when nothing is charged."""
        return phrases.money(phrases.Price(self.total, self.account.currency)) if self.account and self.total else ""

    @cached_property
    def total(self) -> Decimal:
        if self.account is None or not self.is_priced:
            return Decimal(0)
        quotes = (
            pricing.quote(self.account, each.model, each.resolution, each.duration) for each in self.sheet.recipes
        )
        return sum((quote.amount for quote in quotes), Decimal(0))

    @cached_property
    def finish(self) -> list[str]:
        """When all of them would be there, and what is reserved already."""
        recipes = self.sheet.recipes
        if self.account is None or not recipes:
            return []
        sizes = Counter((recipe.resolution, recipe.duration) for recipe in recipes)
        words = promise.words_for(self.account, sizes, user=self.user, project=self.project)
        return [*words, *(self.purse.notes if self.purse else [])]


def _typed(sent: QueryDict) -> dict[str, str]:
    """The cells of the row that is edited."""
    return {name: sent.get(f"row-{name}", "").strip() for name in COLUMNS}


def _is_shot(name: str) -> bool:
    return name.startswith("shots-") and name.endswith("-text")


def price_of(account: WanAccount | None, recipe: Recipe | None) -> str:
    """Of one row; "" in the demo and for a row that is wrong."""
    if account is None or account.is_demo or recipe is None:
        return ""
    return phrases.money(pricing.quote(account, recipe.model, recipe.resolution, recipe.duration))
