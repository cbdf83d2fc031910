from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from accounts.forms import ProfileForm, ThemeForm
from accounts.models import User

if TYPE_CHECKING:
    from wanstudio.http import AuthenticatedRequest, Request

DEMO_EMAIL = "demo@example.com"
YEAR = 365 * 24 * 3600


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: AuthenticatedRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        response = redirect("accounts:profile")
        _remember_language(response, request.user.language)
        messages.success(request, _("Saved"))
        return response
    return TemplateResponse(request, "accounts/profile.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def theme(request: AuthenticatedRequest) -> HttpResponse:
    """Asked by the user menu, which has already changed the page: nothing to show."""
    form = ThemeForm(request.POST, instance=request.user)
    if not form.is_valid():
        return HttpResponse(_("There is no such appearance."), status=400, content_type="text/plain; charset=utf-8")
    form.save()
    return HttpResponse(status=204) if request.htmx else _back(request)


@login_not_required
@require_POST
def language(request: Request) -> HttpResponse:
    """Remembered by the browser, and by the person when one is signed in."""
    code = request.POST.get("language", "")
    if request.user.is_authenticated and code in settings.STUDIO_LANGUAGES:
        User.objects.filter(pk=request.user.pk).update(language=code)
    return set_language(request)


@login_not_required
@require_POST
def demo(request: Request) -> HttpResponse:
    """Sign in as the demo's one creator; there is no such door outside of the demo."""
    if not settings.STUDIO_DEMO:
        raise Http404
    person = User.objects.filter(email=DEMO_EMAIL).first()
    if person is None:
        person = User.objects.create_user(DEMO_EMAIL, name=_("Demo creator"))
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return _back(request)


def _remember_language(response: HttpResponse, code: str) -> None:
    """The cookie decides before somebody is known, on the sign-in page for example."""
    if code:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=YEAR, samesite="Lax", secure=settings.HTTPS)
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)


def _back(request: Request) -> HttpResponseRedirect:
    """303 to where the form says it came from, if that is a page of ours; else to the studio."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL), status=303)
