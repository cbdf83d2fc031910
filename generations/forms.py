"""The composer's form: every wrong value gets a sentence beside its field, and nothing that was typed is lost.

Limits are those of the model's catalogue entry. Uploaded audio is decoded in the limited process while the form is
checked, so that a bad file costs nothing; a good one is kept (`kept_audio`) even when another field is wrong.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.urls import reverse_lazy
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from dashscope_client import catalogue
from generations import proof, shots
from generations.fields import TextField, WholeNumberField
from generations.lifecycle.press import Recipe
from generations.models import AudioUpload
from generations.shots import Shot
from generations.uploads import NotKept, keep_audio

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.http import QueryDict

    from accounts.models import User
    from teams.models import Project

MODEL = catalogue.MODELS[catalogue.DEFAULT_MODEL]
TAKES = (1, 2, 3, 4)
FRESH, CONSECUTIVE = "fresh", "consecutive"
DEFAULTS = {
    "resolution": MODEL.default_resolution,
    "ratio": MODEL.default_ratio,
    "duration": str(MODEL.default_duration),
    "takes": "1",
}


class ComposerForm(forms.Form):
    prompt = TextField(
        label=_("Prompt"),
        required=False,
        widget=forms.Textarea(
            attrs={
                "rows": 2,
                "dir": "auto",
                "placeholder": _("Describe the clip: who or what, where, how it moves, the light, the sound"),
            }
        ),
    )
    negative_prompt = TextField(
        label=_("Keep out of the clip"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto", "placeholder": _("blur, text, extra fingers")}),
    )
    resolution = forms.ChoiceField(
        label=_("Resolution"),
        choices=[(name, name) for name in MODEL.resolutions],
        error_messages={"invalid_choice": _("Wan renders at %s.") % ", ".join(MODEL.resolutions)},
    )
    ratio = forms.ChoiceField(
        label=_("Ratio"),
        choices=[(name, name) for name in MODEL.ratios],
        error_messages={"invalid_choice": _("Wan renders in %s.") % ", ".join(MODEL.ratios)},
    )
    duration = WholeNumberField(
        label=_("Duration"),
        min_value=MODEL.duration_min,
        max_value=MODEL.duration_max,
        sentence=_("Wan takes whole seconds from %(least)s to %(most)s.")
        % {"least": MODEL.duration_min, "most": MODEL.duration_max},
    )
    seed = WholeNumberField(
        label=_("Seed"),
        required=False,
        min_value=0,
        max_value=MODEL.seed_max,
        sentence=_("A seed is a whole number from 0 to %s, or empty for a random one.") % f"{MODEL.seed_max:,}",
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "placeholder": _("Random seed"), "size": 11, "autocomplete": "off"}
        ),
    )
    takes = WholeNumberField(
        label=_("Takes"),
        min_value=min(TAKES),
        max_value=max(TAKES),
        sentence=_("One press makes 1 to %s takes.") % max(TAKES),
        widget=forms.Select(choices=[(number, number) for number in TAKES]),
    )
    seeds = forms.ChoiceField(
        label=_("Seeds of several takes"),
        required=False,
        choices=[(FRESH, _("Fresh seeds")), (CONSECUTIVE, _("Consecutive seeds"))],
        error_messages={"invalid_choice": _("Seeds are fresh or consecutive.")},
    )
    prompt_extend = forms.BooleanField(label=_("Let Wan rewrite the prompt"), required=False)
    watermark = forms.BooleanField(label=_("Visible AI mark"), required=False)
    proof = forms.BooleanField(label=_("Proof"), required=False)
    audio = forms.FileField(
        label=_("Audio"),
        required=False,
        error_messages={"empty": _("This file is empty."), "invalid": _("The file did not arrive. Choose it again.")},
        widget=forms.FileInput(
            attrs={"accept": ".mp3,.wav,audio/mpeg,audio/wav", "data-upload": reverse_lazy("generations:audio_upload")}
        ),
    )
    audio_id = forms.CharField(required=False, widget=forms.HiddenInput)
    press = forms.CharField(required=False, widget=forms.HiddenInput)
    use_required_attribute = False

    def __init__(self, *args: Any, project: Project, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "%s", **kwargs})
        self.project = project
        self.user = user
        self.kept_audio: AudioUpload | None = None
        for name in ("resolution", "ratio", "takes"):
            self._keep_unknown(name)

    def _keep_unknown(self, name: str) -> None:
        """Show a value that is not on a list as it came, beside its sentence; it stays invalid."""
        typed = str(self.data.get(name, ""))[:20]
        widget = self.fields[name].widget
        if typed and typed not in {str(value) for value, _label in widget.choices}:
            widget.choices = [*widget.choices, (typed, typed)]

    def clean_press(self) -> uuid.UUID:
        """A missing or spoilt token is replaced: it protects a press, it must not prevent one."""
        return as_uuid(self.cleaned_data["press"]) or uuid.uuid4()

    def clean_negative_prompt(self) -> str:
        text: str = self.cleaned_data["negative_prompt"]
        self._require_length(text, MODEL.negative_prompt_limit)
        return text

    def clean_audio(self) -> AudioUpload | None:
        """The upload, decoded and kept; else the one that was kept before."""
        uploaded = self.cleaned_data["audio"]
        if uploaded:
            self.kept_audio = self._checked(uploaded)
        elif self.data.get("audio_id"):
            self.kept_audio = self._known()
        trouble = self.kept_audio.trouble(MODEL) if self.kept_audio else ""
        if trouble:
            raise forms.ValidationError(trouble, code="to_trim")
        return self.kept_audio

    def _checked(self, uploaded: UploadedFile) -> AudioUpload:
        try:
            return keep_audio(uploaded, project=self.project, user=self.user, model=MODEL)
        except NotKept as refusal:
            raise forms.ValidationError(refusal.sentence, code=refusal.code) from refusal

    def _known(self) -> AudioUpload:
        known = self.known_audio()
        if known is None:
            raise forms.ValidationError(_("This audio is not here any more. Choose the file again."), code="unknown")
        return known

    def known_audio(self) -> AudioUpload | None:
        """The upload that `audio_id` names, if it is one of this team."""
        return AudioUpload.objects.known(self.data.get("audio_id", ""), self.project, self.user)

    def _require_length(self, text: str, limit: int) -> None:
        if len(text) > limit:
            raise forms.ValidationError(too_long(len(text) - limit), code="too_long")

    def compile(self, shot_list: tuple[Shot, ...], *, wants_prompt: bool = True) -> str:
        """What Wan receives. Checks what depends on prompt and shots together; errors stand at the prompt.

        Shots of a wrong length count as of none; `wants_prompt` is False when that is why there is no text.
        """
        prompt = self.cleaned_data.get("prompt", "")
        sent = shots.compile_prompt(prompt, shot_list) if shot_list else prompt
        if not sent and wants_prompt:
            self.add_error("prompt", gettext("Write a prompt first."))
        elif len(sent) > MODEL.prompt_limit:
            self.add_error("prompt", too_long(len(sent) - MODEL.prompt_limit))
        seconds = sum(shot.seconds for shot in shot_list)
        if seconds > MODEL.duration_max:
            self.add_error("duration", shots_too_long(seconds))
        elif seconds > self.cleaned_data.get("duration", seconds):
            self.add_error("duration", shots_longer_than(seconds, self.cleaned_data["duration"]))
        elif len(shot_list) > self.cleaned_data.get("duration", len(shot_list)):
            self.add_error("duration", shots_more_than(len(shot_list), self.cleaned_data["duration"]))
        return sent

    def recipe(self, shot_list: tuple[Shot, ...], sent_prompt: str) -> Recipe:
        """Of a valid form."""
        asked = ("prompt", "negative_prompt", "resolution", "ratio", "duration", "seed", "prompt_extend", "watermark")
        values = {name: self.cleaned_data[name] for name in asked}
        if self.cleaned_data["seeds"] == CONSECUTIVE and values["seed"] is None and self.cleaned_data["takes"] > 1:
            values["seed"] = self.cleaned_data["press"].int % (MODEL.seed_max + 1)  # the same for the same press
        values["fresh_seeds"] = self.cleaned_data["seeds"] == FRESH
        recipe = Recipe(**values, sent_prompt=sent_prompt, shots=shot_list, audio=self.kept_audio, model=MODEL.name)
        return proof.of(recipe) if self.cleaned_data["proof"] else recipe


def too_long(excess: int) -> str:
    words = ngettext(
        "%(count)s character too many, Wan would cut the end off.",
        "%(count)s characters too many, Wan would cut the end off.",
        excess,
    )
    return words % {"count": number_format(excess, use_l10n=True, force_grouping=True)}


def shots_too_long(seconds: int) -> str:
    return gettext("The shots add up to %(sum)s s, Wan takes up to %(most)s.") % {
        "sum": seconds,
        "most": MODEL.duration_max,
    }


def shots_longer_than(seconds: int | str, duration: int | str) -> str:
    return gettext("The shots add up to %(sum)s s, the clip has %(duration)s s. Make it longer or a shot shorter.") % {
        "sum": seconds,
        "duration": duration,
    }


def shots_more_than(count: int | str, duration: int | str) -> str:
    return gettext("%(count)s shots do not fit in %(duration)s s: each lasts a second at least.") % {
        "count": count,
        "duration": duration,
    }


def as_uuid(value: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None


def complete(posted: QueryDict) -> QueryDict:
    """A script may leave out what has a default, and the shot list's bookkeeping."""
    data = posted.copy()
    for name, value in DEFAULTS.items():
        data.setdefault(name, value)
    numbers = [int(found[1]) for name in posted if (found := re.fullmatch(r"shots-(\d{1,3})-text", name))]
    data.setdefault("shots-TOTAL_FORMS", str(max(numbers, default=-1) + 1))
    data.setdefault("shots-INITIAL_FORMS", "0")
    return data
