"""The links of a project: made, brought up to date, given a new address, revoked. Owners and editors may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, resolve_url
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations.forms import as_uuid
from screenings.forms import LinkForm
from screenings.models import ShareLink
from screenings.models.share_link import MOST
from screenings.selection import Selection
from teams.activity import record
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from uuid import UUID

    from wanstudio.http import AuthenticatedRequest

FRESH = "screening-address"  # in the session until it has been shown once


@require_safe
@never_cache
def index(request: AuthenticatedRequest) -> TemplateResponse:
    """All links of a project; a fresh address is shown this once."""
    here = studio_of(request)
    if "project" in request.GET:
        project = here.find(as_uuid(request.GET["project"]))
        if project is None:
            raise Http404
        here.choose(project)
    context = {
        "project": here.here,
        "links": ShareLink.objects.latest_of(here.here)[:200],
        "fresh": request.session.pop(FRESH, None),
        "can_edit": here.can_edit,
    }
    return TemplateResponse(request, "screenings/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: AuthenticatedRequest) -> HttpResponse:
    """`take` (many), `scene` or `collection` say what is shown; what is not there or not to be shown is left out."""
    values = request.POST if request.method == "POST" else request.GET
    selection = Selection(request.user, values)
    if selection.project is None:
        raise Http404
    studio_of(request).choose(selection.project)
    form = LinkForm(request.POST if request.method == "POST" else None, initial={"name": selection.name})
    if request.method == "POST" and selection.clips and form.is_valid():
        with transaction.atomic():
            token = selection.make(form)
        return _made(request, form.instance, token)
    context = {"form": form, "selection": selection, "project": selection.project, "most": MOST}
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "screenings/new.html", context, status=status)


@require_POST
def update(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Adds what the link's scene or collection has got since."""
    link = _editable(request, uuid)
    with transaction.atomic():
        added, left_out = link.bring_up_to_date()
        if added:
            record("link_updated", link.project, by=request.user, count=added, name=link.name)
    messages.success(request, _what_was_added(added, left_out))
    return _back(link)


@require_POST
def renew(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """A new address for an address that got lost or around; the old one stops at once."""
    link = _editable(request, uuid)
    token = link.renew_token()
    with transaction.atomic():
        link.save(update_fields=["token_hash"])
        record("link_renewed", link.project, by=request.user, name=link.name)
    return _made(request, link, token)


@require_POST
def revoke(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    link = _editable(request, uuid)
    revoked = {"revoked_at": timezone.now(), "revoked_by": request.user}
    with transaction.atomic():
        is_revoked = ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(**revoked)
        if is_revoked:
            record("link_revoked", link.project, by=request.user, name=link.name)
    if is_revoked:
        messages.success(request, _("Revoked. Its address shows nothing any more."))
    return _back(link)


def _what_was_added(added: int, left_out: int) -> str:
    sentence = ngettext("%(count)s clip added.", "%(count)s clips added.", added) % {"count": added}
    if not left_out:
        return sentence if added else _("There is nothing new to show.")
    full = ngettext(
        "A screening holds %(most)s clips, so %(count)s is left out: make another link for it.",
        "A screening holds %(most)s clips, so %(count)s are left out: make another link for them.",
        left_out,
    )
    return " ".join([*([sentence] if added else []), full % {"most": MOST, "count": left_out}])


def _editable(request: AuthenticatedRequest, uuid: UUID) -> ShareLink:
    links = ShareLink.objects.visible_to(request.user).select_related("project__team")
    link = get_object_or_404(links, uuid=uuid)
    if not type(link.project).objects.editable_by(request.user).filter(pk=link.project_id).exists():
        raise PermissionDenied(_("Only editors and owners share links."))
    return link


def _made(request: AuthenticatedRequest, link: ShareLink, token: str) -> HttpResponse:
    address = request.build_absolute_uri(resolve_url("screenings:room", token))
    request.session[FRESH] = {"address": address, "name": link.name}
    return _back(link)


def _back(link: ShareLink) -> HttpResponse:
    return HttpResponseRedirect(f"{resolve_url('screenings:index')}?project={link.project.uuid}", status=303)
