"""What stands at the button before it is pressed: when the takes will be there. What is left for them: `purse`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from generations import phrases, scheduling
from generations.forms import MODEL, TAKES
from generations.models import Generation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generations.models import WanAccount


def words(account: WanAccount | None, resolution: str, duration: str, takes: str) -> list[str]:
    """Sentences; none when the fields say nothing sensible."""
    if account is None or resolution not in MODEL.resolutions or not (duration.isdecimal() and takes.isdecimal()):
        return []
    seconds, count = int(duration), int(takes)
    if not (MODEL.duration_min <= seconds <= MODEL.duration_max and count in TAKES):
        return []
    return words_for(account, {(resolution, seconds): count})


def words_for(account: WanAccount, sizes: Mapping[tuple[str, int], int]) -> list[str]:
    """Of so many takes of each resolution and length in seconds."""
    finish = _finish(account, sizes)
    return [finish, _("Demo, costs nothing")] if account.is_demo else [finish]


def _finish(account: WanAccount, sizes: Mapping[tuple[str, int], int]) -> str:
    """The usual time, as often as the account's slots have to be filled to reach the last of these takes."""
    usual = {size: scheduling.usual(account, *size) for size in sizes}
    takes = sum(sizes.values())
    mean = sum(usual[size].median * count for size, count in sizes.items()) / takes
    ahead = Generation.objects.filter(account=account).unfinished().count()
    rounds = math.ceil((ahead + takes) / max(1, account.running_limit))
    time = phrases.about(mean * rounds)
    is_measured = all(each.measured for each in usual.values())
    words = _("Ready in %(time)s") if is_measured else _("Ready perhaps in %(time)s")
    return words % {"time": time}
