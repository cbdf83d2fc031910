"""The bell's list: a page, a fragment of its menu, and the press that says it was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import digests, notifying
from accounts.bell import NotificationList
from accounts.models import Digest
from wanstudio.http import whole_number

if TYPE_CHECKING:
    from wanstudio.http import AuthenticatedRequest, Request


@require_safe
@never_cache
def index(request: AuthenticatedRequest) -> TemplateResponse:
    """`before` is where the page before ended; for the bell's menu the first few."""
    context = {"notifications": NotificationList(request.user, request.GET.get("before", ""))}
    template = "accounts/_notifications_menu.html" if request.htmx else "accounts/notifications.html"
    return TemplateResponse(request, template, context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def digest_off(request: Request, token: str) -> TemplateResponse:
    """Where the link of a mail leads: whoever has it may end these mails, and nothing else."""
    person = digests.person_of(token)
    if person is None:
        raise Http404
    if request.method == "POST":
        digests.choose(person, Digest.OFF)
    return TemplateResponse(request, "accounts/digest_off.html", {"is_off": request.method == "POST"})


@require_POST
def seen(request: AuthenticatedRequest) -> HttpResponse:
    """Everything up to `until`, which is the newest that the page showed."""
    notifying.see(request.user, until=whole_number(request.POST.get("until", ""), digits=18))
    if request.htmx:
        context = {"notifications": NotificationList(request.user), "is_answer": True}
        return TemplateResponse(request, "accounts/_notifications_menu.html", context)
    return HttpResponseRedirect(reverse("notifications"), status=303)
