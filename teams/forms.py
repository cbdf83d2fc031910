from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from generations.forms import DEFAULTS, ComposerForm, too_long
from generations.forms import MODEL as WAN
from generations.models import WanAccount
from teams.models import Invitation, Project, Role, Team
from wanstudio.own_columns import OwnColumns
from wanstudio.seen import NamedForm
from wanstudio.wrong_fields import WrongField

if TYPE_CHECKING:
    from django.db.models import QuerySet

COMPOSER_FIELDS = ("resolution", "ratio", "duration", "negative_prompt", "prompt_extend", "watermark")


class TeamForm(NamedForm, OwnColumns):
    bound_field_class = WrongField

    class Meta:
        model = Team
        fields = ["name"]


class InvitationForm(forms.ModelForm):
    """Whether the address may be invited is decided by `inviting.invite`."""

    bound_field_class = WrongField

    role = forms.ChoiceField(
        label=_("Role"), choices=[(role.value, role.label) for role in (Role.EDITOR, Role.VIEWER, Role.OWNER)]
    )

    class Meta:
        model = Invitation
        fields = ["email", "role"]
        labels = {"email": _("E-mail")}
        widgets = {"email": forms.EmailInput(attrs={"autocomplete": "off", "placeholder": "name@example.com"})}

    def validate_unique(self) -> None:
        """A second letter to the same address renews the first."""


class NewProjectForm(NamedForm):
    """Into one of the person's teams in which they may make things."""

    bound_field_class = WrongField

    class Meta:
        model = Project
        fields = ["name", "team"]

    def __init__(self, *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"] = forms.ModelChoiceField(
            label=_("Team"), queryset=teams, to_field_name="uuid", empty_label=None
        )


class ProjectForm(NamedForm, OwnColumns):
    bound_field_class = WrongField

    class Meta:
        model = Project
        fields = ["name", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}


class DefaultsForm(forms.Form):
    """What the composer of a project starts from: the composer's own fields, with its own sentences."""

    bound_field_class = WrongField

    def __init__(self, data: Any = None, *, project: Project) -> None:
        super().__init__(data, initial={**DEFAULTS, "prompt_extend": True, "watermark": False, **project.defaults})
        for name in COMPOSER_FIELDS:
            self.fields[name] = copy.deepcopy(ComposerForm.base_fields[name])

    def clean_negative_prompt(self) -> str:
        text: str = self.cleaned_data["negative_prompt"]
        if len(text) > WAN.negative_prompt_limit:
            raise forms.ValidationError(too_long(len(text) - WAN.negative_prompt_limit), code="too_long")
        return text


class AccountChoiceForm(OwnColumns):
    """Which Wan account pays for the takes of a project."""

    bound_field_class = WrongField

    class Meta:
        model = Project
        fields = ["account"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_to = WanAccount.objects.open_to(self.instance.team)
        self.fields["account"] = forms.ModelChoiceField(
            label=_("Wan account"),
            queryset=WanAccount.objects.filter(pk__in=[account.pk for account in open_to]),
            to_field_name="uuid",
            required=False,
            empty_label=_("The team's usual one"),
        )


class MoveForm(forms.Form):
    bound_field_class = WrongField

    def __init__(self, *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"] = forms.ModelChoiceField(
            label=_("Team"), queryset=teams, to_field_name="uuid", empty_label=None
        )
