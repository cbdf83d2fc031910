"""The shots of the board as a formset."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashscope_client import catalogue
from generations.fields import TextField, WholeNumberField
from generations.shots import READ_MOST, Shot

MODEL = catalogue.MODELS[catalogue.DEFAULT_MODEL]
SHOTS_MOST = MODEL.duration_max  # a shot lasts a second at least
SECONDS_MOST = 999  # that are read at all; more than Wan takes are told of the sum


class ShotForm(forms.Form):
    text = TextField(
        label=_("What happens in this shot"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "placeholder": _("What happens in this shot")}),
    )
    seconds = WholeNumberField(
        label=_("Seconds"),
        required=False,
        min_value=1,
        max_value=SECONDS_MOST,
        initial=3,
        sentence=_("Whole seconds, from 1 on."),
        widget=forms.NumberInput(attrs={"min": 1, "max": MODEL.duration_max, "step": 1}),
    )
    locked = forms.BooleanField(required=False, widget=forms.HiddenInput)  # a retake leaves this shot as it is
    use_required_attribute = False

    @property
    def is_locked(self) -> bool:
        return self["locked"].value() in (True, "on", "True")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_locked:
            for name in ("text", "seconds"):
                self.fields[name].widget.attrs["readonly"] = True


class BaseShotFormSet(forms.BaseFormSet):
    """Shots in order. Blank ones count only between others: a shot without words would move the rest."""

    def clean(self) -> None:
        """Every reason at once: a blank shot is told beside one of a wrong length, and beside one too many."""
        if self.shots:
            for form in self.forms:
                if not form.cleaned_data.get("text"):
                    form.add_error("text", gettext("Write this shot, or remove it."))
        self._require_seconds()
        if len(self.forms) > self.max_num:
            raise forms.ValidationError(too_many_shots())

    def _require_seconds(self) -> None:
        """Of each shot, or of none: beside one without a length the others would lose their times in the text."""
        written = [form for form in self.forms if form.cleaned_data.get("text")]
        if any(form.cleaned_data.get("seconds") for form in written):
            for form in written:
                if "seconds" in form.cleaned_data and not form.cleaned_data["seconds"]:
                    form.add_error("seconds", seconds_missing())

    @property
    def shots(self) -> tuple[Shot, ...]:
        cleaned = [getattr(form, "cleaned_data", {}) for form in self.forms]
        return tuple(Shot(shot["text"], shot.get("seconds") or 0) for shot in cleaned if shot.get("text"))

    @property
    def seconds(self) -> int:
        return sum(shot.seconds for shot in self.shots)


def seconds_missing() -> str:
    return gettext("Give this shot seconds too, or no shot any: else no times are sent.")


def too_many_shots() -> str:
    return gettext("Up to %(most)s shots fit in one clip.") % {"most": SHOTS_MOST}


ShotFormSet = forms.formset_factory(
    ShotForm,
    formset=BaseShotFormSet,
    extra=0,
    max_num=SHOTS_MOST,
    absolute_max=READ_MOST,  # more than fit are refused with a sentence, and kept up to here
)
