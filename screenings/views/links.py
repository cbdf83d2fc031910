"""The links of a project: made, brought up to date, given a new address, revoked. Owners and editors may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
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

from accounts.models import User
from generations.bulk import NIL
from generations.forms import as_uuid
from generations.views.answers import asked_for, conflict
from screenings.forms import ChangeForm, LinkForm
from screenings.models import ShareLink
from screenings.models.share_link import MOST
from screenings.selection import Selection, Sources
from teams.access import visible_team
from teams.activity import record
from teams.models import EDITS
from wanstudio.context import studio_of
from wanstudio.http import page_number

if TYPE_CHECKING:
    from uuid import UUID

    from wanstudio.http import AuthenticatedRequest

PAGE = 100
FRESH = "screening-address"  # in the session until it has been shown once


@require_safe
@never_cache
def index(request: AuthenticatedRequest) -> TemplateResponse:
    """All links of a project, or of a `team` those that one person (`by`) made; a fresh address is shown this once.

    By `page`.
    """
    here = studio_of(request)
    if "team" in request.GET:
        context = _of_person(request)
    else:
        project = here.find(as_uuid(request.GET["project"])) if "project" in request.GET else here.here
        if project is None:
            raise Http404
        here.choose(project)
        context = {"project": project, "links": ShareLink.objects.filter(project=project), "can_edit": here.can_edit}
    number = page_number(request)
    links = list(context["links"].listed()[(number - 1) * PAGE : number * PAGE + 1])
    context |= {"links": links[:PAGE], "earlier": number - 1, "later": number + 1 if len(links) > PAGE else 0}
    context |= {"fresh": request.session.pop(FRESH, None), "back": request.get_full_path()}
    return TemplateResponse(request, "screenings/index.html", context)


def _of_person(request: AuthenticatedRequest) -> dict[str, Any]:
    """Of somebody who may have left the team; who made none there does not exist here."""
    team = visible_team(request.user, as_uuid(request.GET["team"]) or NIL)
    by = as_uuid(request.GET.get("by", "")) or NIL
    links = ShareLink.objects.visible_to(request.user).filter(project__team=team, created_by__uuid=by)
    person = User.objects.filter(uuid=by, pk__in=links.values("created_by")).first()
    if person is None:
        raise Http404
    return {"team": team, "person": person, "links": links, "can_edit": getattr(team, "role", None) in EDITS}


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: AuthenticatedRequest) -> HttpResponse:
    """`take` (many), `scene`, `collection`, or `all` of a `view` say what is shown; the rest is left out. With a
    `project` alone it is asked.

    A selection posts without a `name`, for many ids are too long for an address: that only asks.
    """
    values = request.POST if request.method == "POST" else request.GET
    is_sent = request.method == "POST" and "name" in request.POST
    selection = Selection(request.user, values)
    if selection.project is None:
        return _choose(request)
    studio_of(request).choose(selection.project)
    form = LinkForm(request.POST if is_sent else None, initial={"name": selection.name})
    if is_sent and selection.clips and form.is_valid():
        with transaction.atomic():
            token = selection.make(form)
        return _made(request, form.instance, token)
    context = {"form": form, "selection": selection, "project": selection.project, "most": MOST}
    status = 422 if is_sent else 200
    return TemplateResponse(request, "screenings/new.html", context, status=status)


def _choose(request: AuthenticatedRequest) -> HttpResponse:
    """What there is to show in a project: its scenes with clips, and the team's collections with some; `find` looks
    for others by their name.
    """
    here = studio_of(request)
    project = here.find(as_uuid(request.GET.get("project", "")))
    if project is None:
        raise Http404
    here.choose(project)
    if getattr(project, "role", None) not in EDITS:
        raise PermissionDenied(_("Only editors and owners share links."))
    sources = Sources.of(project, request.GET.get("find", ""))
    context = {"project": project, "all": f"project={project.uuid}&show=clips", "sources": sources}
    return TemplateResponse(request, "screenings/choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """What a link shows and allows, and for how long, changed behind the same address. What is revoked stays so."""
    link = _editable(request, uuid)
    studio_of(request).choose(link.project)
    form = ChangeForm(request.POST if request.method == "POST" else None, instance=link)
    is_sent = request.method == "POST" and form.is_valid()
    if link.revoked_at or (is_sent and not _change(form, by=request.user)):
        return conflict(request, _("This link is revoked. Make a new one."), back=asked_for(request) or _list_of(link))
    if is_sent:
        messages.success(request, _("Saved. The address stays the same."))
        return _back(request, link)
    context: dict[str, Any] = {"form": form, "link": link, "clips": link.watchable, "project": link.project}
    context["next"] = request.POST.get("next") or request.GET.get("next", "")
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "screenings/edit.html", context, status=status)


def _change(form: ChangeForm, *, by: User) -> bool:
    """False: it was revoked since the form was made."""
    link = form.instance
    with transaction.atomic():
        if not ShareLink.objects.select_for_update().filter(pk=link.pk, revoked_at=None).first():
            return False
        if form.has_changed() or form.has_run_out:
            form.save()
            record("link_changed", link.project, by=by, name=link.name)
    return True


@require_POST
def update(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Adds what the link's scene or collection has got since."""
    link = _editable(request, uuid)
    with transaction.atomic():
        added, left_out = link.bring_up_to_date()
        if added:
            record("link_updated", link.project, by=request.user, count=added, name=link.name)
    messages.success(request, _what_was_added(added, left_out))
    return _back(request, link)


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
    return _back(request, link)


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
    address = settings.STUDIO_BASE_URL + resolve_url("screenings:room", token)
    request.session[FRESH] = {"address": address, "name": link.name}
    return _back(request, link)


def _back(request: AuthenticatedRequest, link: ShareLink) -> HttpResponse:
    """To the list that it was pressed in."""
    return HttpResponseRedirect(asked_for(request) or _list_of(link), status=303)


def _list_of(link: ShareLink) -> str:
    return f"{resolve_url('screenings:index')}?project={link.project.uuid}"
