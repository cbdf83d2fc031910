"""Where a refused form leads: a page that comes back is opened at the first field that is wrong."""

from __future__ import annotations

from typing import Any

from django.forms import BoundField


class WrongField(BoundField):
    """For forms on pages of their own, as their `bound_field_class`; the browser goes to what has `autofocus`."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Any = None) -> dict[str, Any]:
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        if next((name for name in self.form.fields if name in self.form.errors), None) == self.name:
            built["autofocus"] = True
        return built
