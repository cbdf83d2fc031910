"""Many clips as one ZIP: of a selection, a scene, a collection, or all that a view shows, which may be a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from generations.bundle import MOST, Bundle
from generations.forms import as_uuid
from generations.lens import Lens
from generations.models import Collection, Generation, Scene
from generations.views.answers import conflict
from teams.models import Project

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from generations.models.generation import GenerationQuerySet
    from wanstudio.http import AuthenticatedRequest

IN_ORDER = ("-scene__latest_take_at", "-scene", "number")


@require_http_methods(["GET", "HEAD", "POST"])  # nothing is changed; many ids are too long for an address
def bundle(request: AuthenticatedRequest) -> HttpResponseBase:
    """Of `take` ids, a `scene`, a `collection`, or a view (its address, as it is or as `view`)."""
    title, takes = _chosen(request, request.POST or request.GET)
    made = Bundle(takes, title=title, user=request.user)
    if not made:
        return conflict(request, _("There is no clip to download here yet."))
    headers = {"Content-Type": "application/zip", "Cache-Control": "private, no-store"}
    headers["Content-Disposition"] = content_disposition_header(True, made.file_name) or ""
    if made.size is not None:
        headers["Content-Length"] = str(made.size)
    if request.method == "HEAD":
        return HttpResponse(headers=headers)
    return StreamingHttpResponse(made, headers=headers)


def _chosen(request: AuthenticatedRequest, asked: QueryDict) -> tuple[str, GenerationQuerySet]:
    """What to call it, and its takes in order."""
    seen = Generation.objects.visible_to(request.user).kept()
    if "take" in asked and "all" not in asked:
        uuids = [uuid for uuid in map(as_uuid, asked.getlist("take")[:MOST]) if uuid]
        return _("Selection"), seen.filter(uuid__in=uuids).order_by(*IN_ORDER)
    if "scene" in asked:
        projects = Project.objects.visible_to(request.user)
        scene = get_object_or_404(Scene, project__in=projects, uuid=as_uuid(asked.get("scene", "")))
        return scene.name, seen.filter(scene=scene).order_by("number")
    if "collection" in asked and "all" not in asked:
        collection = get_object_or_404(
            Collection.objects.visible_to(request.user), uuid=as_uuid(asked.get("collection", ""))
        )
        return collection.name, seen.filter(collected__collection=collection).order_by(
            "collected__place", "collected__pk"
        )
    view = QueryDict(asked.get("view", "")) if "view" in asked else asked
    project = get_object_or_404(Project.objects.visible_to(request.user), uuid=as_uuid(view.get("project", "")))
    return project.name, Lens.read(view, project).queryset(request.user).order_by(*IN_ORDER)
