"""Telling people what concerns them: rows for their bell, made with the activity that they are about."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from accounts.models import Notification, User
from generations import clock

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from teams.models import Activity

KEPT = timedelta(days=90)  # after it was seen
FORGET_AT_ONCE = 1000


def tell(
    activity: Activity, people: Iterable[int | None], *, group: str = "", daily_group: str = "", verb: str = ""
) -> None:
    """Each of these, by primary key, once; nobody of what they did themselves.

    A `daily_group` holds what belongs together within a day of the person who is told.
    """
    keys = {key for key in people if key is not None and key != activity.actor_id}
    if not keys:
        return
    groups = _of_their_day(daily_group, keys, activity.at) if daily_group else {}
    about = {"activity": activity, "verb": verb, "at": activity.at}
    rows = [
        Notification(person_id=key, group=groups.get(key, group or str(activity.pk)), **about) for key in sorted(keys)
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


def _of_their_day(group: str, keys: Iterable[int], at: datetime) -> dict[int, str]:
    people = User.objects.filter(pk__in=keys)
    return {person.pk: f"{group} {at.astimezone(person.zone):%Y-%m-%d}" for person in people}


def see(person: User, *, until: int) -> int:
    """What came up to this one is not new any more."""
    unseen = Notification.objects.filter(person=person, pk__lte=until).unseen()
    return unseen.update(seen_at=clock.now())


def forget() -> None:
    """Once an hour: what was seen 90 days ago goes."""
    old = Notification.objects.filter(seen_at__lt=clock.now() - KEPT).order_by("seen_at")
    while keys := list(old.values_list("pk", flat=True)[:FORGET_AT_ONCE]):
        Notification.objects.filter(pk__in=keys).delete()
