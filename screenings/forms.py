from __future__ import annotations

import math
from dataclasses import dataclass
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
from screenings.passcodes import LEAST, MOST, weakness
from wanstudio.seen import NamedForm, seen

if TYPE_CHECKING:
    from django.http import QueryDict

    from generations.models import Generation

DAYS_MOST = 365
GONE = gettext_lazy("What you answer is gone.")


class LinkForm(NamedForm):
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
        min_length=LEAST,
        max_length=MOST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": gettext_lazy("none")}),
        error_messages=dict.fromkeys(("min_length", "max_length"), gettext_lazy("8 to 64 characters, or none.")),
    )

    class Meta:
        model = ShareLink
        fields = ["name", "allows_comments", "allows_download", "shows_recipe"]
        error_messages = {
            "name": {
                "required": gettext_lazy("Give it a title: whoever opens the link reads it first."),
                "max_length": gettext_lazy("A title has up to 80 characters."),
            }
        }

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if code and (sentence := weakness(code)):
            raise forms.ValidationError(sentence)
        return code

    def save(self, commit: bool = True) -> ShareLink:
        link: ShareLink = self.instance
        link.set_passcode(self.cleaned_data["code"])
        self._set_end()
        return super().save(commit)

    def _set_end(self) -> None:
        self.instance.expires_at = timezone.now() + timedelta(days=self.cleaned_data["days"])


class ChangeForm(LinkForm):
    """Of a link that is in use: its passcode stays unless another is given, or none is asked for any more."""

    drops_passcode = forms.BooleanField(label=gettext_lazy("Ask for no passcode any more"), required=False)

    def __init__(self, data: QueryDict | None, *, instance: ShareLink) -> None:
        left = math.ceil((instance.expires_at - timezone.now()) / timedelta(days=1))
        self.has_run_out = left < 1
        initial = {"days": LASTS.days if self.has_run_out else left}
        super().__init__(data, instance=instance, initial=initial)
        if instance.passcode:
            self.fields["code"].widget.attrs["placeholder"] = _("stays as it is")
        else:
            del self.fields["drops_passcode"]

    def clean_code(self) -> str:
        """A browser may fill in one that nobody asked for."""
        code = super().clean_code()
        if code and "drops_passcode" in self.fields and self.data.get("drops_passcode"):
            raise forms.ValidationError(_("Give a passcode, or ask for none any more."))
        return code

    def save(self, commit: bool = True) -> ShareLink:
        """The address stays. An end that was not touched stays to the minute.

        Only what was touched is written: the row may have been revoked or changed by others since it was read.
        """
        touched = [name for name in ChangeForm.Meta.fields if name in self.changed_data]
        if self.cleaned_data["code"] or self.cleaned_data.get("drops_passcode"):
            self.instance.set_passcode(self.cleaned_data["code"])
            touched += ["passcode", "passcode_may_be_weak"]
        if self.has_run_out or "days" in self.changed_data:
            self._set_end()
            touched.append("expires_at")
        link: ShareLink = super(LinkForm, self).save(commit=False)
        if commit:
            link.save(update_fields=touched)
        return link


@dataclass(frozen=True)
class Refused:
    """What was written and not taken, for the field that it came from, and why. `parent` heads the thread, if any."""

    sentence: str
    text: str
    second: str
    is_whole: bool
    parent: str
    name: str


class CommentForm(forms.Form):
    """`second` empty: about the whole clip. `parent` is the comment that is answered."""

    text = forms.CharField(
        max_length=LONGEST,
        validators=[seen],
        error_messages={
            "required": gettext_lazy("Write a comment first."),
            "max_length": gettext_lazy("A comment has up to %(limit_value)d characters, this one has %(show_value)d."),
        },
    )
    second = forms.FloatField(
        required=False, error_messages={"invalid": gettext_lazy("This is no second of the clip.")}
    )
    parent = forms.UUIDField(required=False, error_messages={"invalid": GONE})

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

    def clean_parent(self) -> Comment | None:
        """The comment of this clip that is answered; None: it answers nothing."""
        uuid = self.cleaned_data["parent"]
        if uuid is None:
            return None
        said = Comment.objects.filter(generation=self.take, uuid=uuid)
        if self.link:
            said = said.filter(link=self.link)
        found = said.select_related("parent").first()
        if found is None:
            raise forms.ValidationError(GONE)
        return found

    def refused(self, sentence: str = "") -> Refused:
        """For the first thing that is wrong, unless there is another reason."""
        first = next((str(error) for errors in self.errors.values() for error in errors), "")
        is_wrong = "second" in self.errors
        second = "" if is_wrong else str(self.data.get("second", ""))
        answered = self.cleaned_data.get("parent")
        parent = str((answered.parent or answered).uuid) if answered else ""
        return Refused(
            sentence or first,
            str(self.data.get("text", "")),
            second,
            is_whole=not (second or is_wrong or parent),
            parent=parent,
            name=str(self.data.get("name", "")),
        )

    def refused_as_gone(self) -> Refused:
        """What it answers was taken away since it was checked."""
        self.add_error("parent", GONE)
        return self.refused()


class NameForm(forms.Form):
    name = forms.CharField(
        max_length=LONGEST_NAME,
        validators=[seen],
        error_messages={
            "required": gettext_lazy("Say who you are first."),
            "max_length": gettext_lazy("A name has up to 60 characters."),
        },
    )
