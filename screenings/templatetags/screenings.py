"""How what was said is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from screenings import mentions

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from screenings.models import Comment

register = template.Library()


@register.filter
def said(comment: Comment) -> SafeString:
    """Escaped, with the people that it mentions marked."""
    return mentions.marked(comment.text, comment.mentioned)
