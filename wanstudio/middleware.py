from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone, translation

from wanstudio.logs import start_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    GetResponse = Callable[[HttpRequest], HttpResponseBase]

TAKE = re.compile(r"/(?:generations|clips)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/")


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
