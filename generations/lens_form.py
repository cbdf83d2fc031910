"""The choices of a view of the library, as its address names them. What makes no sense is said and not used."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashscope_client import catalogue
from generations import search
from generations.forms import as_uuid
from generations.models import Favourite
from generations.models.generation import MOST_STARS, UNFINISHED, Pick, Status
from generations.models.tag import TAG_LENGTH
from screenings.models import Comment, Verdict, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_stubs_ext import StrOrPromise

    from accounts.models import User

MODEL = catalogue.MODELS[catalogue.DEFAULT_MODEL]
SEARCH_LENGTH = 300
MOST_NAMES = 10
DAYS = (MinValueValidator(date(1000, 1, 1)), MaxValueValidator(date(9000, 1, 1)))  # with room for zones and a day more
UNSUCCESSFUL = (Status.FAILED, Status.CANCELED, Status.LOST)


class Scope(TextChoices):
    PROJECT = "", _("This project")
    TEAM = "team", _("Whole team")
    MINE = "mine", _("Mine")


class Sort(TextChoices):
    NEWEST = "", _("Newest first")
    OLDEST = "oldest", _("Oldest first")
    LONGEST = "longest", _("Longest first")
    RATING = "rating", _("Best rated first")


def _liked_by(user: User) -> Q:
    return Q(pk__in=Favourite.objects.filter(person=user).values("generation"))


def _with_verdict(word: str) -> Q:
    """Found among the verdicts, which are few, and then looked at: older verdicts don't count."""
    return Q(pk__in=Verdict.objects.filter(word=word).values("generation"), verdict=word)


def _to_review(_user: User) -> Q:
    """Clips that wait for somebody: picked, talked about or sent back, and neither approved nor rejected."""
    talked_about = Q(pk__in=Comment.objects.filter(parent=None, settled_at=None).exclude(text="").values("generation"))
    waits = Q(pick=Pick.PICKED) | talked_about | _with_verdict(Word.CHANGES)
    return Q(status=Status.READY) & waits & ~Q(pick=Pick.REJECTED) & ~Q(verdict=Word.APPROVED)


class Show(NamedTuple):
    label: StrOrPromise
    condition: Callable[[User], Q]


SHOWS = {
    "": Show(_("All"), lambda _user: Q()),
    "clips": Show(_("Clips"), lambda _user: Q(status=Status.READY)),
    "favourites": Show(_("Favourites"), _liked_by),
    "picked": Show(_("Picked"), lambda _user: Q(pick=Pick.PICKED)),
    "review": Show(_("To review"), _to_review),
    "approved": Show(_("Approved"), lambda _user: _with_verdict(Word.APPROVED)),
    "working": Show(_("In progress"), lambda _user: Q(status__in=UNFINISHED)),
    "failed": Show(_("Failed"), lambda _user: Q(status__in=UNSUCCESSFUL)),
}


class NamesField(forms.MultipleChoiceField):
    """Names that somebody gave, not of a list that is known here."""

    def valid_value(self, value: str) -> bool:
        return 0 < len(value) <= TAG_LENGTH and "\0" not in value

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if len(value) > MOST_NAMES:
            raise forms.ValidationError(_("These are too many at once."))


class PeopleField(NamesField):
    def valid_value(self, value: str) -> bool:
        return as_uuid(value) is not None


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
    ended = forms.MultipleChoiceField(
        label=_("Without a clip"), required=False, choices=[(status.value, status.label) for status in UNSUCCESSFUL]
    )
    resolution = forms.MultipleChoiceField(label=_("Resolution"), required=False, choices=_same(MODEL.resolutions))
    ratio = forms.MultipleChoiceField(label=_("Ratio"), required=False, choices=_same(MODEL.ratios))
    min_seconds = forms.IntegerField(label=_("Seconds from"), required=False, min_value=0, max_value=3600)
    max_seconds = forms.IntegerField(label=_("Seconds to"), required=False, min_value=0, max_value=3600)
    board = forms.BooleanField(label=_("Several shots"), required=False)
    audio = forms.BooleanField(label=_("With your audio"), required=False)
    rating = forms.IntegerField(label=_("Stars from"), required=False, min_value=1, max_value=MOST_STARS)
    tag = NamesField(label=_("Tag"), required=False)
    person = PeopleField(label=_("Person"), required=False)
    since = forms.DateField(label=_("Made from"), required=False, validators=DAYS)
    until = forms.DateField(label=_("Made until"), required=False, validators=DAYS)
    min_price = forms.DecimalField(label=_("Price from"), required=False, min_value=0, max_digits=10, decimal_places=4)
    max_price = forms.DecimalField(label=_("Price to"), required=False, min_value=0, max_digits=10, decimal_places=4)
    currency = forms.RegexField("^[A-Z]{3}$", label=_("Currency"), required=False)  # of both prices

    def clean_q(self) -> str:
        search_for = str(self.cleaned_data["q"])
        if search_for and not search.pieces(search_for):
            raise forms.ValidationError(_("There is no word in it."))
        return search_for

    @property
    def complaints(self) -> list[str]:
        """A sentence for each value that is not used, and for each word of a search."""
        words = gettext("%(name)s: %(error)s It is not used here.")
        unused = [
            words % {"name": self.fields[name].label, "error": " ".join(map(str, errors))}
            for name, errors in self.errors.items()
        ]
        joined = gettext(
            "Search: every word must be there, so “%(word)s” between them means nothing. A minus before a word keeps "
            "clips with it out."
        )
        return unused + [joined % {"word": word} for word in search.joins(self.cleaned_data.get("q", ""))]
