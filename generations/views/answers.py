"""How an action is answered: a tile gets itself back, fresh, and a toast; a page gets a 303 and a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

from generations.cards import Deck

if TYPE_CHECKING:
    from generations.models import Generation
    from wanstudio.http import AuthenticatedRequest


def done(
    request: AuthenticatedRequest, take: Generation, sentence: str, *, made: Generation | None = None
) -> HttpResponse:
    """`made` is a new take: its page follows, unless the form names another."""
    if _is_tile(request):
        return _tile(request, take, sentence, made=made)
    messages.success(request, sentence)
    return see_other(_asked_for(request) or (made or take).get_absolute_url())


def not_done(request: AuthenticatedRequest, take: Generation, sentence: str) -> HttpResponse:
    """409: the page was older than the truth, or there is a reason against it. A fragment is brought up to date."""
    if _is_tile(request):
        return _tile(request, take, sentence, status=409)
    if not request.htmx:
        return conflict(request, sentence)
    messages.warning(request, sentence)
    return see_other(_asked_for(request) or take.get_absolute_url())


def conflict(request: AuthenticatedRequest, sentence: str) -> HttpResponse:
    """409 as a page of its own."""
    return render(request, "409.html", {"sentence": sentence}, status=409)


def _is_tile(request: AuthenticatedRequest) -> bool:
    return bool(request.htmx) and (request.htmx.target or "").startswith("take-")


def _tile(
    request: AuthenticatedRequest,
    take: Generation,
    sentence: str,
    *,
    made: Generation | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"card": Deck([take], can_edit=True).card(take), "sentence": sentence, "made": made}
    parts = ["generations/_take.html", "generations/_toast.html"]
    if take.trashed_at:
        del parts[0]
    return HttpResponse("".join(render_to_string(part, context, request) for part in parts), status=status)


def see_other(url: str) -> HttpResponse:
    """The page to read after something was done."""
    return HttpResponseRedirect(url, status=303)


def _asked_for(request: AuthenticatedRequest) -> str:
    """The form's `next`, if it is a page of ours."""
    url = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if is_ours else ""
