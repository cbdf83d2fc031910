"""Generate was pressed."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from generations import composing, drafts, recall, recipe_file, refill
from generations.cards import Deck
from generations.composer import Composer
from generations.forms import as_uuid
from generations.lifecycle import press
from generations.lifecycle.refused import Refused
from generations.models import Generation, Scene
from generations.stream import Row
from generations.views import drafts as drafting
from generations.views.studio import page
from teams.access import no_takes_in
from wanstudio.context import studio_of
from wanstudio.limits import limited_uploads

if TYPE_CHECKING:
    from wanstudio.http import AuthenticatedRequest


@require_POST
@limited_uploads
def create(request: AuthenticatedRequest) -> HttpResponse:
    """Takes for a good form, the composer again for another; `do` only rearranges it (without script)."""
    _choose_project(request)
    here = studio_of(request)
    scene = _scene(request)
    where = (here.here, request.user, here.account, scene)
    do, _sep, name = request.POST.get("do", "").partition(":")
    if do in (*drafting.STEPS, *drafting.STEPS_ABOUT_ONE):
        return drafting.step(request, do, name)
    if do:
        return _rearranged(request, where)
    composer = composing.sent(request, *where)
    if not composer.is_valid():
        return _again(request, composer)
    form = composer.form
    try:
        takes = press.press(
            form.recipe(composer.shot_list, composer.sent_prompt),
            user=request.user,
            project=here.here,
            scene=scene,
            takes=form.cleaned_data["takes"],
            token=form.cleaned_data["press"],
            quoted=request.POST.get("quoted", ""),
            kin=composer.kin,
        )
    except Refused as refusal:
        composer.refuse(refusal)
        return _again(request, composer)
    drafts.end(composer.hold, request.user)
    return _made(request, composer, takes, is_new_scene=scene is None)


def _rearranged(request: AuthenticatedRequest, where: tuple[Any, ...]) -> HttpResponse:
    """The composer as a button left it; from a clip's file, if it holds a recipe, else with a sentence."""
    clip = request.FILES.get("clip")
    composer = composing.rearranged(request, *where)
    if request.POST["do"] == "refill":
        try:
            if clip is None or clip.file is None:
                raise recipe_file.NoRecipe(_("Choose a downloaded clip first."))
            composer = refill.from_file(clip.file, *where[:3], film=request.POST.get("clip_film", ""))
        except recipe_file.NoRecipe as refusal:
            composer.warnings = (str(refusal.sentence),)
    if not request.htmx:
        return page(request, composer)
    if request.htmx.target in ("keep-out", "presets"):
        return TemplateResponse(request, "generations/_keep_out.html", {"composer": composer})
    return _swapped(request, composer)


def _choose_project(request: AuthenticatedRequest) -> None:
    """What the form names, else the person's own choice. Others' projects don't exist, watched ones are refused."""
    here = studio_of(request)
    if request.POST.get("project"):
        project = here.find(as_uuid(request.POST["project"]))
        if project is None:
            raise Http404
        here.choose(project)
    if not here.can_edit:
        raise no_takes_in(here.here)


def _scene(request: AuthenticatedRequest) -> Scene | None:
    if not request.POST.get("scene"):
        return None
    scenes = Scene.objects.filter(project=studio_of(request).here).select_related("created_by")
    return get_object_or_404(scenes, uuid=as_uuid(request.POST["scene"])).led


def _again(request: AuthenticatedRequest, composer: Composer) -> HttpResponse:
    """422: the composer with its sentences, and all that was typed."""
    if not request.htmx:
        return page(request, composer, status=422)
    return _swapped(request, composer, status=422)


def _swapped(request: AuthenticatedRequest, composer: Composer, *, status: int = 200) -> HttpResponse:
    response = TemplateResponse(request, "generations/_composer.html", {"composer": composer}, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#composer", "outerHTML"
    return response


def _see_kept(composer: Composer, first: Generation) -> HttpResponse:
    """Ready for another press of the same: with its seed if one was chosen, not with the one that was drawn."""
    chosen = {name: composer.form.cleaned_data[name] for name in recall.PRESSED}
    query = {"project": str(first.project.uuid), "from": str(first.uuid), "use": "kept"}
    query |= {name: str(value) for name, value in chosen.items() if value is not None}
    return HttpResponseRedirect(f"{reverse('generations:studio')}?{urlencode(query)}", status=303)


def _made(
    request: AuthenticatedRequest, composer: Composer, takes: list[Generation], *, is_new_scene: bool
) -> HttpResponse:
    """Placeholders into their scene and a fresh token; without script the page, the recipe still in the composer."""
    first = takes[0]
    if not request.htmx:
        return _see_kept(composer, first)
    here = studio_of(request)
    deck = Deck([*takes, *(here.queue.rows if here.queue else [])], can_edit=True)
    total = Generation.objects.kept().filter(scene=first.scene).count()
    row = Row(first.scene, takes, total=total, cards=[deck.card(take) for take in reversed(takes)])
    composer.scene, composer.next_token, composer.hold = first.scene, uuid.uuid4(), drafts.Hold.fresh()
    announced = ngettext("%(count)s take is waiting", "%(count)s takes are waiting", len(takes)) % {"count": len(takes)}
    context = {
        "row": row,
        "is_new_scene": is_new_scene,
        "composer": composer,
        "project": here.here,
        "queue": here.queue,
        "can_edit": True,
        "is_polling": True,
        "announced": announced,
    }
    response = TemplateResponse(request, "generations/_pressed.html", context)
    response["HX-Trigger"] = "recount"
    return response
