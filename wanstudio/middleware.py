from __future__ import annotations

import re
from inspect import getclosurevars
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlunsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions import middleware as sessions
from django.http import HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from wanstudio import limits, rooms
from wanstudio.http import parts_of
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


class SessionMiddleware(sessions.SessionMiddleware):
    """A cookie may name a session that PostgreSQL can't even look for; that one is nobody's."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if "\0" in (request.session.session_key or ""):
            request.session = self.SessionStore()


class AboutMiddleware:
    """Log lines of a request about one take carry its id."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        take = TAKE.search(request.path)
        start_request(take[1] if take else "")
        return self.get_response(request)


class SessionEndedMiddleware:
    """A session may end while its pages are open.

    A fragment asked for without one answers 401 and reloads the page: a login page must not land in a card. A form that
    is sent without one says so where one signs in, and leads back to its page, as its own address answers no GET.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, *args: object) -> HttpResponse | None:
        if request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        if getattr(request, "htmx", False) or request.headers.get("X-Requested-With") == "studio":
            return HttpResponse(status=401, headers={"HX-Refresh": "true"})
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return None
        messages.warning(
            request, _("You are signed out: what you wrote or pressed was not sent. Do it again after this.")
        )
        return redirect_to_login(_page_of(request))


def _page_of(request: HttpRequest) -> str:
    """The page that a form was sent from, if the browser tells and it can be looked at."""
    page = parts_of(request.headers.get("Referer"))
    ours = (f"{request.scheme}://{request.get_host()}", settings.STUDIO_BASE_URL)  # which differ behind a proxy
    if f"{page.scheme}://{page.netloc}" not in ours or not _answers_get(page.path):
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    return urlunsplit(("", "", page.path, page.query, ""))


def _answers_get(path: str) -> bool:
    """Whether Django's decorators let a GET through: a form that was refused stands at an address for posts only."""
    try:
        view: Callable | None = resolve(path).func
    except Resolver404:
        return False
    view_class = getattr(view, "view_class", None)
    if view_class and not hasattr(view_class, "get"):
        return False
    while view is not None:
        methods = getclosurevars(view).nonlocals.get("request_method_list", ["GET"])
        if "GET" not in methods:
            return False
        view = getattr(view, "__wrapped__", None)
    return True


class LanguageMiddleware(LocaleMiddleware):
    """Of what the browser asks for, what the page is translated into."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if not rooms.is_spoken(translation.get_language() or "", request.path_info):
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE


class PersonMiddleware:
    """Shows pages in the signed-in person's language and time zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        person = request.user
        if not person.is_authenticated:
            return self.get_response(request)
        if person.language and rooms.is_spoken(person.language, request.path_info):
            translation.activate(person.language)
            request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(person.zone):
            return self.get_response(request)
