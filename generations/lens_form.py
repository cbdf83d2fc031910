"""The choices of a view of the library, as its address names them. What makes no sense is said and not used."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django import forms
from django.db.models import Q, TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashscope_client import catalogue
from generations import search
from generations.models.generation import UNFINISHED, Status

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MODEL = catalogue.MODELS[catalogue.DEFAULT_MODEL]
SEARCH_LENGTH = 300


class Scope(TextChoices):
    PROJECT = "", _("This project")
    TEAM = "team", _("Whole team")
    MINE = "mine", _("Mine")


class Sort(TextChoices):
    NEWEST = "", _("Newest first")
    OLDEST = "oldest", _("Oldest first")
    LONGEST = "longest", _("Longest first")


class Show(NamedTuple):
    label: StrOrPromise
    condition: Q


SHOWS = {
    "": Show(_("All"), Q()),
    "clips": Show(_("Clips"), Q(status=Status.READY)),
    "working": Show(_("In progress"), Q(status__in=UNFINISHED)),
    "failed": Show(_("Failed"), Q(status__in=(Status.FAILED, Status.CANCELED, Status.LOST))),
}


def _same(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, name) for name in names]


class LensForm(forms.Form):
    """The fields' order is the order in addresses."""

    q = forms.CharField(label=_("Search"), required=False, max_length=SEARCH_LENGTH)
    scope = forms.ChoiceField(label=_("Where"), required=False, choices=Scope)
    show = forms.ChoiceField(
        label=_("State"), required=False, choices=[(name, show.label) for name, show in SHOWS.items()]
    )
    sort = forms.ChoiceField(label=_("Order"), required=False, choices=Sort)
    resolution = forms.MultipleChoiceField(label=_("Resolution"), required=False, choices=_same(MODEL.resolutions))
    ratio = forms.MultipleChoiceField(label=_("Ratio"), required=False, choices=_same(MODEL.ratios))
    min_seconds = forms.IntegerField(label=_("Seconds from"), required=False, min_value=0, max_value=3600)
    max_seconds = forms.IntegerField(label=_("Seconds to"), required=False, min_value=0, max_value=3600)
    audio = forms.BooleanField(label=_("With your audio"), required=False)
    person = forms.UUIDField(label=_("Person"), required=False)
    since = forms.DateField(label=_("Made from"), required=False)
    until = forms.DateField(label=_("Made until"), required=False)
    min_price = forms.DecimalField(label=_("Price from"), required=False, min_value=0, max_digits=10, decimal_places=4)
    max_price = forms.DecimalField(label=_("Price to"), required=False, min_value=0, max_digits=10, decimal_places=4)

    def clean_q(self) -> str:
        search_for = str(self.cleaned_data["q"])
        if search_for and not search.pieces(search_for):
            raise forms.ValidationError(_("There is no word in it."))
        return search_for

    @property
    def complaints(self) -> list[str]:
        """A sentence for each value that is not used."""
        words = gettext("%(name)s: %(error)s It is not used here.")
        return [
            words % {"name": self.fields[name].label, "error": " ".join(map(str, errors))}
            for name, errors in self.errors.items()
        ]
