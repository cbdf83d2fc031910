"""What the composer asks for while somebody writes: the vocabulary, and what a press would lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from generations import promise as promises
from generations import vocabulary
from generations.forms import as_uuid
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from wanstudio.http import AuthenticatedRequest


@require_safe
def words(request: AuthenticatedRequest) -> TemplateResponse:
    """Chips for the composer; a page to read without script."""
    template = "generations/_words.html" if request.htmx else "generations/words.html"
    return TemplateResponse(request, template, {"vocabulary": vocabulary.load()})


@require_safe
def promise(request: AuthenticatedRequest) -> TemplateResponse:
    """For `project`, `resolution`, `duration` and `takes`; empty when they are not sensible."""
    here = studio_of(request)
    project = here.find(as_uuid(request.GET.get("project", "")))
    if project is None:
        raise Http404
    here.choose(project)
    asked = (request.GET.get(name, "") for name in promises.ASKED)
    lines = promises.words(here.account, *asked, user=request.user, project=project)
    context = {"promise": lines, "digest": promises.digest(lines, here.purse, here.account)}
    return TemplateResponse(request, "generations/_promise.html", context)
