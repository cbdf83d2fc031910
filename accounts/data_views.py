"""A copy of one's data, and deleting one's account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import closing, copying
from accounts.models import DataCopy
from generations import storage
from generations.views.answers import conflict
from teams.people import Refused

if TYPE_CHECKING:
    from uuid import UUID

    from wanstudio.http import AuthenticatedRequest

LINK_SECONDS = 600


@require_safe
def data(request: AuthenticatedRequest) -> TemplateResponse:
    copies = DataCopy.objects.filter(user=request.user).order_by("-requested_at")
    return TemplateResponse(request, "accounts/data.html", {"copies": copies})


@require_POST
def request_copy(request: AuthenticatedRequest) -> HttpResponse:
    copying.request(request.user)
    if settings.EMAIL_URL:
        messages.success(request, _("Your copy is being written. You get a mail with the link."))
    else:
        messages.success(request, _("Your copy is being written. Reload this page in a moment to download it."))
    return redirect("accounts:data")


@require_safe
def download(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse | FileResponse:
    copy = get_object_or_404(DataCopy, user=request.user, uuid=uuid, ready_at__isnull=False)
    name = "wan-studio-my-data.zip"
    path = storage.local_path(copy.storage, copy.key)
    if path:
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)
    if copy.storage == "local":
        raise Http404
    return HttpResponseRedirect(storage.signed_url(copy.storage, copy.key, expires=LINK_SECONDS, download_name=name))


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def delete(request: AuthenticatedRequest) -> HttpResponse:
    """What it would do is said first; `sure` is the box beside the button."""
    if request.method != "POST":
        return TemplateResponse(request, "accounts/delete.html", {"after": closing.consequences(request.user)})
    if request.POST.get("sure") != "yes":
        messages.warning(request, _("Tick the box first: you delete your account with this button."))
        return redirect("accounts:delete")
    try:
        closing.close(request.user)
    except Refused as refusal:
        return conflict(request, refusal.sentence)
    logout(request)
    messages.success(request, _("Your account is deleted. For 30 days an administrator can bring it back."))
    return redirect("account_login")
