"""The queue tray's buttons: pause, resume and reorder, for takes that still wait here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from generations.access import editable_take
from generations.lifecycle import line as lines
from generations.models import Generation
from generations.views.answers import asked_for, done, is_from_tray, not_done, see_other, tray
from generations.views.clip import with_everything
from teams.access import OnlyWatches
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.utils.functional import Promise

    from wanstudio.http import AuthenticatedRequest

ACTS: dict[str, tuple[Callable[..., bool], Promise]] = {
    "pause": (lines.pause, gettext_lazy("Paused. It stays here until you resume it.")),
    "resume": (lines.resume, gettext_lazy("Resumed. It takes its turn again.")),
    "first": (partial(lines.put, where="first"), gettext_lazy("Put first among its maker's takes.")),
    "earlier": (partial(lines.put, where="earlier"), gettext_lazy("Put one place earlier among its maker's takes.")),
    "later": (partial(lines.put, where="later"), gettext_lazy("Put one place later among its maker's takes.")),
    "last": (partial(lines.put, where="last"), gettext_lazy("Put last among its maker's takes.")),
}


@require_POST
def line(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """`do` is one of ACTS. 409 when the take has left the line meanwhile."""
    take = editable_take(request.user, uuid, with_everything())
    if request.POST.get("do") not in ACTS:
        return _no_such_choice()
    act, sentence = ACTS[request.POST["do"]]
    is_done = act(take, by=request.user)
    take.refresh_from_db()
    gone = _("It does not wait here any more.")
    if is_from_tray(request):
        return tray(request, take.project, str(sentence) if is_done else gone, status=200 if is_done else 409)
    return done(request, take, str(sentence)) if is_done else not_done(request, take, gone)


@require_POST
def line_all(request: AuthenticatedRequest) -> HttpResponse:
    """Pause or resume what this person has waiting in the team of `project`; others' takes go on."""
    here = studio_of(request)
    here.choose_named(request.POST.get("project", ""))
    if not here.is_editor:
        raise OnlyWatches
    mine = Generation.objects.editable_by(request.user).filter(owner=request.user, team=here.here.team_id)
    if request.POST.get("do") == "pause":
        count = lines.pause_all(mine, by=request.user)
        words = ngettext("%(count)s take is kept here.", "%(count)s takes are kept here.", count)
    elif request.POST.get("do") == "resume":
        count = lines.resume_all(mine, by=request.user)
        words = ngettext(
            "%(count)s take waits for its turn again.", "%(count)s takes wait for their turn again.", count
        )
    else:
        return _no_such_choice()
    sentence = words % {"count": count}
    if request.htmx:
        return tray(request, here.here, sentence)
    messages.success(request, sentence)
    return see_other(asked_for(request) or f"{reverse('generations:studio')}?project={here.here.uuid}")


def _no_such_choice() -> HttpResponse:
    return HttpResponseBadRequest(_("There is no such choice."), content_type="text/plain; charset=utf-8")
