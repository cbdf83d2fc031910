"""The queue tray's buttons: pause, resume and put first, for takes that still wait here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseBadRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from generations.access import editable_take
from generations.lifecycle import line as lines
from generations.views.answers import done, not_done
from generations.views.clip import with_everything

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from wanstudio.http import AuthenticatedRequest

ACTS = {
    "pause": (lines.pause, gettext_lazy("Paused. It stays here until you resume it.")),
    "resume": (lines.resume, gettext_lazy("Resumed. It takes its turn again.")),
    "first": (lines.put_first, gettext_lazy("Put first among your takes.")),
}


@require_POST
def line(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """`do` is pause, resume or first. 409 when the take has left the line meanwhile."""
    take = editable_take(request.user, uuid, with_everything())
    if request.POST.get("do") not in ACTS:
        return HttpResponseBadRequest(_("There is no such choice."), content_type="text/plain; charset=utf-8")
    act, sentence = ACTS[request.POST["do"]]
    is_done = act(take, by=request.user)
    take.refresh_from_db()
    if not is_done:
        return not_done(request, take, _("It does not wait here any more."))
    return done(request, take, str(sentence))
