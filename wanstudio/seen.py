"""Text that can be seen: what signs without ink alone would call is a link that nobody finds."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

INK = ("L", "N", "P", "S")  # letters, digits, punctuation, symbols; not blanks, marks alone and signs of no width
BLANK = "\u2800\u3164\uffa0\u115f\u1160"  # letters and symbols by name only


def is_seen(text: str) -> bool:
    return any(unicodedata.category(sign).startswith(INK) and sign not in BLANK for sign in text)


def seen(text: str) -> None:
    """A validator for fields that are required: the field's own sentence is said."""
    if not is_seen(text):
        raise ValidationError("", code="required")


class NamedForm(forms.ModelForm):
    """Of a row that is called by its `name`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(seen)
