"""The request as our views see it: what the middleware puts on it, with types."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
