"""How a press on a team or project page is answered: a 303 to a page with a sentence, or a 409 that says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect

from generations.views.answers import asked_for, conflict

if TYPE_CHECKING:
    from wanstudio.http import AuthenticatedRequest, Request


def done(request: Request, url: str, sentence: str) -> HttpResponse:
    """To the page that the form names as `next`, else to `url`."""
    messages.success(request, sentence)
    return HttpResponseRedirect(asked_for(request) or url, status=303)


def refused(request: AuthenticatedRequest, url: str, sentence: str) -> HttpResponse:
    if not request.htmx:
        return conflict(request, sentence, back=asked_for(request) or url)
    messages.warning(request, sentence)
    return HttpResponseRedirect(asked_for(request) or url, status=303)
