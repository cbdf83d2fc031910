"""The studio: one project's takes with the composer below."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from generations import access, composing, drafts, news, phrases, pricing, recall, rescue, scheduling
from generations.cards import Deck
from generations.composer import Composer
from generations.forms import MODEL, as_uuid
from generations.lens import Lens
from generations.lifecycle import retry as retrying
from generations.models import Generation, Scene
from generations.models.draft import Kind
from generations.models.rows import Counted
from generations.panel import Panel
from generations.payers import Total
from generations.queue import Queue
from generations.samples import SAMPLES
from generations.stream import Stream
from generations.views.library import filled
from generations.wall import Wall
from teams.models import Membership, Project, Role
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from wanstudio.context import Studio
    from wanstudio.http import AuthenticatedRequest


@require_safe
def studio(request: AuthenticatedRequest) -> TemplateResponse:
    """A lens's values and `before` choose what is seen, or `scene`; `from`, `use`, `sample` and `draft` fill the
    composer."""
    here = studio_of(request)
    recalled = _recalled(request)
    scene = _scene(request, here)
    if recalled is not None:
        here.choose(_known(here, recalled.project.uuid))
    elif scene is not None:
        here.choose(_known(here, scene.project.uuid))
    else:
        here.choose(_chosen(request, here))
    if request.htmx and request.GET.get("before") and not request.htmx.history_restore_request:
        return _more(request, scene)
    composer = _composer(request, here, recalled, scene) if here.can_edit else None
    return page(request, composer, one=scene)


def page(
    request: AuthenticatedRequest, composer: Composer | None, *, one: Scene | None = None, status: int = 200
) -> TemplateResponse:
    """The whole page of the chosen project."""
    here = studio_of(request)
    project = here.here
    if composer and composer.shelf is None:
        composer.shelf = drafts.shelf(request.user, project)
    lens = Lens.read(request.GET, project)
    grid = _grid(request, lens, one)
    summary = scheduling.queue_summary(request.user, project)
    deck = Deck([*grid.takes, *summary.rows], teams=here.editable_teams, usual=summary.usual, payers=here.payers)
    grid.deal(deck)
    here.queue = Queue(summary, deck)
    has_any = bool(grid.takes or request.GET.get("before") or one or not lens.is_plain)
    context = {
        **_seen(grid, lens, currency=here.currency),
        "mark": news.mark(grid.query),
        "project": project,
        "has_any": has_any,
        "composer": composer,
        "can_edit": here.can_edit,
        "queue": here.queue,
        "is_polling": any(card.is_live for card in grid.cards) or not here.queue.is_empty,
        "back": request.get_full_path() if request.method == "GET" else f"?project={project.uuid}",
        "retry": _retry(request, lens) if here.can_edit and one is None and grid.takes else None,
        "at_risk": rescue.light_for(project.team)[:3] if summary.may_be_at_risk else [],
        **({} if has_any else _welcome(here)),
        **({} if composer else {"watching": _watching(project)}),
    }
    response = TemplateResponse(request, "generations/studio.html", context, status=status)
    if request.htmx.target == "results":
        push_url(response, f"{request.path}?{lens.query}")  # without the fields that were left empty
    return response


def _grid(request: AuthenticatedRequest, lens: Lens, one: Scene | None) -> Stream | Wall:
    """Scene by scene, unless something was chosen that cuts across scenes."""
    before = request.GET.get("before", "")
    if one is not None or lens.is_plain:
        return Stream(lens.project, request.user, one=one, before=before)
    return Wall(lens, request.user, before=before)


def _seen(grid: Stream | Wall, lens: Lens, *, currency: str = "") -> dict[str, Any]:
    people = {take.owner for take in grid.takes} if "person" in lens.values and isinstance(grid, Wall) else ()
    return {
        "lens": lens,
        "panel": Panel(lens, people=people, currency=currency),
        "stream" if isinstance(grid, Stream) else "wall": grid,
        "grid": grid,
    }


def _retry(request: AuthenticatedRequest, lens: Lens) -> dict[str, Any] | None:
    """What "retry all failed" would do to what is shown; None when that is no view of failed takes or none is there."""
    if lens.show != "failed":
        return None
    most = retrying.MOST_AT_ONCE
    shown = lens.queryset(request.user)
    fails_again = retrying.left_out_among(shown, by=request.user)
    counted = shown.annotate(fails_again=Counted(fails_again))  # one question for both
    failed = retrying.newest_failed(counted, by=request.user, most=most + 1)
    count = len(failed)
    left_out = vars(failed[0])["fails_again"] if failed else fails_again.count()
    words = ngettext("Retry %(count)s failed take", "Retry all %(count)s failed takes", count)
    if count > most:
        words, count = _("Retry the newest %(count)s failed takes"), most
    if not count and not left_out:
        return None
    left = ngettext("%(count)s would fail again as it is", "%(count)s would fail again as they are", left_out)
    return {
        "token": uuid.uuid4(),
        "words": words % {"count": count} if count else "",
        "total": Total(failed[:most], studio_of(request).payers),
        "left_out": left % {"count": left_out} if left_out else "",
    }


def _more(request: AuthenticatedRequest, one: Scene | None) -> TemplateResponse:
    """The next page of the grid, to be put in the place of the link to it."""
    here = studio_of(request)
    lens = Lens.read(request.GET, here.here)
    grid = _grid(request, lens, one)
    grid.deal(Deck(grid.takes, teams=here.editable_teams, payers=here.payers))
    context = {**_seen(grid, lens), "project": here.here, "can_edit": here.can_edit}
    return TemplateResponse(request, "generations/_grid.html", context)


def _chosen(request: AuthenticatedRequest, here: Studio) -> Project:
    if "project" in request.GET:
        return _known(here, as_uuid(request.GET["project"]))
    if here.project is None:
        raise Http404
    return here.project


def _known(here: Studio, uuid: Any) -> Project:
    project = here.find(uuid)
    if project is None:
        raise Http404
    return project


def _recalled(request: AuthenticatedRequest) -> Generation | None:
    """The take whose recipe fills the composer."""
    if "from" not in request.GET:
        return None
    uuid = as_uuid(request.GET["from"])
    if uuid is None:
        raise Http404
    return access.visible_take(
        request.user,
        uuid,
        Generation.objects.select_related(
            "scene", "project", "audio__waveform", "audio__original__waveform", "parent__scene"
        ),
    )


def _scene(request: AuthenticatedRequest, here: Studio) -> Scene | None:
    if not request.GET.get("scene"):
        return None
    uuid = as_uuid(request.GET["scene"])
    scenes = Scene.objects.select_related("project", "created_by").filter(
        project__in=Project.objects.visible_to(request.user)
    )
    return get_object_or_404(scenes, uuid=uuid).led


def _composer(
    request: AuthenticatedRequest, here: Studio, recalled: Generation | None, scene: Scene | None
) -> Composer:
    where = (here.here, request.user, here.account)
    if recalled is not None:
        use, comment = request.GET.get("use", "remix"), request.GET.get("comment", "")
        if use == "seed" and (written := _drafted(request, here)).draft_said:
            return composing.with_seed(written, recalled)
        shot, fields = recall.shot_number(request.GET), recall.pressed(request.GET)
        return composing.from_take(recalled, *where, use=use, shot=shot, comment=comment, fields=fields)
    sample = SAMPLES.get(request.GET.get("sample", ""))
    if sample:
        return composing.from_sample(sample, *where)
    recipe = filled(request)
    if recipe is not None:
        return composing.from_recipe(recipe, *where, scene=scene)
    if scene is not None:
        return composing.empty(*where, scene=scene)
    return _drafted(request, here)


def _drafted(request: AuthenticatedRequest, here: Studio) -> Composer:
    """The draft that `draft` names, an empty composer for "new", else what was typed last in this project."""
    where = (here.here, request.user, here.account)
    shelf = drafts.shelf(request.user, here.here)
    asked = request.GET.get("draft", "")
    if asked:
        found = drafts.find(request.user, here.here, as_uuid(asked), Kind.COMPOSER)
    else:
        mine = (each for each in shelf if each.kind == Kind.COMPOSER and each.project_id == here.here.pk)
        found = next(mine, None)
        if found is None and len(shelf) == drafts.MOST:
            found = drafts.newest(request.user, here.here, Kind.COMPOSER)
    composer = composing.from_draft(found, *where) if found else composing.empty(*where)
    composer.is_promise_later = found is not None and not asked
    if asked and asked != "new" and not found:
        composer.warnings = (_("This draft is not here any more. It was sent or discarded."),)
    composer.shelf, composer.discarded = shelf, drafts.discarded(request.GET, request.user)
    return composer


def _welcome(here: Studio) -> dict[str, Any]:
    """What a first clip costs and how long it takes, and the recipes to start from."""
    account = here.account
    samples = list(SAMPLES.values())
    if account is None:
        return {"first_clip": _("Write below, or start from a recipe."), "samples": samples}
    usual = scheduling.usual(account, "720P", MODEL.default_duration)
    time = phrases.between(usual.fastest, usual.slowest)
    if account.is_demo:
        words = _("This is a demo: clips come from a simulator within seconds and cost nothing.")
        return {"first_clip": words, "samples": samples}
    price = phrases.money(pricing.quote(account, MODEL.name, "720P", MODEL.default_duration))
    words = _("Your first clip costs about %(price)s and takes %(time)s. Write below, or start from a recipe.")
    priced = [
        replace(sample, price=pricing.quote(account, MODEL.name, sample.resolution, sample.duration))
        for sample in samples
    ]
    return {"first_clip": words % {"price": price, "time": time}, "samples": priced}


def _watching(project: Project) -> str:
    """What is read instead of the composer: how an archived project comes back, or whom a viewer turns to."""
    if project.archived_at is not None:
        if getattr(project, "role", None) == Role.OWNER:
            return _("This project is in the archive, so nothing new is made here. Its settings take it out again.")
        return _("This project is in the archive, so nothing new is made here. Owners of the team can take it out.")
    owners = Membership.objects.filter(team=project.team_id, role=Role.OWNER).select_related("user").order_by("pk")
    owner = owners.first()
    if owner is None:
        return _("You can watch and comment here.")
    return _("You can watch and comment here. Ask %(name)s to make you an editor.") % {"name": owner.user.display_name}
