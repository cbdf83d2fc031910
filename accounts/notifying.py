"""Telling people what concerns them: rows for their bell, made with the activity that they are about."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from accounts.models import Notification
from generations import clock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User
    from teams.models import Activity

KEPT = timedelta(days=90)  # after it was seen
FORGET_AT_ONCE = 1000


def tell(activity: Activity, people: Iterable[int | None], *, group: str = "", verb: str = "") -> None:
    """Each of these, by primary key, once; nobody of what they did themselves."""
    keys = {key for key in people if key is not None and key != activity.actor_id}
    if keys:
        about = {"activity": activity, "group": group or str(activity.pk), "verb": verb, "at": activity.at}
        rows = [Notification(person_id=key, **about) for key in sorted(keys)]
        Notification.objects.bulk_create(rows, ignore_conflicts=True)


def see(person: User, *, until: int) -> int:
    """What came up to this one is not new any more."""
    unseen = Notification.objects.filter(person=person, pk__lte=until).unseen()
    return unseen.update(seen_at=clock.now())


def forget() -> None:
    """Once an hour: what was seen 90 days ago goes."""
    old = Notification.objects.filter(seen_at__lt=clock.now() - KEPT).order_by("seen_at")
    while keys := list(old.values_list("pk", flat=True)[:FORGET_AT_ONCE]):
        Notification.objects.filter(pk__in=keys).delete()
