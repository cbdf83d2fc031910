"""Tags of the sign-in and account pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from django import template
from django.utils.text import Truncator

if TYPE_CHECKING:
    from django.forms import BoundField
    from django.template import Context
    from django.utils.safestring import SafeString

register = template.Library()
# The first sign that is found counts: most browsers name others as well.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@register.simple_tag
def bare(field: BoundField) -> SafeString:
    """The control without a placeholder: its label stands above it already."""
    return field.as_widget(attrs={"placeholder": False})


@register.simple_tag(takes_context=True)
def signup_is_open(context: Context) -> bool:
    return bool(get_adapter().is_open_for_signup(context["request"]))


@register.filter
def device(user_agent: str) -> str:
    """ "Firefox, Windows" of what a browser says of itself; all of it (to 110 characters) of an unknown one."""
    found = [next((name for sign, name in signs if sign in user_agent), "") for signs in (BROWSERS, SYSTEMS)]
    return ", ".join(found) if all(found) else Truncator(user_agent or "?").chars(110)
