"""The request as our views see it: what the middleware puts on it, with types."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django_htmx.middleware import HtmxDetails

    from accounts.models import User


class Request(HttpRequest):
    """Of a view that guests may open."""

    htmx: HtmxDetails
    user: User | AnonymousUser


class AuthenticatedRequest(Request):
    """Of every other view: LoginRequiredMiddleware has sent guests away."""

    user: User


def parts_of(address: str | None) -> SplitResult:
    """Of an address that a browser names; of one that is none, nothing."""
    try:
        return urlsplit(address or "")
    except ValueError:
        return urlsplit("")


def page_number(request: Request) -> int:
    """Of the `page` of a list, from 1; what makes no sense is the first."""
    typed = request.GET.get("page", "")
    return max(1, whole_number(typed, digits=5))


def whole_number(typed: str, *, digits: int, otherwise: int = 0) -> int:
    """Of what was typed; `otherwise` of anything else, and of longer numbers: of thousands of digits none is read."""
    return int(typed) if typed.isdecimal() and len(typed) <= digits else otherwise
