"""Forms that change a row which others change, too."""

from __future__ import annotations

from typing import Any

from django.forms import BoundField, Field, ModelForm


class OwnColumns(ModelForm):
    """Of a row that is there only what was touched is written: the rest may have changed since it was read."""

    def save(self, commit: bool = True) -> Any:
        row = super().save(commit=False)
        if commit:
            row.save(update_fields=[name for name in self._meta.fields or () if name in self.changed_data])
        return row


class SinceShown(BoundField):
    """Touched is what differs from what the page showed, which comes along with it; without that, from the row now."""

    def _has_changed(self) -> bool:
        has_come = self.html_initial_name in self.form.data
        return bool(super()._has_changed() if has_come else self.field.has_changed(self.initial, self.data))  # type: ignore[misc]


def since_shown(field: Field) -> Field:
    field.show_hidden_initial = True
    field.bound_field_class = SinceShown
    return field
