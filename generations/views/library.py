"""The composer's library: templates, presets of what to keep out, and what one has written before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generations import blanks
from generations.forms import as_uuid
from generations.history import History
from generations.models import Scene, Template
from generations.models.template import NAME_LENGTH, Kind
from generations.typed import plain
from generations.views.answers import see_other
from teams.access import OnlyWatches
from teams.activity import record
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from teams.models import Project
    from wanstudio.context import Studio
    from wanstudio.http import AuthenticatedRequest

FILLED = "filled-template"  # in the session: prompts never stand in addresses


@require_safe
def templates(request: AuthenticatedRequest) -> TemplateResponse:
    """Own ones, and those shared with the project."""
    return _shelf(request, _choose(request))


def _shelf(
    request: AuthenticatedRequest, here: Studio, *, refused: Template | None = None, given: Sequence[blanks.Blank] = ()
) -> TemplateResponse:
    """`given` is what was typed into the blanks of `refused`, with what is wrong about it."""
    changeable = set(Template.objects.changeable_by(request.user).values_list("pk", flat=True))
    offered = Template.objects.visible_to(request.user).offered_in(here.here).select_related("owner")
    rows = [(each, given if each == refused else _blanks(each), each.pk in changeable) for each in offered]
    context = {
        "project": here.here,
        "recipes": [row for row in rows if row[0].kind == Kind.RECIPE],
        "presets": [row for row in rows if row[0].kind == Kind.NEGATIVE],
        "can_edit": here.can_edit,
    }
    return TemplateResponse(request, "generations/templates.html", context, status=422 if refused else 200)


def _blanks(template: Template, posted: QueryDict | None = None) -> list[blanks.Blank]:
    """With what the form holds for them, once it was sent."""
    names = blanks.names(template.recipe)
    if posted is None:
        return [blanks.Blank(name) for name in names]
    return [blanks.Blank(name, posted.get(f"blank-{number}", "")) for number, name in enumerate(names)]


@require_POST
def new(request: AuthenticatedRequest) -> HttpResponse:
    """What the composer holds, to be named; with `do=save` it is kept."""
    here = _choose(request, to_edit=True)
    if request.POST.get("do") == "save":
        return _save(request, here.here)
    recipe = blanks.read(request.POST)
    name = Scene.name_of(recipe)
    return _name(request, here.here, recipe, name, blanks.problem(recipe))


def _save(request: AuthenticatedRequest, project: Project) -> HttpResponse:
    recipe = _recipe(request.POST.get("recipe", ""))
    if recipe is None:
        return HttpResponseBadRequest(_("The form is incomplete."), content_type="text/plain; charset=utf-8")
    name, kind = plain(request.POST.get("name", "")).strip(), request.POST.get("kind", Kind.RECIPE)
    problem = _problem(recipe, name, kind)
    if problem:
        return _name(request, project, recipe, name, problem)
    Template.objects.create(
        owner=request.user,
        project=project if request.POST.get("share") else None,
        kind=kind,
        name=name,
        recipe=recipe if kind == Kind.RECIPE else {"negative_prompt": recipe["negative_prompt"]},
    )
    messages.success(request, _("Kept as “%(name)s”.") % {"name": name})
    return see_other(_address("templates", project))


def _problem(recipe: dict[str, Any], name: str, kind: str) -> str:
    if not name:
        return _("Give it a name.")
    if len(name) > NAME_LENGTH:
        return _("A name has up to %(most)s characters.") % {"most": NAME_LENGTH}
    if kind not in Kind.values:
        return _("There is no such choice.")
    if kind == Kind.NEGATIVE and not recipe["negative_prompt"].strip():
        return _("Write what to keep out first.")
    has_words = recipe["prompt"].strip() or recipe["shots"] or recipe["negative_prompt"].strip()
    return blanks.problem(recipe) if has_words else _("Write a prompt first.")


def _name(
    request: AuthenticatedRequest, project: Project, recipe: dict[str, Any], name: str, problem: str = ""
) -> TemplateResponse:
    context = {
        "project": project,
        "recipe": recipe,
        "carried": json.dumps(recipe),
        "blanks": blanks.names(recipe),
        "has_audio": bool(request.POST.get("audio_id")),
        "name": name,
        "kinds": Kind.choices,
        "kind": request.POST.get("kind", Kind.RECIPE),
        "share": bool(request.POST.get("share")),
        "problem": problem,
        "name_length": NAME_LENGTH,
    }
    return TemplateResponse(request, "generations/template_new.html", context, status=422 if problem else 200)


@require_POST
def use(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Into the composer, with what was given for its blanks (`blank-0`, … in their order)."""
    here = _choose(request, to_edit=True)
    template = get_object_or_404(Template.objects.visible_to(request.user), uuid=uuid)
    given = _blanks(template, request.POST)
    if any(blank.problem for blank in given):
        return _shelf(request, here, refused=template, given=given)
    request.session[FILLED] = {"template": str(uuid), "values": {blank.name: blank.value or "" for blank in given}}
    query = urlencode({"project": str(here.here.uuid), "template": str(uuid)})
    return HttpResponseRedirect(f"{reverse('generations:studio')}?{query}#composer", status=303)


def filled(request: AuthenticatedRequest) -> dict[str, Any] | None:
    """The recipe that the address names, with the blanks that were filled last; None without one."""
    if "template" not in request.GET:
        return None
    template = get_object_or_404(Template.objects.visible_to(request.user), uuid=as_uuid(request.GET["template"]))
    kept = request.session.get(FILLED, {})
    values = kept.get("values", {}) if kept.get("template") == str(template.uuid) else {}
    recipe = blanks.fill(template.recipe, values)
    return recipe | {"shots": recipe["shots"] or None}


@require_POST
def change(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """`do` is rename, share, unshare or delete."""
    here = _choose(request)
    template = get_object_or_404(Template.objects.visible_to(request.user), uuid=uuid)
    if not Template.objects.changeable_by(request.user).filter(pk=template.pk).exists():
        raise PermissionDenied(_("Only who made it, or an owner of the team, can change this."))
    act = ACTS.get(request.POST.get("do", ""))
    if act is None or (request.POST["do"] == "share" and not here.can_edit):
        return HttpResponseBadRequest(_("There is no such choice."), content_type="text/plain; charset=utf-8")
    messages.success(request, act(template, request, here.here))
    return see_other(_address("templates", here.here))


def _rename(template: Template, request: AuthenticatedRequest, project: Project) -> str:
    name = plain(request.POST.get("name", "")).strip()
    if not name or len(name) > NAME_LENGTH:
        return _("A name has 1 to %(most)s characters. It was left as it was.") % {"most": NAME_LENGTH}
    Template.objects.filter(pk=template.pk).update(name=name)
    return _("Renamed to “%(name)s”.") % {"name": name}


def _share(template: Template, request: AuthenticatedRequest, project: Project) -> str:
    with transaction.atomic():
        Template.objects.filter(pk=template.pk).update(project=project)
        record("template_shared", project, by=request.user, name=template.name)
    return _("Everybody in %(project)s can use it now.") % {"project": project.name}


def _unshare(template: Template, request: AuthenticatedRequest, project: Project) -> str:
    Template.objects.filter(pk=template.pk).update(project=None)
    return _("Only who made it sees it now.")


def _delete(template: Template, request: AuthenticatedRequest, project: Project) -> str:
    template.delete()
    return _("“%(name)s” is deleted. Takes that were made with it stay.") % {"name": template.name}


ACTS = {"rename": _rename, "share": _share, "unshare": _unshare, "delete": _delete}


@require_safe
def history(request: AuthenticatedRequest) -> TemplateResponse:
    """Own prompts, newest first; `q` searches, `before` is where the page before ended."""
    here = _choose(request)
    found = History(request.user, words=request.GET.get("q", ""), before=request.GET.get("before", ""))
    context = {"project": here.here, "history": found, "can_edit": here.can_edit}
    return TemplateResponse(request, "generations/history.html", context)


def _choose(request: AuthenticatedRequest, *, to_edit: bool = False) -> Studio:
    """In the project that the page or the form names. Others' projects don't exist, watched ones are only looked at."""
    here = studio_of(request)
    named = request.POST.get("project") or request.GET.get("project")
    if named:
        project = here.find(as_uuid(named))
        if project is None:
            raise Http404
        here.choose(project)
    if to_edit and not here.can_edit:
        raise OnlyWatches
    return here


def _recipe(carried: str) -> dict[str, Any] | None:
    try:
        data = json.loads(carried)
        shots = {f"shots-{n}-{key}": shot[key] for n, shot in enumerate(data["shots"]) for key in ("text", "seconds")}
        return blanks.read({**data, **shots})
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _address(name: str, project: Project) -> str:
    return f"{reverse(f'generations:{name}')}?project={project.uuid}"
