"""The dock: the composer's form with what stands around it. How one is made: `composing`."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from generations import composer_facts, keep_out, phrases, pricing, vocabulary, wording
from generations import promise as promises
from generations import proof as proofs
from generations.drafts import Hold
from generations.forms import MODEL, TAKES, ComposerForm
from generations.lane import Lane
from generations.lifecycle.press import ALONE, Kin
from generations.lifecycle.refused import MadeBefore, OverBudget, PriceChanged, Refused
from generations.models import AudioUpload, Origin, Scene
from generations.shot_forms import too_many_shots
from generations.shots import Shot, compile_prompt
from wanstudio.http import whole_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generations.drafts import Discarded, Shelf
    from generations.models import Draft, Template, WanAccount
    from teams.models import Project


class Composer:
    """`board_open` shows shots in place of the single prompt; takes join `scene`, or make a new one if it is None."""

    limits = MODEL
    takes_most = max(TAKES)

    def __init__(
        self,
        form: ComposerForm,
        shots: Any,
        *,
        project: Project,
        account: WanAccount | None,
        scene: Scene | None = None,
        audio: AudioUpload | None = None,
        board_open: bool = False,
        kin: Kin = ALONE,
    ) -> None:
        self.form = form
        self.shots = shots
        self.project = project
        self.account = account
        self.scene = scene
        self.kept = audio
        self.board_open = board_open
        self.kin = kin
        self.sent_prompt = ""
        self.next_token: uuid.UUID | None = None
        self.warnings: tuple[str, ...] = ()
        self.good_news = ""
        self.notice = ""  # of a press that came to nothing, though nothing is wrong
        self.objection = ""  # of the budgets
        self.earlier_audio: list[AudioUpload] | None = None
        self.hold = Hold.fresh()
        self.draft_said = ""
        self.changed_draft: Draft | None = None
        self.shelf: Shelf | None = None
        self.discarded: Discarded | None = None
        self.is_promise_later = False  # spares a page the queries
        self.words_open = False
        self.keep_out_said = ""
        self.presets_open = False

    # Checking what was sent

    def is_valid(self) -> bool:
        shots_fine = self.shots.is_valid()
        self.form.is_valid()
        self.sent_prompt = self.form.compile(self.shots.shots, wants_prompt=not self._has_shots)
        return bool(self.form.is_valid() and shots_fine)

    def refuse(self, refusal: Refused) -> None:
        """A press was valid and made nothing. What stands at the button already is not said again."""
        if isinstance(refusal, PriceChanged):
            self.notice = refusal.sentence
        elif isinstance(refusal, MadeBefore):
            self.notice, self.next_token = refusal.sentence, uuid.uuid4()
        elif isinstance(refusal, OverBudget):
            self.objection = refusal.sentence
        elif refusal.sentence not in self.blocked:
            self.form.add_error(None, refusal.sentence)

    @property
    def shot_list(self) -> tuple[Shot, ...]:
        shots: tuple[Shot, ...] = self.shots.shots
        return shots

    # Showing it

    @property
    def audio(self) -> AudioUpload | None:
        return self.form.kept_audio or self.kept

    @property
    def errors(self) -> list[tuple[Any, list[str]]]:
        """Bound field (None: the whole form) and sentences, in the form's order."""
        found = [
            (field, [str(error) for error in field.errors]) for field in self.form.visible_fields() if field.errors
        ]
        general = [str(error) for error in [*self.form.non_field_errors(), *self._formset_errors()]]
        lines = [general, *([sentence] for sentence in self._shot_errors())]
        return [*found, *((None, line) for line in lines if line)]

    def _shot_errors(self) -> list[str]:
        """They stand at the shots, which may be out of sight."""
        forms = enumerate(self.shots.forms, start=1) if self.shots.is_bound else ()
        found = [(number, str(error)) for number, form in forms for errors in form.errors.values() for error in errors]
        words = _("Shot %(number)s: %(sentence)s")
        return [words % {"number": number, "sentence": sentence} for number, sentence in found]

    def _formset_errors(self) -> list[str]:
        if not self.shots.is_bound:
            return []
        codes = {error.code for error in self.shots.non_form_errors().as_data()}
        if "too_many_forms" in codes:
            return [too_many_shots()]
        return [str(error) for error in self.shots.non_form_errors()]

    @property
    def press(self) -> str:
        """The token in the page: the one that was sent as long as nothing came of it."""
        if self.next_token:
            return str(self.next_token)
        given = self.form.data.get("press") if self.form.is_bound else self.form.initial["press"]
        return str(given or uuid.uuid4())

    @cached_property
    def compiled(self) -> str:
        """What Wan would receive of the fields as they stand."""
        overall = str(self.form["prompt"].value() or "")
        written = [
            Shot(str(card.form["text"].value()), card.typed_seconds) for card in self.cards if card.form["text"].value()
        ]
        shots = written if self.board_open else []
        if self.is_proof and self._seconds:
            return compile_prompt(*proofs.short(overall, shots, self._seconds))
        return self.sent_prompt or compile_prompt(overall, shots)

    @property
    def prompt_length(self) -> int:
        return len(self.compiled)

    @property
    def negative_length(self) -> int:
        return len(str(self.form["negative_prompt"].value() or ""))

    @cached_property
    def blocked(self) -> list[str]:
        """Why the button is off as the page arrives; the script goes on from here."""
        reasons = []
        if self.account is None:
            reasons.append(_("Rendering is not set up yet. Ask your administrator."))
        if not self.form["prompt"].value() and not self._has_shots:
            reasons.append(_("Write a prompt first."))
        return [*reasons, *filter(None, [self.objection])]

    @property
    def has_locked(self) -> bool:
        """Shots that a retake leaves as they are."""
        return any(form.is_locked for form in self.shots)

    @property
    def _has_shots(self) -> bool:
        return any(str(form["text"].value() or "").strip() for form in self.shots)

    @property
    def price(self) -> str:
        """Of what the fields say now; "" when they say nothing sensible or nothing is charged."""
        if self.account is None or self.account.is_demo:
            return ""
        resolution, *counted = self.asked
        seconds, takes = (whole_number(typed, digits=3) for typed in counted)
        if resolution not in MODEL.resolutions or not seconds or not takes:
            return ""
        return phrases.money(pricing.quote(self.account, MODEL.name, resolution, seconds, takes))

    @cached_property
    def promise(self) -> list[str]:
        """When the takes will be there. Where it is put off, the script asks for it, or somebody without one."""
        if self.blocked or self.is_promise_later:
            return []
        return promises.words(self.account, *self.asked, user=self.form.user, project=self.project)

    @property
    def is_proof(self) -> bool:
        return bool(self.form["proof"].value())

    @property
    def asked(self) -> tuple[str, str, str]:
        """Resolution, seconds and takes of this press as they stand in the fields; a proof has its own size."""
        resolution, duration, takes = (str(self.form[name].value() or "") for name in promises.ASKED)
        if not self.is_proof or not self._seconds:
            return resolution, duration, takes
        shots = [Shot(str(form["text"].value()), 0) for form in self.shots if form["text"].value()]
        _overall, parts = proofs.parts(str(self.form["prompt"].value() or ""), shots, self._seconds)
        return proofs.PROOF_RESOLUTION, str(proofs.length(self._seconds, len(parts))), takes

    @property
    def _seconds(self) -> int:
        """As typed; 0 of what is no length."""
        return whole_number(str(self.form["duration"].value() or ""), digits=3)

    @property
    def summary(self) -> str:
        resolution, duration, _takes = self.asked
        values = {"seconds": duration, "resolution": resolution, "whole": self.form["duration"].value()}
        words = _("Proof, %(seconds)s of %(whole)s s at %(resolution)s")
        return (words if self.is_proof else _("%(seconds)s s at %(resolution)s")) % values

    @cached_property
    def lane(self) -> Lane | None:
        """The sound on the shots' time scale; None without one."""
        if self.audio is None:
            return None
        total = self._seconds if 0 < self._seconds <= MODEL.duration_max else None
        cuts = tuple(card.begin for card in self.cards)[1:] if self.board_open else ()
        return Lane(self.audio, MODEL, total, cuts)

    @cached_property
    def presets(self) -> list[Template]:
        """Of what to keep out; a page is sent without them, they are asked for when their place is in sight."""
        return list(keep_out.presets(self.project, self.form.user))

    @property
    def kin_note(self) -> str:
        if self.kin.parent is None:
            return ""
        take = {"number": self.kin.parent.number, "scene": self.kin.parent.scene.name}
        if self.kin.comment is not None:
            named = take | {"name": self.kin.comment.signature}
            return _("A retake of take %(number)s, %(scene)s, for a comment by %(name)s") % named
        if self.kin.origin == Origin.RETAKE:
            return _("A retake of take %(number)s, %(scene)s") % take
        return _("A remix of take %(number)s, %(scene)s") % take

    @property
    def is_silent_and_spoken(self) -> bool:
        texts = [form["text"].value() for form in self.shots] if self.board_open else []
        return wording.is_silent_and_spoken(
            "\n".join(str(text or "") for text in [self.form["prompt"].value(), *texts])
        )

    @property
    def vocabulary(self) -> vocabulary.Vocabulary:
        return vocabulary.load()

    @property
    def facts(self) -> str:
        return composer_facts.facts()

    @property
    def cards(self) -> Iterator[Card]:
        """The shots with their places on the timeline."""
        begin = 0
        for index, form in enumerate(self.shots):
            card = Card(form, index, begin)
            yield card
            begin += card.seconds

    @property
    def scale(self) -> int:
        """Seconds the timeline shows: what Wan takes, or more when more was typed."""
        return max(MODEL.duration_max, sum(card.seconds for card in self.cards))

    @property
    def used(self) -> int:
        return sum(card.seconds for card in self.cards)


@dataclass(frozen=True)
class Card:
    form: Any
    index: int
    begin: int

    @property
    def typed_seconds(self) -> int:
        """0 of what is no whole number."""
        return whole_number(str(self.form["seconds"].value() or ""), digits=3)

    @property
    def seconds(self) -> int:
        """That it takes on the timeline."""
        return max(1, self.typed_seconds)

    @property
    def number(self) -> int:
        return self.index + 1
