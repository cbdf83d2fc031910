from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations import phrases
from screenings.models import Comment, ShareLink
from screenings.models.comment import LONGEST, LONGEST_NAME
from screenings.models.share_link import LASTS

if TYPE_CHECKING:
    from generations.models import Generation

PASSCODE_LEAST = 4
DAYS_MOST = 365


class LinkForm(forms.ModelForm):
    """What a screening shows and allows, and for how long."""

    days = forms.IntegerField(
        label=gettext_lazy("Works for, days"),
        min_value=1,
        max_value=DAYS_MOST,
        initial=LASTS.days,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "required"), gettext_lazy("A whole number of days, from 1 to 365.")
        ),
    )
    code = forms.CharField(
        label=gettext_lazy("Passcode"),
        required=False,
        min_length=PASSCODE_LEAST,
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": gettext_lazy("none")}),
        error_messages=dict.fromkeys(("min_length", "max_length"), gettext_lazy("4 to 64 characters, or none.")),
    )

    class Meta:
        model = ShareLink
        fields = ["name", "allows_comments", "allows_download", "shows_recipe"]

    def save(self, commit: bool = True) -> ShareLink:
        link: ShareLink = self.instance
        link.set_passcode(self.cleaned_data["code"])
        link.expires_at = timezone.now() + timedelta(days=self.cleaned_data["days"])
        return super().save(commit)


class CommentForm(forms.Form):
    """`second` empty: about the whole clip. `parent` is the comment that is answered."""

    text = forms.CharField(
        max_length=LONGEST,
        error_messages={
            "required": gettext_lazy("Write a comment first."),
            "max_length": gettext_lazy("A comment has up to %(limit_value)d characters, this one has %(show_value)d."),
        },
    )
    second = forms.FloatField(
        required=False, error_messages={"invalid": gettext_lazy("This is no second of the clip.")}
    )
    parent = forms.UUIDField(required=False, error_messages={"invalid": gettext_lazy("What you answer is gone.")})

    def __init__(self, *args: Any, take: Generation, link: ShareLink | None = None, **kwargs: Any) -> None:
        """`link`: whose visitor writes, and answers only what was said there."""
        super().__init__(*args, **kwargs)
        self.take = take
        self.link = link

    def clean_text(self) -> str:
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")

    def clean_second(self) -> float | None:
        second: float | None = self.cleaned_data["second"]
        length = self.take.video_seconds or self.take.duration
        if second is not None and not (math.isfinite(second) and 0 <= second <= length + 0.1):
            raise forms.ValidationError(_("The clip ends at %(end)s.") % {"end": phrases.clock(length)})
        return second

    def answered(self) -> Comment | None:
        """The comment of this clip that is answered, if it is there."""
        uuid = self.cleaned_data.get("parent")
        said = Comment.objects.filter(generation=self.take)
        if self.link:
            said = said.filter(link=self.link)
        return said.filter(uuid=uuid).select_related("parent").first() if uuid else None

    @property
    def sentence(self) -> str:
        """The first thing that is wrong."""
        return next((str(error) for errors in self.errors.values() for error in errors), "")


class NameForm(forms.Form):
    name = forms.CharField(
        max_length=LONGEST_NAME,
        error_messages={
            "required": gettext_lazy("Say who you are first."),
            "max_length": gettext_lazy("A name has up to 60 characters."),
        },
    )
