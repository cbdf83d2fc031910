"""Drafts: saved as they are typed (by the script), or by the buttons of the form (without it)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generations import composing, drafts, typed
from generations.forms import as_uuid
from generations.models import Draft
from generations.models.draft import Kind
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from teams.models import Project
    from wanstudio.http import AuthenticatedRequest

STEPS = ("save-draft", "keep-draft", "take-over-draft", "new-draft")
STEPS_ABOUT_ONE = ("open-draft", "open-sheet", "discard-draft", "restore-draft", "put-back-draft")  # with its UUID


@require_POST
def save(request: AuthenticatedRequest) -> HttpResponse:
    """What the form holds, as a draft. 409 with the choices when another page has changed it."""
    project = _project(request, request.POST.get("project"))
    hold = drafts.Hold.read(request.POST)
    try:
        draft = drafts.save(hold, typed.everything(request.POST), user=request.user, project=project)
    except drafts.Changed as changed:
        context = {"changed": changed.draft, "fresh": hold.renewed().uuid, "project": project}
        return TemplateResponse(request, "generations/_draft_changed.html", context, status=409)
    if draft is None:
        return JsonResponse({"draft": str(hold.uuid), "version": 0, "said": ""})
    moved = hold.version > 0 and draft.uuid != hold.uuid
    answer = {"draft": str(draft.uuid), "version": draft.version, "turn": draft.turn, "said": drafts.saved_words(draft)}
    if moved:
        answer["note"] = _("This draft was sent or discarded elsewhere. What stands here is kept as a new one.")
    return JsonResponse(answer)


@require_safe
def shelf(request: AuthenticatedRequest) -> TemplateResponse:
    """The menu's list, fresh, or what is older than `before`; as a page to somebody without script. To a call sheet's
    page, which says which one it holds, that of sheets.
    """
    project = _project(request, request.GET.get("project"))
    studio_of(request).choose(project)
    is_sheets, before = "sheets" in request.GET, request.GET.get("before", "")
    kinds = [Kind.SHEET] if is_sheets else Kind.values
    context = {
        "shelf": drafts.shelf(request.user, project, kinds, before=before),
        "is_further_on": bool(before),
        "project": project,
        "current": as_uuid(request.GET.get("draft", "")),
        "is_sheets": is_sheets,
    }
    template = "generations/_drafts.html" if request.htmx else "generations/drafts.html"
    return TemplateResponse(request, template, context)


def step(request: AuthenticatedRequest, do: str, name: str) -> HttpResponse:
    """A button of the drafts, in a form: what was typed is saved before anything else is shown."""
    project = studio_of(request).here
    hold = drafts.Hold.read(request.POST)
    if do == "discard-draft" and name in ("", str(hold.uuid)):
        drafts.discard(hold, request.user)
        return _see(project, draft="new", discarded=str(hold.uuid))
    hold = drafts.decided(hold, do, request.user)
    try:
        saved = drafts.save(hold, typed.everything(request.POST), user=request.user, project=project)
    except drafts.Changed as changed:
        return _ask(request, changed.draft)
    here = str(saved.uuid) if saved else "new"
    if do == "discard-draft":
        drafts.discard(hold.of_another(as_uuid(name)), request.user)
        return _see(project, draft=here, discarded=name, beside="")
    if do in ("restore-draft", "put-back-draft"):
        back = drafts.bring_back(as_uuid(name), request.user)
        if back and do == "put-back-draft":
            messages.success(request, drafts.put_back_words(back))
        return _see(project, draft=name if do == "restore-draft" else here)
    if do == "open-sheet":
        return _see(project, "generations:sheet", draft=name)
    return _see(project, draft=name or ("new" if do == "new-draft" else here))


def _ask(request: AuthenticatedRequest, changed: Draft) -> HttpResponse:
    """409: the page again with what was typed, and the choices."""
    from generations.views.studio import page

    here = studio_of(request)
    again = composing.rearranged(request, here.here, request.user, here.account, None)
    again.changed_draft = changed
    return page(request, again, status=409)


def _see(project: Project, page: str = "generations:studio", **query: str) -> HttpResponse:
    address = f"{reverse(page)}?{urlencode({'project': str(project.uuid), **query})}"
    return HttpResponseRedirect(address, status=303)


def _project(request: AuthenticatedRequest, name: Any) -> Project:
    """One that the person may write in; 404 for others: there is nothing to save in them."""
    here = studio_of(request)
    project = here.find(as_uuid(name or ""))
    if project is None or not here.may_edit(project):
        raise Http404
    return project
