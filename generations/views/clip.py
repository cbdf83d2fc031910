from __future__ import annotations

import uuid as uuids
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations import family
from generations.access import can_edit, visible_take
from generations.cards import Deck
from generations.clip import Clip
from generations.models import Generation, Origin
from generations.neighbours import Way
from generations.proof import Pair
from generations.recall import shot_number
from screenings import review
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from uuid import UUID

    from generations.models.generation import GenerationQuerySet
    from wanstudio.http import AuthenticatedRequest


@require_safe
def detail(request: AuthenticatedRequest, uuid: UUID) -> TemplateResponse:
    """`token` makes a retry that is sent twice one take; with an empty `back` the actions lead here again."""
    take = visible_take(request.user, uuid, with_everything().with_favourite_of(request.user))
    may_edit = can_edit(request.user, take)
    choose_project(request, take)
    context = {
        "take": take,
        "clip": Clip(
            take,
            can_edit=may_edit,
            version=request.GET.get("prompt", ""),
            marked=shot_number(request.GET),
            family=family.tree(take, request.user),
        ),
        "pair": Pair(take),
        "review": review.Review(take, member=request.user),
        "answered": review.answered_by(take, request.user) if take.origin == Origin.RETAKE else None,
        "card": Deck([take], can_edit=may_edit).card(take),
        "way": Way.of(take, request.GET.get("in", "")),
        "can_edit": may_edit,
        "token": uuids.uuid4(),
        "back": "",
    }
    return TemplateResponse(request, "generations/detail.html", context)


@require_safe
def beside(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Leads to the next take of the view `in`, or with `go=back` to the one before; at its end to the view itself."""
    take = visible_take(request.user, uuid, with_everything())
    way = Way.of(take, request.GET.get("in", ""))
    back = request.GET.get("go") == "back"
    found = way.beside(request.user, back=back)
    if found is not None:
        return HttpResponseRedirect(f"{found.get_absolute_url()}?{urlencode({'in': way.query})}")
    messages.info(
        request, _("That was the first take of this view.") if back else _("That was the last take of this view.")
    )
    return HttpResponseRedirect(f"{reverse('generations:studio')}?{way.query}")


def with_everything() -> GenerationQuerySet:
    """Takes with the rows that they point to."""
    return Generation.objects.select_related("team", "project", "scene", "owner", "account", "audio", "parent")


def choose_project(request: AuthenticatedRequest, take: Generation) -> None:
    """The top bar names the take's project."""
    studio = studio_of(request)
    project = studio.find(take.project.uuid)
    if project:
        studio.choose(project)
