"""Cancel: free and at once while waiting here, tried at Wan while PENDING, plainly too late after that."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from generations import clock, pricing
from generations.lifecycle.moves import move, note
from generations.models import Generation, Status

if TYPE_CHECKING:
    from accounts.models import User


TRIES = 5


class Answer(Enum):
    CANCELED = _("Canceled. Nothing was charged.")
    ASKED = _("Asking Wan to cancel it. Wan can only cancel what has not started.")
    TOO_LATE = _("Too late to cancel: Wan is already rendering it.")
    FINISHED = _("This take is already finished.")


def request(generation: Generation, *, by: User) -> Answer:
    """No network: what waits here ends now, what is on its way to Wan is canceled by a worker if that is possible."""
    for _turn in range(TRIES):
        answer = _request(generation, by)
        if answer:
            return answer
        generation.refresh_from_db()  # a worker was faster: look again
    return Answer.ASKED


def _request(generation: Generation, by: User) -> Answer | None:
    """None when the take has moved on meanwhile."""
    if generation.is_finished:
        return Answer.FINISHED
    if generation.status in (Status.RUNNING, Status.ARCHIVING):
        return Answer.TOO_LATE
    if generation.status == Status.QUEUED:
        is_canceled = move(generation, Status.CANCELED, "canceled", actor=by, **pricing.released())
        return Answer.CANCELED if is_canceled else None
    now = clock.now()
    here = Generation.objects.filter(pk=generation.pk, status=generation.status)
    if here.filter(cancel_requested_at=None).update(cancel_requested_at=now, version=F("version") + 1):
        here.filter(status=Status.PENDING).update(due_at=now)
        note(generation, "cancel_requested", actor=by)
        return Answer.ASKED
    return Answer.ASKED if here.exists() else None


def end_demo() -> int:
    """End unfinished simulator takes when the studio starts without the simulator. Returns how many."""
    takes = Generation.objects.unfinished().filter(account__is_demo=True)
    return sum(move(take, Status.CANCELED, "demo_ended", **pricing.released()) for take in takes)
