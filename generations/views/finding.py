"""What goes beside the grid: counts of the choices, and views that a person keeps under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, resolve_url
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generations.bulk import page_of
from generations.facets import Facets
from generations.forms import as_uuid
from generations.lens import Lens
from generations.models import SavedSearch
from generations.panel import Panel
from generations.views.answers import asked_for, see_other
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from uuid import UUID

    from teams.models import Project
    from wanstudio.http import AuthenticatedRequest

MOST_SEARCHES = 50
NAME_LENGTH = 60


@require_safe
def facets(request: AuthenticatedRequest) -> TemplateResponse:
    """The choices with their counts, people and tags: fragments for the page that shows the view, or a page.
    `find_person` and `find_tag` look for others than those of the most takes."""
    here = studio_of(request)
    project = _project(request, request.GET.get("project", ""))
    here.choose(project)
    lens = Lens.read(request.GET, project)
    find = {name: request.GET.get(f"find_{name}", "") for name in ("person", "tag")}
    is_whole = request.htmx.target not in ("shows", "found-person", "found-tag")
    counted = Facets(lens, request.user, find=find, currency=here.currency, whole=is_whole)
    panel = Panel(lens, counted, currency=here.currency)
    context = {"lens": lens, "panel": panel, "project": project}
    if request.htmx.target in ("found-person", "found-tag"):
        context |= {"names": panel.found(request.htmx.target.removeprefix("found-")), "form_id": "find"}
        return TemplateResponse(request, "generations/_facet_names.html", context)
    template = "generations/_counted.html" if request.htmx else "generations/facets.html"
    if request.htmx and request.htmx.target == "shows":  # takes came or ended: only the counts in sight are old
        template = "generations/_recounted.html"
    return TemplateResponse(request, template, context)


@require_safe
def searches(request: AuthenticatedRequest) -> TemplateResponse:
    """A person's saved searches; `view` is the one on screen, which may be saved, and which the page leads back to."""
    query, here = request.GET.get("view", ""), studio_of(request)
    here.choose_named(QueryDict(query).get("project", ""))
    context = {
        "searches": request.user.saved_searches.order_by("name", "pk")[:MOST_SEARCHES],
        "view": query,
        "back": page_of(query, here.here),
    }
    return TemplateResponse(request, "generations/searches.html", context)


@require_POST
def save(request: AuthenticatedRequest) -> HttpResponse:
    """The view of `view` under `name`; what makes no sense in it is left out."""
    view, name = request.POST.get("view", ""), _name(request)
    project = _project(request, *parse_qs(view).get("project", [""])[:1])
    lens = Lens.read(view, project)
    if not name:
        messages.warning(request, _("Give the search a name."))
    elif request.user.saved_searches.count() >= MOST_SEARCHES:
        messages.warning(request, _("You have as many saved searches as fit. Delete one first."))
    else:
        SavedSearch.objects.create(person=request.user, project=project, name=name, query=lens.query)
        messages.success(request, _("Saved as “%(name)s”.") % {"name": name})
    return HttpResponseRedirect(f"{resolve_url('generations:studio')}?{lens.query}", status=303)


@require_POST
def rename(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(SavedSearch, uuid=uuid, person=request.user)
    name = _name(request)
    if name:
        SavedSearch.objects.filter(pk=found.pk).update(name=name)
        messages.success(request, _("Renamed."))
    else:
        messages.warning(request, _("Give the search a name."))
    return see_other(asked_for(request) or resolve_url("generations:searches"))


@require_POST
def delete(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    get_object_or_404(SavedSearch, uuid=uuid, person=request.user).delete()
    messages.success(request, _("The search is deleted. The clips are not."))
    return see_other(asked_for(request) or resolve_url("generations:searches"))


def _name(request: AuthenticatedRequest) -> str:
    return " ".join(request.POST.get("name", "").replace("\0", "").split())[:NAME_LENGTH]


def _project(request: AuthenticatedRequest, uuid: str) -> Project:
    project = studio_of(request).find(as_uuid(uuid))
    if project is None:
        raise Http404
    return project
