"""How what was said is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from screenings import mentions

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from screenings.forms import Refused
    from screenings.models import Comment

register = template.Library()


@register.filter
def said(comment: Comment) -> SafeString:
    """Escaped, with the people that it mentions marked."""
    return mentions.marked(comment.text, comment.mentioned)


@register.filter
def of_thread(refused: Refused | None, comment: Comment) -> Refused | None:
    """What was written to answer this comment and not taken."""
    return refused if refused and refused.parent == str(comment.uuid) else None
