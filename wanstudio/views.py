from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseServerError, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from accounts.models import User
from generations import metrics as measured
from wanstudio import health
from wanstudio.limits import TooOften
from wanstudio.rooms import room_of
from wanstudio.upload import TooLarge

if TYPE_CHECKING:
    from django.http import HttpRequest

    from wanstudio.http import Request

LIBRARY_WAIT = 60  # seconds; its limits are by the minute


@login_not_required
@require_safe
def landing(request: Request) -> HttpResponse:
    """The door: to the studio, to the first account, to sign-in; in the demo a page with one button."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    if settings.STUDIO_DEMO:
        return TemplateResponse(request, "landing.html")
    return redirect("account_login" if User.objects.exists() else "account_signup")


@login_not_required
@never_cache
@require_safe
def healthz(request: Request) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: Request) -> JsonResponse:
    parts = health.parts()
    is_ready = all(part.is_ok for part in parts)
    body = {"ready": is_ready} | {part.name: {"ok": part.is_ok, "says": part.says} for part in parts}
    return JsonResponse(body, status=200 if is_ready else 503)


@requires_csrf_token
def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400. Rendered without the request, whose form can't be read."""
    return HttpResponseBadRequest(render_to_string("400.html", {"studio": {"room": room_of(request.path_info)}}))


@requires_csrf_token
def broken(request: HttpRequest) -> HttpResponse:
    """500. Nothing is looked up for it: the database may be what broke."""
    page = render_to_string("500.html", {"studio": {"room": room_of(request.path_info)}})
    return HttpResponseServerError(page)


def too_many(request: HttpRequest, reason: TooOften | None = None) -> HttpResponse:
    """429 as a page, or as a toast for a fragment. Without `reason` it is one of django-allauth's limits."""
    reason = reason or TooOften(LIBRARY_WAIT)
    response = _limited(request, 429, reason.sentence)
    response["Retry-After"] = str(reason.seconds)
    return response


def too_large(request: HttpRequest, reason: TooLarge) -> HttpResponse:
    """413 as a page, or as a toast for a fragment."""
    return _limited(request, 413, reason.sentence)


def _limited(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    is_fragment = getattr(request, "htmx", False)
    template = "_too_many.html" if is_fragment else f"{status}.html"
    response = render(request, template, {"sentence": sentence}, status=status)
    if is_fragment:
        response["HX-Retarget"], response["HX-Reswap"] = "#messages", "innerHTML"
    return response


@login_not_required
@never_cache
@require_safe
def metrics(request: Request) -> HttpResponse:
    """For Prometheus: with the bearer token that `manage.py metrics --token` prints, or an administrator's session."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    has_token = scheme.lower() == "bearer" and measured.is_token(token.strip())
    if not has_token and not (request.user.is_authenticated and request.user.is_staff):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(measured.exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4)
