"""Tags of the sign-in and account pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from django import template

if TYPE_CHECKING:
    from django.forms import BoundField
    from django.template import Context
    from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def bare(field: BoundField) -> SafeString:
    """The control without a placeholder: its label stands above it already."""
    return field.as_widget(attrs={"placeholder": False})


@register.simple_tag(takes_context=True)
def signup_is_open(context: Context) -> bool:
    return bool(get_adapter().is_open_for_signup(context["request"]))
