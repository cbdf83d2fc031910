"""Forms of a team's Wan accounts."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dashscope_client import catalogue
from generations.models import WanAccount
from generations.wan_keys import KEY

WORKSPACE = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
LIMITS = ("running_limit", "pending_limit", "creates_per_second", "queries_per_second")
MOST = {"running_limit": 1000, "pending_limit": 10_000, "creates_per_second": 100, "queries_per_second": 1000}


class KeyForm(forms.Form):
    """Never shown again: neither the stored key nor one that was just typed."""

    key = forms.CharField(
        label=_("API key"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("From Alibaba's Model Studio. Stored encrypted, and never shown again."),
    )

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not KEY.fullmatch(key):
            raise forms.ValidationError(_("A key has no blanks in it, and up to 300 characters."))
        return key


class AccountForm(forms.ModelForm):
    """Name and limits; region and workspace as long as nothing was sent with the account."""

    class Meta:
        model = WanAccount
        fields = ["name", "region", "workspace_id", *LIMITS]
        labels = {"workspace_id": _("Workspace ID")}
        help_texts = {
            "workspace_id": _("Empty for a key of the default workspace."),
            "running_limit": _("How many takes Wan renders at once for this account."),
        }

    def __init__(self, *args: Any, is_used: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in LIMITS:
            field = self.fields[name]
            self.fields[name] = forms.IntegerField(
                label=field.label, help_text=field.help_text, min_value=1, max_value=MOST[name], initial=field.initial
            )
        if is_used:
            del self.fields["region"], self.fields["workspace_id"]

    def clean_workspace_id(self) -> str:
        workspace: str = self.cleaned_data["workspace_id"].strip()
        if workspace and not WORKSPACE.fullmatch(workspace):
            raise forms.ValidationError(_("Only small letters, digits and hyphens."))
        return workspace

    def save(self, commit: bool = True) -> WanAccount:
        """The address follows from region and workspace, unless the installation has one of its own."""
        account: WanAccount = super().save(commit=False)
        if "region" in self.fields:
            regular = catalogue.base_url(account.region, account.workspace_id or None)
            account.origin = settings.DASHSCOPE_HTTP_BASE_URL or regular
            account.is_demo = settings.STUDIO_DEMO
        if commit:
            account.save()
        return account
