"""Forms of a team's Wan accounts."""

from __future__ import annotations

import re
from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dashscope_client import catalogue
from generations import phrases
from generations.models import WanAccount
from generations.models.account import OWN_PRICES
from generations.wan_keys import KEY
from wanstudio.seen import NamedForm
from wanstudio.wrong_fields import WrongField

WORKSPACE = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
LIMITS = ("running_limit", "pending_limit", "creates_per_second", "queries_per_second")
MODEL = catalogue.MODELS[catalogue.DEFAULT_MODEL]
MOST = {"running_limit": 1000, "pending_limit": 10_000, "creates_per_second": 100, "queries_per_second": 1000}

NO_PRICE = {
    "invalid": _("Name a price like 0.15, or leave it empty for the list price."),
    "max_digits": _("A price has up to four digits after the point, and is 100 at most."),
    "max_whole_digits": _("A price of a second is 100 at most."),
    "max_decimal_places": _("A price has up to four digits after the point."),
}


class KeyForm(forms.Form):
    """Never shown again: neither the stored key nor one that was just typed."""

    bound_field_class = WrongField

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


class AccountForm(NamedForm):
    """Name and limits; region and workspace as long as nothing was sent with the account.

    Another region bills in another currency: own prices go with the old one.
    """

    bound_field_class = WrongField

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
        else:
            region = cast(forms.ChoiceField, self.fields["region"])
            region.choices = [("", _("Where the key is from")), *((name, name.title()) for name in catalogue.REGIONS)]

    def clean_workspace_id(self) -> str:
        workspace: str = self.cleaned_data["workspace_id"].strip()
        if workspace and not WORKSPACE.fullmatch(workspace):
            raise forms.ValidationError(_("Only small letters, digits and hyphens."))
        return workspace

    def save(self, commit: bool = True) -> WanAccount:
        """The address follows from region and workspace, unless the installation has one of its own.

        Of a row that is there only these columns are written: workers count and stop in the others meanwhile.
        """
        account: WanAccount = super().save(commit=False)
        written = set(self.fields)
        if "region" in self.changed_data:
            account.forget_own_prices()
            written |= set(OWN_PRICES.values())
        if "region" in self.fields:
            written |= {"origin", "is_demo"}
            regular = catalogue.base_url(account.region, account.workspace_id or None)
            account.origin = settings.DASHSCOPE_HTTP_BASE_URL or regular
            account.is_demo = settings.STUDIO_DEMO
        if commit:
            account.save(update_fields=written if account.pk else None)
        return account


class PricesForm(forms.ModelForm):
    """What a second costs by the account's contract; empty: what the price list says."""

    bound_field_class = WrongField

    class Meta:
        model = WanAccount
        fields = list(OWN_PRICES.values())
        error_messages = dict.fromkeys(OWN_PRICES.values(), NO_PRICE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for resolution, name in OWN_PRICES.items():
            price = self.instance.list_price(MODEL.name, resolution)
            words = {"price": phrases.rate(phrases.Price(price, self.instance.currency))}
            field = self.fields[name]
            field.label = _("%(resolution)s, %(currency)s a second") % {
                "resolution": resolution,
                "currency": phrases.currency_sign(self.instance.currency),
            }
            field.help_text = _("List price %(price)s") % words
            field.widget.attrs["placeholder"] = phrases.digits(price)
            if name in self.initial and self.initial[name] is not None:
                self.initial[name] = phrases.digits(self.initial[name])
