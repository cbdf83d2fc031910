"""What the composer asks for while somebody writes: the vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from generations import vocabulary

if TYPE_CHECKING:
    from wanstudio.http import AuthenticatedRequest


@require_safe
def words(request: AuthenticatedRequest) -> TemplateResponse:
    """Chips for the composer; a page to read without script."""
    template = "generations/_words.html" if request.htmx else "generations/words.html"
    return TemplateResponse(request, template, {"vocabulary": vocabulary.load()})
