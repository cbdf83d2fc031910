"""How an action is answered: 303 to the page that asked, fresh and with a message; htmx takes from it what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

if TYPE_CHECKING:
    from generations.models import Generation
    from wanstudio.http import AuthenticatedRequest


def done(
    request: AuthenticatedRequest, take: Generation, sentence: str, *, made: Generation | None = None
) -> HttpResponse:
    """`made` is a new take: its page follows, unless the form names another."""
    messages.success(request, sentence)
    back = _asked_for(request)
    if request.htmx and made and not back:
        return HttpResponseClientRedirect(made.get_absolute_url())
    return _see_other(back or (made or take).get_absolute_url())


def not_done(request: AuthenticatedRequest, take: Generation, sentence: str) -> HttpResponse:
    """The page was older than the truth, or there is a reason against it. A fragment's page is brought up to date."""
    if not request.htmx:
        return conflict(request, sentence)
    messages.warning(request, sentence)
    return _see_other(_asked_for(request) or take.get_absolute_url())


def conflict(request: AuthenticatedRequest, sentence: str) -> HttpResponse:
    """409 as a page of its own."""
    return render(request, "409.html", {"sentence": sentence}, status=409)


def _see_other(url: str) -> HttpResponse:
    return HttpResponseRedirect(url, status=303)


def _asked_for(request: AuthenticatedRequest) -> str:
    """The form's `next`, if it is a page of ours."""
    url = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if is_ours else ""
