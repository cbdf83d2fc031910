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
from generations.views.answers import Undo, done, not_done
from generations.views.clip import with_everything

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from generations.models import Generation
    from generations.models.generation import GenerationQuerySet
    from wanstudio.http import AuthenticatedRequest


@require_POST
def rate(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """`rating` 0 to 5; `instead_of` as in `_judged`."""
    take = editable_take(request.user, uuid, _takes(request))
    stars = request.POST.get("rating", "")
    if not _are_among(range(MOST_STARS + 1), stars, request.POST.get("instead_of", stars)):
        return _refused(_("A rating is 1 to 5, or 0 for none."))
    undo = Undo("generations:rate", {"rating": take.rating, "instead_of": stars})
    if not _judged(request, take, "rating", int(stars), judging.rate):
        return not_done(request, take, _("Somebody has rated it anew since. That stays."))
    words = ngettext("%(count)s star.", "%(count)s stars.", take.rating) % {"count": take.rating}
    return done(request, take, words if take.rating else _("No stars."), undo=undo)


@require_POST
def pick(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """`pick` 1: keep, -1: reject, 0: neither; `instead_of` as in `_judged`."""
    take = editable_take(request.user, uuid, _takes(request))
    choice = request.POST.get("pick", "")
    if not _are_among(Pick.values, choice, request.POST.get("instead_of", choice)):
        return _refused(_("A take is picked, rejected, or neither."))
    undo = Undo("generations:pick", {"pick": take.pick, "instead_of": choice})
    if not _judged(request, take, "pick", int(choice), judging.decide):
        return not_done(request, take, _("Somebody has decided anew since. That stays."))
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


def _are_among(values: Iterable[int], *given: str) -> bool:
    return set(given) <= set(map(str, values))


def _judged(
    request: AuthenticatedRequest, take: Generation, field: str, value: int, judge: Callable[[list[int], int], object]
) -> bool:
    """An undo names what it was `instead_of`: only that is taken back. Whether it is `value` now."""
    if "instead_of" in request.POST:
        judging.set_back([[take.pk, value]], field, int(request.POST["instead_of"]))
    else:
        judge([take.pk], value)
    take.refresh_from_db(fields=[field, "version"])
    return bool(getattr(take, field) == value)


def _takes(request: AuthenticatedRequest) -> GenerationQuerySet:
    return with_everything().with_favourite_of(request.user)


def _refused(sentence: str) -> HttpResponse:
    return HttpResponseBadRequest(sentence, content_type="text/plain; charset=utf-8")
