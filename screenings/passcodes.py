"""What makes the passcode of a screening weak: who has the link would hit upon it within a few days of trying."""

from __future__ import annotations

from functools import cache

from django.contrib.auth.password_validation import CommonPasswordValidator, NumericPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LEAST = 8  # characters: what 60 tries a day can't get through (docs/adr/0010)
MOST = 64
FEW = 3  # different ones are a pattern


def weakness(passcode: str) -> str:
    """A sentence; "" of one that will do."""
    if not LEAST <= len(passcode) <= MOST:
        return _("8 to 64 characters, or none.")
    if not _passes(NumericPasswordValidator(), passcode):
        return _("Digits alone are guessed too soon. Add letters.")
    if len(set(passcode.lower())) <= FEW or not _passes(_common(), passcode):
        return _("This is one of the first that somebody would try. Take another one.")
    return ""


@cache
def _common() -> CommonPasswordValidator:
    """Reads its list of twenty thousand once."""
    return CommonPasswordValidator()


def _passes(validator: CommonPasswordValidator | NumericPasswordValidator, passcode: str) -> bool:
    try:
        validator.validate(passcode)
    except ValidationError:
        return False
    return True
