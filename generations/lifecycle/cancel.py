"""Cancel: free and at once while waiting here, tried at Wan while PENDING, plainly too late after that."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from generations import clock, endings, pricing
from generations.lifecycle.moves import move, note
from generations.models import Generation, Status

if TYPE_CHECKING:
    from accounts.models import User


TRIES = 5


class Answer(Enum):
    CANCELED = _("Canceled. %(charge)s")
    ASKED = _("Asking Wan to cancel it. Wan can only cancel what has not started.")
    REMEMBERED = _("Remembered: it is canceled as soon as we know whether Wan has it, if that is in time.")
    TOO_LATE = _("Too late to cancel: Wan is already rendering it.")
    RENDERED = _("Too late to cancel: Wan has rendered it already.")
    FINISHED = _("This take is already finished.")

    @property
    def is_heard(self) -> bool:
        """It is canceled, or will be if that is possible."""
        return self in (Answer.CANCELED, Answer.ASKED, Answer.REMEMBERED)

    def sentence(self, take: Generation) -> str:
        """For the person who pressed Cancel; `take` as it is after the request."""
        return str(self.value) % {"charge": endings.charge(take)}


TOO_LATE = {Status.RUNNING: Answer.TOO_LATE, Status.ARCHIVING: Answer.RENDERED}


def request(generation: Generation, *, by: User) -> Answer:
    """No network: what waits here ends now, what is on its way to Wan is canceled by a worker if that is possible."""
    for _turn in range(TRIES):
        answer = _request(generation, by)
        if answer:
            return answer
        generation.refresh_from_db()  # a worker was faster: look again
    return Answer.REMEMBERED


def _request(generation: Generation, by: User) -> Answer | None:
    """None when the take has moved on meanwhile."""
    if generation.is_finished:
        return Answer.FINISHED
    if generation.status in TOO_LATE:
        return TOO_LATE[Status(generation.status)]
    if generation.status == Status.QUEUED:
        is_canceled = move(generation, Status.CANCELED, "canceled", actor=by, **pricing.released())
        return Answer.CANCELED if is_canceled else None
    now = clock.now()
    is_at_wan = generation.status == Status.PENDING
    here = Generation.objects.filter(pk=generation.pk, status=generation.status)
    if here.filter(cancel_requested_at=None).update(cancel_requested_at=now, version=F("version") + 1):
        if is_at_wan:
            here.update(due_at=now)
        note(generation, "cancel_requested", actor=by)
    elif not here.exists():
        return None
    return Answer.ASKED if is_at_wan else Answer.REMEMBERED


def end_demo() -> int:
    """End unfinished simulator takes when the studio starts without the simulator. Returns how many."""
    takes = Generation.objects.unfinished().filter(account__is_demo=True)
    return sum(move(take, Status.CANCELED, "demo_ended", **pricing.released()) for take in takes)
