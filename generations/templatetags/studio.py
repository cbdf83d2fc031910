"""Tags of all pages: icons of the sprite, and numbers as words."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

from generations import bundle, phrases
from generations.words import LOOKS

if TYPE_CHECKING:
    from decimal import Decimal

    from django.utils.safestring import SafeString

register = template.Library()
register.simple_tag(bundle.most, name="most_zipped")
register.filter("clock", phrases.clock)
register.filter("about", phrases.about)
register.filter("money", phrases.money)


@register.filter
def price(amount: Decimal, currency: str) -> str:
    return phrases.money(phrases.Price(amount, currency))


@register.filter
def price_left(amount: Decimal, currency: str) -> str:
    """Of what may be spent still, never a hair more than there is."""
    return phrases.money_left(phrases.Price(amount, currency))


@register.simple_tag
@cache
def icon(name: str, extra: str = "") -> SafeString:
    """A Lucide icon of static/icons.svg; decoration only, the words stand beside it."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {extra}" if extra else "",
        static("icons.svg"),
        name,
    )


@register.filter
def state(status: str) -> str:
    """The data-state that CSS knows for a status."""
    return LOOKS[status][0]


@register.filter
def state_icon(status: str) -> str:
    return LOOKS[status][1]
