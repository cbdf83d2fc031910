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


class Answer(Enum):
    CANCELED = _("Canceled. Nothing was charged.")
    ASKED = _("Asking Wan to cancel it. Wan can only cancel what has not started.")
    TOO_LATE = _("Too late to cancel: Wan is already rendering it.")
    FINISHED = _("This take is already finished.")


def request(generation: Generation, *, by: User) -> Answer:
    """No network: what waits here ends now, what is on its way to Wan is canceled by a worker if that is possible."""
    if generation.is_finished:
        return Answer.FINISHED
    if generation.status == Status.QUEUED and move(
        generation, Status.CANCELED, "canceled", actor=by, **pricing.released()
    ):
        return Answer.CANCELED
    generation.refresh_from_db()
    if generation.status in (Status.RUNNING, Status.ARCHIVING):
        return Answer.TOO_LATE
    if generation.is_finished:
        return Answer.FINISHED
    if generation.cancel_requested_at is None:
        now = clock.now()
        asked = Generation.objects.filter(pk=generation.pk, status=generation.status)
        asked.update(cancel_requested_at=now, version=F("version") + 1)
        Generation.objects.filter(pk=generation.pk, status=Status.PENDING).update(due_at=now)
        note(generation, "cancel_requested", actor=by)
    return Answer.ASKED


def end_demo() -> int:
    """End unfinished simulator takes when the studio starts without the simulator. Returns how many."""
    takes = Generation.objects.unfinished().filter(account__is_demo=True)
    return sum(_end(take) for take in takes)


def _end(take: Generation) -> bool:
    if take.status in (Status.PENDING, Status.RUNNING, Status.QUEUED, Status.UNCERTAIN):
        return move(take, Status.CANCELED, "demo_ended", **pricing.released())
    return move(take, Status.CANCELED, "demo_ended", cost=0, reserved=0)
