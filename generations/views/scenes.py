"""Scenes are renamed, and one is merged into another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generations import bulk
from generations.forms import as_uuid
from generations.models import Scene
from generations.models.scene import NAME_LENGTH
from generations.offers import to_merge_into, words_of
from generations.resettling import rename
from generations.views.answers import asked_for, conflict, see_other
from generations.views.bulk import answer
from teams.access import OnlyWatches
from teams.models import Project
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from uuid import UUID

    from wanstudio.http import AuthenticatedRequest


@require_safe
def scene_edit(request: AuthenticatedRequest, uuid: UUID) -> TemplateResponse:
    """The forms to rename and merge it; `find` narrows down the scenes that it can be merged into."""
    edited = _editable(request, uuid)
    studio_of(request).choose(edited.project)
    find = words_of(request.GET.get("find", ""))
    context = {"scene": edited, "others": to_merge_into(edited, find), "find": find, "length": NAME_LENGTH}
    template = "generations/_merge_into.html" if request.htmx.target == "merge-into" else "generations/scene_edit.html"
    return TemplateResponse(request, template, context)


@require_POST
def scene_rename(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    edited = _editable(request, uuid)
    name = " ".join(request.POST.get("name", "").replace("\0", "").split())
    if not name or len(name) > NAME_LENGTH:
        return conflict(
            request, _("A name has 1 to %(most)s characters.") % {"most": NAME_LENGTH}, back=_forms_of(edited)
        )
    rename(edited, name)
    return see_other(asked_for(request) or _address(edited))


@require_POST
def scene_merge(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """All its takes into the scene `into` of the same project; can be undone like any other bulk action."""
    merged = _editable(request, uuid)
    key = as_uuid(request.POST.get("into", ""))
    into = Scene.objects.filter(project=merged.project_id, uuid=key).first() if key else None
    if into is None or into.pk == merged.pk:
        return conflict(request, _("Choose another scene of this project."), back=_forms_of(merged))
    takes = list(merged.takes.filter(trashed_at=None).order_by("number").values_list("pk", flat=True))
    action = bulk.start("scene", {"scene": into.pk, "merged": merged.pk}, by=request.user, takes=takes)
    return answer(request, action, here=str(merged.project.uuid), view=f"scene={into.uuid}")


def _editable(request: AuthenticatedRequest, uuid: UUID) -> Scene:
    visible = Scene.objects.filter(project__in=Project.objects.visible_to(request.user))
    found = get_object_or_404(visible.select_related("project__team"), uuid=uuid)
    if not Project.objects.editable_by(request.user).filter(pk=found.project_id).exists():
        raise OnlyWatches
    return found


def _forms_of(scene: Scene) -> str:
    return reverse("generations:scene_edit", args=[scene.uuid])


def _address(scene: Scene) -> str:
    return f"{reverse('generations:studio')}?scene={scene.uuid}"
