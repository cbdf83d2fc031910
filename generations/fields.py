"""Fields of the composer's forms."""

from __future__ import annotations

from typing import Any

from django import forms


class TextField(forms.CharField):
    """Browsers send line ends as two characters; Wan counts one."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(str(value or "").replace("\r\n", "\n").replace("\r", "\n")))


class WholeNumberField(forms.IntegerField):
    """One sentence for everything that is no whole number within the limits."""

    def __init__(self, *, sentence: Any, **kwargs: Any) -> None:
        words = dict.fromkeys(("required", "invalid", "min_value", "max_value"), sentence)
        super().__init__(error_messages=words, **kwargs)
