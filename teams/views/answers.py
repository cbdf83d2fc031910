"""How a press on a team or project page is answered: a 303 to a page with a sentence, or a 409 that says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from generations.views.answers import conflict

if TYPE_CHECKING:
    from wanstudio.http import AuthenticatedRequest, Request


def done(request: Request, url: str, sentence: str) -> HttpResponse:
    """To the page that the form names as `next`, else to `url`."""
    messages.success(request, sentence)
    return HttpResponseRedirect(_asked_for(request) or url, status=303)


def refused(request: AuthenticatedRequest, url: str, sentence: str) -> HttpResponse:
    if not request.htmx:
        return conflict(request, sentence)
    messages.warning(request, sentence)
    return HttpResponseRedirect(_asked_for(request) or url, status=303)


def _asked_for(request: Request) -> str:
    url = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if is_ours else ""
