"""The dock: the composer's form with what stands around it; made empty, from a take, or from what was sent."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from generations import composer_facts, phrases, pricing, recall, vocabulary
from generations import promise as promises
from generations import proof as proofs
from generations.arranging import Arrangement
from generations.drafts import Hold
from generations.forms import CONSECUTIVE, DEFAULTS, FRESH, MODEL, TAKES, ComposerForm, ShotFormSet, as_uuid, complete
from generations.lane import Lane
from generations.lifecycle.press import ALONE, Kin
from generations.models import AudioUpload, Origin, Scene
from generations.shots import Shot
from generations.sound_steps import Sounding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, QueryDict

    from accounts.models import User
    from generations.models import Draft, Generation, WanAccount
    from generations.samples import Sample
    from teams.models import Project

CHECKBOXES = ("prompt_extend", "watermark", "proof")
SIZE = ("resolution", "duration", "takes")
KEPT = ("prompt", "negative_prompt", "resolution", "ratio", "duration", "seed", "seeds", "takes")


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
        self.earlier_audio: list[AudioUpload] | None = None
        self.hold = Hold.fresh()
        self.draft_said = ""
        self.changed_draft: Draft | None = None
        self.shelf: list[Draft] | None = None
        self.discarded: uuid.UUID | None = None
        self.words_open = False

    # Making one

    @classmethod
    def empty(cls, project: Project, user: User, account: WanAccount | None, **values: Any) -> Composer:
        """`values` are initial values of fields, and scene, audio, kin and shots (None: no board)."""
        scene, audio, shots = values.pop("scene", None), values.pop("audio", None), values.pop("shots", None)
        kin = values.pop("kin", ALONE)
        initial = {**DEFAULTS, "prompt_extend": True, "watermark": False, "press": uuid.uuid4()}
        initial |= {**project.defaults, **values}
        if "seeds" not in values:
            initial["seeds"] = FRESH if initial.get("seed") is None else CONSECUTIVE
        if audio:
            initial["audio_id"] = audio.uuid
        form = ComposerForm(initial=initial, project=project, user=user)
        formset = ShotFormSet(initial=shots or [], prefix="shots")
        context = {"project": project, "account": account, "scene": scene, "audio": audio, "kin": kin}
        return cls(form, formset, board_open=shots is not None, **context)

    @classmethod
    def from_take(
        cls,
        take: Generation,
        project: Project,
        user: User,
        account: WanAccount | None,
        *,
        use: str = "remix",
        shot: int = 0,
        comment: str = "",
    ) -> Composer:
        """Of another project's take everything but its scene."""
        values = recall.values(take, use, shot=shot, comment=comment)
        if take.project_id != project.pk:
            values["scene"] = None
        return cls.empty(project, user, account, **values)

    @classmethod
    def from_sample(cls, sample: Sample, project: Project, user: User, account: WanAccount | None) -> Composer:
        shots = [{"text": shot.text, "seconds": shot.seconds} for shot in sample.shot_list] or None
        values = {"prompt": str(sample.prompt), "duration": sample.duration, "resolution": sample.resolution}
        return cls.empty(project, user, account, shots=shots, **values)

    @classmethod
    def from_draft(cls, draft: Draft, project: Project, user: User, account: WanAccount | None) -> Composer:
        """A draft of another project (it is gone, or closed to the person) is filled in as a new one."""
        data = dict(draft.data)
        values: dict[str, Any] = {name: data.get(name, "") for name in KEPT} | {
            name: bool(data.get(name)) for name in CHECKBOXES
        }
        values |= {"shots": data.get("shots"), "kin": recall.named_kin(data, user)}
        values["audio"] = AudioUpload.objects.known(data.get("audio_id"), project, user)
        values["scene"] = Scene.objects.filter(project=project, uuid__in=[as_uuid(data.get("scene", ""))]).first()
        composer = cls.empty(project, user, account, **values)
        if draft.project_id == project.pk:
            composer.hold, composer.draft_said = Hold.of(draft), saved_words(draft)
        else:
            composer.warnings = (
                _("This draft comes from a project where you cannot write any more. It goes on here."),
            )
        if data.get("audio_id") and values["audio"] is None:
            composer.warnings += (_("The audio of this draft is not here any more. Choose the file again."),)
        return composer

    @classmethod
    def sent(
        cls, request: HttpRequest, project: Project, user: User, account: WanAccount | None, scene: Scene | None
    ) -> Composer:
        data = complete(request.POST)
        form = ComposerForm(data, request.FILES, project=project, user=user)
        formset = ShotFormSet(data, prefix="shots")
        board_open = any(name.startswith("shots-") and name.endswith("-text") for name in request.POST)
        kin = recall.named_kin(request.POST, user)
        made = cls(form, formset, project=project, account=account, scene=scene, board_open=board_open, kin=kin)
        made.hold = Hold.read(request.POST)
        return made

    @classmethod
    def rearranged(
        cls, request: HttpRequest, project: Project, user: User, account: WanAccount | None, scene: Scene | None
    ) -> Composer:
        """A button of board or lane was pressed without script: what was typed stays, only the arrangement changes."""
        data = complete(request.POST)
        step, _sep, argument = request.POST.get("do", "").partition(":")
        duration = data.get("duration", "")
        arranged = Arrangement(data.get("prompt", ""), _typed_shots(data), int(duration) if duration.isdecimal() else 0)
        arranged.do(step, int(argument) if argument.isdecimal() else -1)
        if step == "put-words":
            arranged.put_words(data)
        sounding = Sounding(data, project, user)
        sounding.take(request.FILES.get("audio"))
        sounding.do(step, argument, arranged)
        values = typed(data) | {"prompt": arranged.prompt, "shots": arranged.shots, "audio": sounding.audio}
        values["scene"] = None if step == "new-scene" else scene
        values["kin"] = ALONE if step == "forget-kin" else recall.named_kin(data, user)
        composer = cls.empty(project, user, account, **values)
        composer.warnings = (*arranged.warnings, *sounding.warnings)
        composer.earlier_audio = sounding.earlier
        composer.hold = Hold.read(request.POST)
        composer.words_open = step == "words"
        return composer

    # Checking what was sent

    def is_valid(self) -> bool:
        shots_fine = self.shots.is_valid()
        self.form.is_valid()
        self.sent_prompt = self.form.compile(self.shots.shots if shots_fine else ())
        return bool(self.form.is_valid() and shots_fine)

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
        return [*found, (None, general)] if general else found

    def _formset_errors(self) -> list[str]:
        if not self.shots.is_bound:
            return []
        codes = {error.code for error in self.shots.non_form_errors().as_data()}
        if "too_many_forms" in codes:
            return [_("Up to %(most)s shots fit in one clip.") % {"most": self.shots.max_num}]
        return [str(error) for error in self.shots.non_form_errors()]

    @property
    def press(self) -> str:
        """The token in the page: the one that was sent as long as nothing came of it."""
        if self.next_token:
            return str(self.next_token)
        given = self.form.data.get("press") if self.form.is_bound else self.form.initial["press"]
        return str(given or uuid.uuid4())

    @property
    def prompt_length(self) -> int:
        return len(self.sent_prompt or str(self.form["prompt"].value() or ""))

    @property
    def negative_length(self) -> int:
        return len(str(self.form["negative_prompt"].value() or ""))

    @cached_property
    def blocked(self) -> list[str]:
        """Why the button is off as the page arrives; the script goes on from here."""
        reasons = []
        if self.account is None:
            reasons.append(_("Rendering is not set up yet. Ask your administrator."))
        has_shots = any(form["text"].value() for form in self.shots)
        if not self.form["prompt"].value() and not has_shots:
            reasons.append(_("Write a prompt first."))
        return reasons

    @property
    def price(self) -> str:
        """Of what the fields say now; "" when they say nothing sensible or nothing is charged."""
        if self.account is None or self.account.is_demo:
            return ""
        try:
            resolution, duration, takes = self.asked
            return phrases.money(pricing.quote(self.account, MODEL.name, resolution, int(duration), int(takes)))
        except (KeyError, TypeError, ValueError):
            return ""

    @cached_property
    def promise(self) -> list[str]:
        """When the takes will be there; of an empty composer or a draft the script asks later."""
        if self.blocked or self.hold.version:
            return []
        return promises.words(self.account, *self.asked)

    @property
    def is_proof(self) -> bool:
        return bool(self.form["proof"].value())

    @property
    def asked(self) -> tuple[str, str, str]:
        """Resolution, seconds and takes of this press as they stand in the fields; a proof has its own size."""
        resolution, duration, takes = (str(self.form[name].value() or "") for name in SIZE)
        if not self.is_proof or not duration.isdecimal():
            return resolution, duration, takes
        shots = [Shot(str(form["text"].value()), 0) for form in self.shots if form["text"].value()]
        _overall, parts = proofs.parts(str(self.form["prompt"].value() or ""), shots, int(duration))
        return proofs.PROOF_RESOLUTION, str(proofs.length(int(duration), len(parts))), takes

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
        duration = str(self.form["duration"].value() or "")
        total = int(duration) if duration.isdecimal() and len(duration) < 4 else None
        cuts = tuple(card.begin for card in self.cards)[1:] if self.board_open else ()
        return Lane(self.audio, MODEL, total, cuts)

    @property
    def kin_note(self) -> str:
        if self.kin.parent is None:
            return ""
        take = {"number": self.kin.parent.number, "scene": self.kin.parent.scene.name}
        if self.kin.comment is not None:
            named = take | {"name": self.kin.comment.name}
            return _("A retake of take %(number)s, %(scene)s, for a comment by %(name)s") % named
        if self.kin.origin == Origin.RETAKE:
            return _("A retake of take %(number)s, %(scene)s") % take
        return _("A remix of take %(number)s, %(scene)s") % take

    @property
    def vocabulary(self) -> vocabulary.Vocabulary:
        return vocabulary.load()

    @property
    def facts(self) -> str:
        return composer_facts.facts(self.account)

    @property
    def cards(self) -> Iterator[Card]:
        """The shots with their places on the timeline."""
        begin = 0
        for index, form in enumerate(self.shots):
            typed = str(form["seconds"].value() or "")
            seconds = int(typed) if typed.isdecimal() and len(typed) < 4 else 0
            yield Card(form, index, begin, max(1, seconds))
            begin += max(1, seconds)

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
    seconds: int

    @property
    def number(self) -> int:
        return self.index + 1


def typed_data(posted: QueryDict) -> dict[str, Any]:
    """All that a draft keeps: the fields as they stand, and what they are about."""
    data = complete(posted)
    named = {name: data.get(name, "") for name in ("audio_id", "scene", "parent", "origin", "comment")}
    return typed(data) | named | {"shots": _typed_shots(data)}


def saved_words(draft: Draft) -> str:
    return _("Draft saved %(time)s") % {"time": f"{localtime(draft.updated_at):%H:%M}"}


def typed(data: QueryDict) -> dict[str, Any]:
    """What stands in the fields, good or not."""
    return {name: data.get(name, "") for name in KEPT} | {name: name in data for name in CHECKBOXES}


def _typed_shots(data: QueryDict) -> list[dict[str, Any]] | None:
    total = data.get("shots-TOTAL_FORMS", "0")
    count = min(int(total), ShotFormSet.absolute_max) if total.isdecimal() else 0
    shots = [
        {
            "text": data.get(f"shots-{index}-text", ""),
            "seconds": data.get(f"shots-{index}-seconds", ""),
            "locked": data.get(f"shots-{index}-locked", "") in ("on", "True"),
        }
        for index in range(count)
        if f"shots-{index}-text" in data
    ]
    return shots or None
