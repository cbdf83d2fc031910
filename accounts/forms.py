from __future__ import annotations

import zoneinfo
from itertools import groupby
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.core import context
from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import digests
from accounts.models import User
from wanstudio.own_columns import OwnColumns
from wanstudio.rooms import studio_languages
from wanstudio.seen import is_seen


class SignupForm(AllauthSignupForm):
    def clean_email(self) -> str:
        """While sign-up is closed an invitation lets in the address that it went to, which makes one account of it."""
        email: str = super().clean_email()
        get_adapter().require_invited(context.request, email)
        return email


class AddEmailForm(AllauthAddEmailForm):
    """With our word for what it takes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("e-mail address")


class ProfileForm(OwnColumns):
    class Meta:
        model = User
        fields = ["name", "language", "theme", "time_zone", "digest", "uses_keys"]
        labels = {"theme": _("appearance")}
        help_texts = {
            "name": _(
                "Shown beside your takes. Without one, the first part of your e-mail address; guests of a screening "
                "read “Team member” then."
            ),
            "time_zone": _("Times are shown in this zone. Nothing is stored in it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["language"] = forms.ChoiceField(
            label=self.fields["language"].label,
            choices=[("", _("As the browser asks")), *studio_languages()],
            required=False,
        )
        self.fields["time_zone"] = forms.ChoiceField(
            label=self.fields["time_zone"].label,
            help_text=self.fields["time_zone"].help_text,
            choices=_time_zones,
            required=False,
        )

    def clean_name(self) -> str:
        """One that nobody can see is none."""
        name: str = self.cleaned_data["name"]
        return name if is_seen(name) else ""

    def save(self, commit: bool = True) -> User:
        """Mail starts with what comes from now on."""
        with transaction.atomic():
            person: User = super().save(commit)
            if "digest" in self.changed_data:
                digests.choose(person, person.digest)
        return person


class ThemeForm(OwnColumns):
    class Meta:
        model = User
        fields = ["theme"]


def _time_zones() -> list[tuple[str, Any]]:
    """Zone names under their region, the installation's first."""
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    regions = [
        (region, [(name, name.partition("/")[2].replace("_", " ")) for name in zones])
        for region, zones in groupby(names, key=lambda name: name.partition("/")[0])
    ]
    return [("", _("The installation's")), ("UTC", "UTC"), *regions]
