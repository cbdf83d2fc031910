from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone, translation

from wanstudio import limits
from wanstudio.logs import start_request
from wanstudio.upload import TooLarge
from wanstudio.views import too_large, too_many

if TYPE_CHECKING:
    from collections.abc import Callable
    from ipaddress import IPv4Address, IPv6Address

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    GetResponse = Callable[[HttpRequest], HttpResponseBase]

TAKE = re.compile(r"/(?:generations|clips)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/")


class ClientMiddleware:
    """Who asks, said once for limits, sessions and logs: after this, REMOTE_ADDR is the client's address.

    Behind proxies of ours (STUDIO_TRUSTED_PROXIES) that is the right-most address of X-Forwarded-For that is none of
    theirs. What others say of themselves in a proxy's headers is dropped.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        client = _address(request.META.get("REMOTE_ADDR", ""))
        said = request.META.pop("HTTP_X_FORWARDED_FOR", "").split(",")
        if not _is_ours(client):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        while _is_ours(client) and said and (before := _address(said.pop())):
            client = before
        request.META["REMOTE_ADDR"] = str(client or "")
        return self.get_response(request)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_ours(address: IPv4Address | IPv6Address | None) -> bool:
    return address is not None and any(address in network for network in settings.STUDIO_TRUSTED_PROXIES)


class LimitMiddleware:
    """What is too often or too large is answered with 429 or 413, and a sentence."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, TooLarge):
            return too_large(request, exception)
        return too_many(request, exception) if isinstance(exception, limits.TooOften) else None


class AboutMiddleware:
    """Log lines of a request about one take carry its id."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        take = TAKE.search(request.path)
        start_request(take[1] if take else "")
        return self.get_response(request)


class SessionEndedMiddleware:
    """A fragment asked for without a session answers 401 and reloads the page: a login page must not land in a card."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, *_: object) -> HttpResponse | None:
        is_fragment = getattr(request, "htmx", False) or request.headers.get("X-Requested-With") == "studio"
        if is_fragment and not request.user.is_authenticated and getattr(view, "login_required", True):
            return HttpResponse(status=401, headers={"HX-Refresh": "true"})
        return None


class PersonMiddleware:
    """Shows pages in the signed-in person's language and time zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        person = request.user
        if not person.is_authenticated:
            return self.get_response(request)
        if person.language in dict(settings.LANGUAGES):
            translation.activate(person.language)
            request.LANGUAGE_CODE = translation.get_language()
        zone = ZoneInfo(person.time_zone) if person.time_zone else timezone.get_default_timezone()
        with timezone.override(zone):
            return self.get_response(request)
