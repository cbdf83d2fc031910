from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.models import Theme

if TYPE_CHECKING:
    from wanstudio.http import AuthenticatedRequest


@require_POST
def preferences(request: AuthenticatedRequest) -> HttpResponse:
    """Theme and language from the person's menu; values we don't offer change nothing."""
    person = request.user
    if request.POST.get("theme") in Theme.values:
        person.theme = request.POST["theme"]
    if request.POST.get("language") in dict(settings.LANGUAGES):
        person.language = request.POST["language"]
    person.save(update_fields=["theme", "language"])
    if request.htmx:
        return HttpResponse(status=204)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = resolve_url(settings.LOGIN_REDIRECT_URL)
    return HttpResponseRedirect(back, status=303)
