"""How an action is answered: with htmx the part of the page that asked, fresh, and a toast; else a way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django_htmx.http import HttpResponseClientRedirect

from generations.views.clip import clip_context

if TYPE_CHECKING:
    from generations.models import Generation
    from wanstudio.http import AuthenticatedRequest


def conflict(request: AuthenticatedRequest, sentence: str) -> HttpResponse:
    """409 as a page of its own."""
    return render(request, "409.html", {"sentence": sentence}, status=409)


def done(
    request: AuthenticatedRequest, take: Generation, sentence: str, *, made: Generation | None = None, undo: str = ""
) -> HttpResponse:
    """`made` is a new take, whose page follows; `undo` the URL that takes it back."""
    on_page = not request.htmx or request.htmx.target == "clip"
    if request.htmx and not (made and on_page):
        return _fresh(request, take, sentence, undo=undo, made=made)
    messages.success(request, sentence)
    url = (made or take).get_absolute_url()
    return HttpResponseClientRedirect(url) if request.htmx else HttpResponseRedirect(url, status=303)


def not_done(request: AuthenticatedRequest, take: Generation, sentence: str) -> HttpResponse:
    """409: the state on the page was older than the truth, or there is a reason against it."""
    if not request.htmx:
        return conflict(request, sentence)
    response = _fresh(request, take, sentence)
    response.status_code = 409
    return response


def _fresh(
    request: AuthenticatedRequest, take: Generation, sentence: str, *, undo: str = "", made: Generation | None = None
) -> HttpResponse:
    """The page's middle, or the tile of a grid (none for what went to the trash), and the toast beside it."""
    context = clip_context(request, take) | {"sentence": sentence, "undo": undo, "made": made}
    if request.htmx.target == "clip":
        part = "generations/detail.html#clip"
    elif take.trashed_at:
        part = ""
    else:
        part = "generations/_take.html"
    fresh = render_to_string(part, context, request) if part else ""
    return HttpResponse(fresh + render_to_string("generations/_toast.html", context, request))
