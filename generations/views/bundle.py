"""Many clips as one ZIP: of a selection, a scene, a collection, or all that a view shows, which may be a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from generations.bulk import page_of
from generations.bundle import IN_ORDER, Bundle, most
from generations.forms import as_uuid
from generations.lens import Lens
from generations.models import Collection, Generation, Scene
from generations.views.answers import conflict
from teams.models import Project
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from generations.models.generation import GenerationQuerySet
    from wanstudio.http import AuthenticatedRequest


@require_http_methods(["GET", "HEAD", "POST"])  # nothing is changed; many ids are too long for an address
def bundle(request: AuthenticatedRequest) -> HttpResponseBase:
    """Of `take` ids, a `scene`, a `collection`, or a view (its address, as it is or as `view`)."""
    asked = request.POST or request.GET
    title, takes = _chosen(request, asked)
    made = Bundle(takes, title=title, user=request.user)
    if not made:
        return _refused(request, asked, _("There is no clip to download here yet."))
    if made.is_too_many:
        sentence = _(
            "These are more than %(most)s clips, too many for one ZIP. Filter them, by date for example, and "
            "download them in parts."
        )
        return _refused(request, asked, sentence % {"most": most()})
    headers = {"Content-Type": "application/zip", "Cache-Control": "private, no-store"}
    headers["Content-Disposition"] = content_disposition_header(True, made.file_name) or ""
    if made.size is not None:
        headers["Content-Length"] = str(made.size)
    if request.method == "HEAD":
        return HttpResponse(headers=headers)
    return StreamingHttpResponse(made, headers=headers)


def _refused(request: AuthenticatedRequest, asked: QueryDict, sentence: str) -> HttpResponse:
    """Leads back to what was to be downloaded."""
    view = asked.get("view", "" if "take" in asked else asked.urlencode())
    here = studio_of(request)
    project = here.find(as_uuid(QueryDict(view).get("project") or asked.get("here", ""))) or here.here
    return conflict(request, sentence, back=page_of(view, project))


def _chosen(request: AuthenticatedRequest, asked: QueryDict) -> tuple[str, GenerationQuerySet]:
    """What to call it, and its takes in order."""
    seen = Generation.objects.visible_to(request.user).kept()
    if "take" in asked and "all" not in asked:
        uuids = [uuid for uuid in map(as_uuid, asked.getlist("take")) if uuid]
        return _("Selection"), seen.filter(uuid__in=uuids).order_by(*IN_ORDER)
    view = QueryDict(asked.get("view", "")) if "view" in asked else asked
    if "scene" in view:
        projects = Project.objects.visible_to(request.user)
        scene = get_object_or_404(Scene, project__in=projects, uuid=as_uuid(view.get("scene", "")))
        return scene.name, seen.filter(scene=scene).order_by("number")
    if "collection" in view:
        collections = Collection.objects.visible_to(request.user)
        collection = get_object_or_404(collections, uuid=as_uuid(view.get("collection", "")))
        return collection.name, seen.filter(collected__collection=collection).order_by(
            "collected__place", "collected__pk"
        )
    project = get_object_or_404(Project.objects.visible_to(request.user), uuid=as_uuid(view.get("project", "")))
    return project.name, Lens.read(view, project).queryset(request.user).order_by(*IN_ORDER)
