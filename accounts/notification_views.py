"""The bell's list: a page, a fragment of its menu, and the press that says it was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import notifying
from accounts.bell import NotificationList

if TYPE_CHECKING:
    from wanstudio.http import AuthenticatedRequest


@require_safe
@never_cache
def index(request: AuthenticatedRequest) -> TemplateResponse:
    """`before` is where the page before ended; for the bell's menu the first few."""
    context = {"notifications": NotificationList(request.user, request.GET.get("before", ""))}
    template = "accounts/_notifications_menu.html" if request.htmx else "accounts/notifications.html"
    return TemplateResponse(request, template, context)


@require_POST
def seen(request: AuthenticatedRequest) -> HttpResponse:
    """Everything up to `until`, which is the newest that the page showed."""
    until = request.POST.get("until", "")
    if until.isdecimal() and len(until) < 19:
        notifying.see(request.user, until=int(until))
    if request.htmx:
        context = {"notifications": NotificationList(request.user), "is_answer": True}
        return TemplateResponse(request, "accounts/_notifications_menu.html", context)
    return HttpResponseRedirect(reverse("notifications"), status=303)
