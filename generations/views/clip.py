from __future__ import annotations

import uuid as uuids
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations import scheduling
from generations.access import visible_take
from generations.belongings import with_belongings
from generations.cards import Deck
from generations.clip import Clip
from generations.family import Family
from generations.models import Generation
from generations.neighbours import Way
from generations.proof import Pair
from generations.queue import Queue
from generations.recall import shot_number
from screenings import review
from teams.models import EDITS, Membership, Role
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from uuid import UUID

    from generations.models.generation import GenerationQuerySet
    from screenings.forms import Refused
    from wanstudio.http import AuthenticatedRequest


@require_safe
def detail(request: AuthenticatedRequest, uuid: UUID) -> TemplateResponse:
    return page_of(request, uuid)


def page_of(
    request: AuthenticatedRequest, uuid: UUID, *, refused: Refused | None = None, status: int = 200
) -> TemplateResponse:
    """`token` makes a retry that is sent twice one take; with an empty `back` the actions lead here again.

    `refused` is a comment that was not taken.
    """
    takes = with_belongings(with_everything().select_related("team__personal_of", "project__account"))
    takes = takes.annotate(role=Membership.objects.role_in("team", request.user))
    take = visible_take(request.user, uuid, takes.with_favourite_of(request.user).with_prints())
    may_edit = _settle_in(request, take)
    kin = Family(take, request.user)
    clip = Clip(
        take,
        can_edit=may_edit,
        version=request.GET.get("prompt", ""),
        marked=shot_number(request.GET),
        family=kin.tree,
    )
    talk = review.Review(take, retakes=kin.children)
    talk.verdict = clip.belongings.verdict
    context = {
        "take": take,
        "clip": clip,
        "pair": Pair(take, kin, studio_of(request).account),
        "review": talk,
        "is_own_verdict": review.Speaker(person=request.user).gave(talk.verdict),
        "refused": refused,
        "answered": kin.answers,
        "card": _deck(request, take).card(take),
        "way": Way.of(take, request.GET.get("in", "")),
        "can_edit": may_edit,
        "is_owner": getattr(take, "role", None) == Role.OWNER,
        "token": uuids.uuid4(),
        "back": "",
    }
    return TemplateResponse(request, "generations/detail.html", context, status=status)


def _settle_in(request: AuthenticatedRequest, take: Any) -> bool:
    """The top bar names the project of a take that was read with `role`; whether the person may change the take."""
    project = take.project
    project.team, project.role = take.team, take.role
    studio_of(request).choose(project)
    return take.role in EDITS


def _deck(request: AuthenticatedRequest, take: Generation) -> Deck:
    """Of the take and the top bar's queue, which may well hold it: what both show is looked up once."""
    here = studio_of(request)
    summary = scheduling.queue_summary(request.user, here.here)
    deck = Deck([take, *summary.rows], teams=here.editable_teams, usual=summary.usual, payers=here.payers)
    here.queue = Queue(summary, deck)
    return deck


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
    return HttpResponseRedirect(way.address)


def with_everything() -> GenerationQuerySet:
    """Takes with the rows that they point to."""
    return Generation.objects.select_related("team", "project", "scene", "owner", "account", "audio")


def choose_project(request: AuthenticatedRequest, take: Generation) -> None:
    """The top bar names the take's project."""
    studio = studio_of(request)
    project = studio.find(take.project.uuid)
    if project:
        studio.choose(project)
