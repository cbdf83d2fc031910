"""How an action is answered: a tile gets itself back, fresh, and a toast; a page gets a 303 and a message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from generations.access import can_edit
from generations.cards import Deck
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generations.models import Generation
    from teams.models import Project
    from wanstudio.http import AuthenticatedRequest, Request


@dataclass(frozen=True)
class Undo:
    """The action, by its URL's name, and its fields that take back what was just done to a take."""

    name: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def done(
    request: AuthenticatedRequest,
    take: Generation,
    sentence: str,
    *,
    made: Generation | None = None,
    undo: Undo | None = None,
) -> HttpResponse:
    """`made` is a new take: its page follows, unless the form names another. `undo` is offered in a tile's toast.

    After a tile the counts above the grid are asked for again.
    """
    if _is_tile(request):
        response = _tile(request, take, sentence, made=made, undo=undo)
        response["HX-Trigger"] = "recount"
        return response
    messages.success(request, sentence)
    return see_other(asked_for(request) or (made or take).get_absolute_url())


def not_done(request: AuthenticatedRequest, take: Generation, sentence: str) -> HttpResponse:
    """409: the page was older than the truth, or there is a reason against it. A fragment is brought up to date."""
    if _is_tile(request):
        return _tile(request, take, sentence, status=409)
    if not request.htmx:
        return conflict(request, sentence)
    messages.warning(request, sentence)
    return see_other(asked_for(request) or take.get_absolute_url())


def other_price(request: AuthenticatedRequest, take: Generation, sentence: str) -> HttpResponse:
    """Nothing was made, for the page showed another price: the tile or the take's page shows the new one."""
    if _is_tile(request):
        return _tile(request, take, sentence, status=409)
    messages.warning(request, sentence)
    return see_other(take.get_absolute_url())


def conflict(request: AuthenticatedRequest, sentence: str, *, back: str = "") -> HttpResponse:
    """409 as a page of its own, which leads to `back`, or else to the studio."""
    return render(request, "409.html", {"sentence": sentence, "back": back}, status=409)


def _is_tile(request: AuthenticatedRequest) -> bool:
    return bool(request.htmx) and (request.htmx.target or "").startswith("take-")


def _tile(
    request: AuthenticatedRequest,
    take: Generation,
    sentence: str,
    *,
    made: Generation | None = None,
    undo: Undo | None = None,
    status: int = 200,
) -> HttpResponse:
    """In the place of a take that went to the trash a hidden one remains, for an undo to bring it back there."""
    card = Deck([take], can_edit=can_edit(request.user, take)).card(take)
    address = reverse(undo.name, args=[take.uuid]) if undo else ""
    context = {"card": card, "take": take, "sentence": sentence, "made": made, "undo": undo, "address": address}
    parts = ["generations/_gone.html" if take.trashed_at else "generations/_take.html", "generations/_toast.html"]
    return HttpResponse("".join(render_to_string(part, context, request) for part in parts), status=status)


def is_from_tray(request: AuthenticatedRequest) -> bool:
    """Its buttons aim at the whole page, so they name no target."""
    return bool(request.htmx) and request.htmx.target is None


def tray(request: AuthenticatedRequest, project: Project, sentence: str, *, status: int = 200) -> HttpResponse:
    """The queue of the project's team as it is now, and a toast."""
    here = studio_of(request)
    here.choose_named(str(project.uuid))
    context = {"queue": here.queue, "oob": True, "sentence": sentence}
    parts = ["generations/_queue_tray.html", "generations/_queue_pill.html", "generations/_toast.html"]
    return HttpResponse("".join(render_to_string(part, context, request) for part in parts), status=status)


def see_other(url: str) -> HttpResponse:
    """The page to read after something was done."""
    return HttpResponseRedirect(url, status=303)


def asked_for(request: Request) -> str:
    """The form's `next`, if it is a page of ours."""
    url = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if is_ours else ""
