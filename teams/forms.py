from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from teams.models import Invitation, Project, Role, Team

if TYPE_CHECKING:
    from django.db.models import QuerySet


class TeamForm(forms.ModelForm):
    class Meta:
        model = Team
        fields = ["name"]


class InvitationForm(forms.ModelForm):
    """Whether the address may be invited is decided by `inviting.invite`."""

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


class NewProjectForm(forms.ModelForm):
    """Into one of the person's teams in which they may make things."""

    class Meta:
        model = Project
        fields = ["name", "team"]

    def __init__(self, *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"] = forms.ModelChoiceField(
            label=_("Team"), queryset=teams, to_field_name="uuid", empty_label=None
        )
