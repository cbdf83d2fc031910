"""What stands at the button before it is pressed: when the takes will be there. What is left for them: `purse`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from generations import phrases, places, pricing
from generations.forms import MODEL, TAKES
from generations.words import waiting
from wanstudio.http import whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User
    from generations.models import WanAccount
    from generations.purse import Purse
    from teams.models import Project

ASKED = ("resolution", "duration", "takes")


def words(
    account: WanAccount | None, resolution: str, duration: str, takes: str, *, user: User, project: Project
) -> list[str]:
    """Sentences; none when the fields say nothing sensible."""
    if account is None or resolution not in MODEL.resolutions:
        return []
    seconds, count = (whole_number(typed, digits=2) for typed in (duration, takes))
    if not (MODEL.duration_min <= seconds <= MODEL.duration_max and count in TAKES):
        return []
    return words_for(account, {(resolution, seconds): count}, user=user, project=project)


def words_for(account: WanAccount, sizes: Mapping[tuple[str, int], int], *, user: User, project: Project) -> list[str]:
    """Of so many takes of each resolution and length in seconds; when nothing is sent, why, as the queue says it."""
    each = [size for size, count in sizes.items() for _number in range(count)]
    finish = _finish(account, places.Pressed(user.pk, project.pk, each))
    return [finish, _("Demo, costs nothing")] if account.is_demo else [finish]


def digest(lines: list[str], purse: Purse | None, account: WanAccount | None) -> str:
    """Of all that stands at the button, by which a page that shows it is told only what is new."""
    shown = [lines, pricing.quoted(account), *([purse.notes, purse.stop] if purse else [])]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:10]


def _finish(account: WanAccount, pressed: places.Pressed) -> str:
    """Told from the queue as it would be with these takes in it, like the places of those that wait."""
    found = places.finish(account, pressed)
    if found.reason:
        return waiting(found.reason, account)
    words = _("Ready in %(time)s") if found.is_measured else _("Ready perhaps in %(time)s")
    return words % {"time": phrases.about(found.seconds)}
