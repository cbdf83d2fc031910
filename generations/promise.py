"""What stands at the button before it is pressed: when the takes will be there. What is left for them: `purse`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from generations import clock, phrases, places, scheduling
from generations.forms import MODEL, TAKES
from generations.models import Switchboard
from generations.words import WAITING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User
    from generations.models import WanAccount
    from teams.models import Project


def words(
    account: WanAccount | None, resolution: str, duration: str, takes: str, *, user: User, project: Project
) -> list[str]:
    """Sentences; none when the fields say nothing sensible."""
    if account is None or resolution not in MODEL.resolutions or not (duration.isdecimal() and takes.isdecimal()):
        return []
    seconds, count = int(duration), int(takes)
    if not (MODEL.duration_min <= seconds <= MODEL.duration_max and count in TAKES):
        return []
    reason = scheduling.hold_reason(account, clock.now(), Switchboard.load())
    return words_for(account, {(resolution, seconds): count}, user=user, project=project, reason=reason)


def words_for(
    account: WanAccount, sizes: Mapping[tuple[str, int], int], *, user: User, project: Project, reason: str = ""
) -> list[str]:
    """Of so many takes of each resolution and length in seconds; `reason` is why nothing is sent, if that is known."""
    each = [size for size, count in sizes.items() for _number in range(count)]
    reason = reason or account.breaker
    finish = str(WAITING[reason]) if reason else _finish(account, places.Pressed(user.pk, project.pk, each))
    return [finish, _("Demo, costs nothing")] if account.is_demo else [finish]


def _finish(account: WanAccount, pressed: places.Pressed) -> str:
    """Told from the queue as it would be with these takes in it, like the places of those that wait."""
    seconds, is_measured = places.finish(account, pressed)
    words = _("Ready in %(time)s") if is_measured else _("Ready perhaps in %(time)s")
    return words % {"time": phrases.about(seconds)}
