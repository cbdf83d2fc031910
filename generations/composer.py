"""The dock: the composer's form with what stands around it; made empty, from a take, or from what was sent."""

from __future__ import annotations

import json
import uuid
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from generations import media, phrases, pricing
from generations.forms import DEFAULTS, MODEL, TAKES, ComposerForm, ShotFormSet, complete

if TYPE_CHECKING:
    from django.http import HttpRequest, QueryDict

    from accounts.models import User
    from generations.models import AudioUpload, Generation, Scene, WanAccount
    from generations.samples import Sample
    from generations.shots import Shot
    from teams.models import Project

BLANK_SHOTS = 3
BLANK_SECONDS = 3
CHECKBOXES = ("prompt_extend", "watermark")
KEPT = ("prompt", "negative_prompt", "resolution", "ratio", "duration", "seed", "takes")


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
    ) -> None:
        self.form = form
        self.shots = shots
        self.project = project
        self.account = account
        self.scene = scene
        self.kept = audio
        self.board_open = board_open
        self.sent_prompt = ""
        self.next_token: uuid.UUID | None = None

    # Making one

    @classmethod
    def empty(cls, project: Project, user: User, account: WanAccount | None, **values: Any) -> Composer:
        """`values` are initial values of fields, and scene, audio and shots (None: no board)."""
        scene, audio, shots = values.pop("scene", None), values.pop("audio", None), values.pop("shots", None)
        initial = {**DEFAULTS, "prompt_extend": True, "watermark": False, "press": uuid.uuid4(), **values}
        if audio:
            initial["audio_id"] = audio.uuid
        form = ComposerForm(initial=initial, project=project, user=user)
        formset = ShotFormSet(initial=shots or [], prefix="shots")
        context = {"project": project, "account": account, "scene": scene, "audio": audio}
        return cls(form, formset, board_open=shots is not None, **context)

    @classmethod
    def from_take(
        cls, take: Generation, project: Project, user: User, account: WanAccount | None, use: str = "remix"
    ) -> Composer:
        """Recall: "all", "remix" (all but the seed), "prompt" or "seed"."""
        values: dict[str, Any] = {"scene": take.scene}
        if use in ("all", "seed"):
            values["seed"] = take.seed
        if use != "seed":
            values["prompt"] = take.prompt
            values["shots"] = take.shots or None
        if use in ("all", "remix"):
            settings = ("negative_prompt", "resolution", "ratio", "duration", "prompt_extend", "watermark", "audio")
            values |= {name: getattr(take, name) for name in settings}
        return cls.empty(project, user, account, **values)

    @classmethod
    def from_sample(cls, sample: Sample, project: Project, user: User, account: WanAccount | None) -> Composer:
        shots = [{"text": shot.text, "seconds": shot.seconds} for shot in sample.shot_list] or None
        values = {"prompt": str(sample.prompt), "duration": sample.duration, "resolution": sample.resolution}
        return cls.empty(project, user, account, shots=shots, **values)

    @classmethod
    def sent(
        cls, request: HttpRequest, project: Project, user: User, account: WanAccount | None, scene: Scene | None
    ) -> Composer:
        data = complete(request.POST)
        form = ComposerForm(data, request.FILES, project=project, user=user)
        formset = ShotFormSet(data, prefix="shots")
        board_open = any(name.startswith("shots-") and name.endswith("-text") for name in request.POST)
        return cls(form, formset, project=project, account=account, scene=scene, board_open=board_open)

    @classmethod
    def rearranged(
        cls, posted: QueryDict, project: Project, user: User, account: WanAccount | None, scene: Scene | None
    ) -> Composer:
        """A button of the board was pressed without script: what was typed stays, only the arrangement changes."""
        data = complete(posted)
        step, _sep, number = posted.get("do", "").partition(":")
        values: dict[str, Any] = {name: data.get(name, "") for name in KEPT}
        values |= {name: name in data for name in CHECKBOXES}
        shots: list[dict[str, str]] | None = _typed_shots(data)
        if step == "board":
            shots = shots or _blank_shots()
        elif step == "prompt":
            shots = None
        elif step == "add-shot":
            shots = [*(shots or []), *_blank_shots(1)]
        elif step == "remove-shot" and number.isdecimal() and shots:
            shots = [shot for index, shot in enumerate(shots) if index != int(number)]
        scene = None if step == "new-scene" else scene
        audio = None if step == "remove-audio" else ComposerForm(data, project=project, user=user).known_audio()
        return cls.empty(project, user, account, scene=scene, audio=audio, shots=shots or None, **values)

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
    def blocked(self) -> str:
        """Why the button is off as the page arrives; the script goes on from here."""
        if self.account is None:
            return _("Rendering is not set up yet. Ask your administrator.")
        has_shots = any(form["text"].value() for form in self.shots)
        if not self.form["prompt"].value() and not has_shots:
            return _("Write a prompt first.")
        return ""

    @property
    def price(self) -> str:
        """Of what the fields say now; "" when they say nothing sensible or nothing is charged."""
        if self.account is None or self.account.is_demo:
            return ""
        try:
            duration, takes = int(self.form["duration"].value()), int(self.form["takes"].value())
            resolution = str(self.form["resolution"].value())
            return phrases.money(pricing.quote(self.account, MODEL.name, resolution, duration, takes))
        except (KeyError, TypeError, ValueError):
            return ""

    @property
    def summary(self) -> str:
        values = {"seconds": self.form["duration"].value(), "resolution": self.form["resolution"].value()}
        return _("%(seconds)s s at %(resolution)s") % values

    @property
    def fit(self) -> str:
        duration = str(self.form["duration"].value())
        if self.audio is None or not duration.isdecimal():
            return ""
        return media.audio_fit(self.audio.seconds, int(duration))

    @property
    def facts(self) -> str:
        """What the script needs to say the same things at once; JSON for a data attribute."""
        priced = self.account is not None and not self.account.is_demo
        account = self.account
        prices = {
            name: str(account.price_per_second(MODEL.name, name)) if priced and account else ""
            for name in MODEL.resolutions
        }
        return json.dumps(
            {
                "prices": prices if priced else None,
                "sign": phrases.currency_sign(account.currency) if account else "",
                "promptLimit": MODEL.prompt_limit,
                "negativeLimit": MODEL.negative_prompt_limit,
                "durationMin": MODEL.duration_min,
                "durationMax": MODEL.duration_max,
                "audioBytes": MODEL.audio_max_bytes,
                "ready": account is not None,
                "words": self._script_words(),
            }
        )

    def _script_words(self) -> dict[str, str]:
        most = {"most": MODEL.duration_max}
        return {
            "setup": _("Rendering is not set up yet. Ask your administrator."),
            "prompt": _("Write a prompt first."),
            "tooLong": _("{count} characters too many, Wan would cut the end off."),
            "negative": _("{count} characters too many in what to keep out."),
            "sum": _("The shots add up to {sum} s, Wan takes up to %(most)s.") % most,
            "duration": _("Wan takes whole seconds from {least} to {most}."),
            "audio": _("This file has {size} MB, Wan takes up to %(most)s MB.")
            % {"most": MODEL.audio_max_bytes // 2**20},
            "summary": _("{seconds} s at {resolution}"),
            "left": _("{seconds} s left"),
            "cut": _("Wan uses the first {duration} s of this {seconds} s file."),
            "silent": _("The last {seconds} s will be silent."),
            "audioName": _("Audio"),
            "shot": _("Shot {number}"),
            "remove": _("Remove shot {number}"),
        }


def _typed_shots(data: QueryDict) -> list[dict[str, str]] | None:
    total = data.get("shots-TOTAL_FORMS", "0")
    count = min(int(total), ShotFormSet.absolute_max) if total.isdecimal() else 0
    shots = [
        {"text": data.get(f"shots-{index}-text", ""), "seconds": data.get(f"shots-{index}-seconds", "")}
        for index in range(count)
        if f"shots-{index}-text" in data
    ]
    return shots or None


def _blank_shots(count: int = BLANK_SHOTS) -> list[dict[str, str]]:
    return [{"text": "", "seconds": str(BLANK_SECONDS)} for _index in range(count)]
