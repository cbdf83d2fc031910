"""Forms that change a row which others change, too."""

from __future__ import annotations

from typing import Any

from django.forms import ModelForm


class OwnColumns(ModelForm):
    """Of a row that is there only what was touched is written: the rest may have changed since it was read."""

    def save(self, commit: bool = True) -> Any:
        row = super().save(commit=False)
        if commit:
            row.save(update_fields=[name for name in self._meta.fields or () if name in self.changed_data])
        return row
