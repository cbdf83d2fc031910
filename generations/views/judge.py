"""What one person thinks of one take: stars and picks for the team, favourites for oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseBadRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from generations import judging
from generations.access import editable_take, visible_take
from generations.models import Pick
from generations.models.generation import MOST_STARS
from generations.views.answers import Undo, done
from generations.views.clip import with_everything

if TYPE_CHECKING:
    from uuid import UUID

    from generations.models.generation import GenerationQuerySet
    from wanstudio.http import AuthenticatedRequest


@require_POST
def rate(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """`rating` 0 to 5."""
    take = editable_take(request.user, uuid, _takes(request))
    stars = request.POST.get("rating", "")
    if stars not in map(str, range(MOST_STARS + 1)):
        return _refused(_("A rating is 1 to 5, or 0 for none."))
    undo = Undo("generations:rate", {"rating": take.rating})
    judging.rate([take.pk], int(stars))
    take.refresh_from_db(fields=["rating", "version"])
    words = ngettext("%(count)s star.", "%(count)s stars.", take.rating) % {"count": take.rating}
    return done(request, take, words if take.rating else _("No stars."), undo=undo)


@require_POST
def pick(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """`pick` 1: keep, -1: reject, 0: neither."""
    take = editable_take(request.user, uuid, _takes(request))
    choice = request.POST.get("pick", "")
    if choice not in map(str, Pick.values):
        return _refused(_("A take is picked, rejected, or neither."))
    undo = Undo("generations:pick", {"pick": take.pick})
    judging.decide([take.pk], int(choice))
    take.refresh_from_db(fields=["pick", "version"])
    return done(request, take, f"{take.get_pick_display()}.", undo=undo)


@require_POST
def favourite(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """`favourite` 1 or 0; everybody who sees a take may have it as a favourite."""
    take = visible_take(request.user, uuid, _takes(request))
    choice = request.POST.get("favourite", "")
    if choice not in ("0", "1"):
        return _refused(_("A take is a favourite or not."))
    undo = Undo("generations:favourite", {"favourite": int(take.is_favourite)})
    (judging.favour if choice == "1" else judging.unfavour)([take.pk], request.user)
    take.is_favourite = choice == "1"
    sentence = _("One of your favourites.") if take.is_favourite else _("Not a favourite any more.")
    return done(request, take, sentence, undo=undo)


def _takes(request: AuthenticatedRequest) -> GenerationQuerySet:
    return with_everything().with_favourite_of(request.user)


def _refused(sentence: str) -> HttpResponse:
    return HttpResponseBadRequest(sentence, content_type="text/plain; charset=utf-8")
