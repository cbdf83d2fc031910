"""What concerns somebody, as it is read: the list, and the number in the top bar."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Q

from accounts.models import Notification
from generations import cursor
from generations.models.rows import Rows
from teams.telling import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User
    from accounts.models.notification import NotificationQuerySet

PAGE = 40
MOST = 200  # unseen rows that the bell looks at
ENDINGS = ("ready", "failed", "lost")


def _unseen_by(person: User) -> NotificationQuerySet:
    return Notification.objects.of(person).unseen().order_by("-pk")[:MOST]


@dataclass(frozen=True)
class Told:
    """One line of the list: a group, its newest notification, and whether any of it is new."""

    notification: Notification
    entry: Entry
    is_new: bool


def told(rows: NotificationQuerySet, most: int) -> list[Told]:
    """Of these, the newest groups first."""
    grouped = (
        rows.order_by()
        .values("group")
        .annotate(last=Max("pk"), count=Count("pk"), new=Count("pk", filter=Q(seen_at=None)))
    )
    groups = {row["last"]: row for row in grouped.order_by("-last")[:most]}
    newest = Notification.objects.filter(pk__in=groups).select_related(
        "activity__actor", "activity__person", "activity__team", "activity__generation__scene", "activity__project"
    )
    found = []
    for row in newest.order_by("-pk"):
        group = groups[row.pk]
        count = group["count"] if group["count"] > 1 else None
        found.append(Told(row, Entry([row.activity], count=count, verb=row.verb), bool(group["new"])))
    return found


class NotificationList:
    """A page of what concerns somebody, from the cursor `before` on."""

    def __init__(self, person: User, before: str = "") -> None:
        self._rows = Notification.objects.of(person)
        self._list = f"notifications {person.pk}"
        keys = cursor.read(self._list, before) if before else None
        self._before = int(keys[0]) if keys else None

    @cached_property
    def _found(self) -> list[Told]:
        """One more than is shown. A group is where its newest row is."""
        rows = self._rows
        if self._before:
            later = rows.filter(pk__gte=self._before).values("group")
            rows = rows.filter(pk__lt=self._before).exclude(group__in=later)
        return told(rows, PAGE + 1)

    @property
    def shown(self) -> list[Told]:
        return self._found[:PAGE]

    @property
    def newest(self) -> int:
        """What is seen by who looks at the page: nothing that comes later."""
        return self._found[0].notification.pk if self._found else 0

    @property
    def earlier(self) -> str:
        return cursor.write(self._list, [self._found[PAGE - 1].notification.pk]) if len(self._found) > PAGE else ""


class Bell:
    """How much is new, as the top bar shows it: one query, however much that is, and none with what `rows_for` read."""

    def __init__(self, person: User, rows: Iterable[dict[str, Any]] | None = None) -> None:
        self.person = person
        if rows is not None:
            self._unseen = sorted(((row["key"], row["group"]) for row in rows), reverse=True)

    @staticmethod
    def rows_for(person: User) -> Rows:
        """What is new, to be read along with rows of anything."""
        return Rows(_unseen_by(person), key="pk", group="group")

    @cached_property
    def _unseen(self) -> list[tuple[int, str]]:
        return list(_unseen_by(self.person).values_list("pk", "group"))

    @property
    def count(self) -> int:
        return len({group for _key, group in self._unseen})

    @property
    def words(self) -> str:
        return str(self.count) if self.count < 10 else "9+"

    @property
    def finished(self) -> int:
        """Takes that came to an end, for the title of the window."""
        return sum(group.partition(" ")[0] in ENDINGS for _key, group in self._unseen)

    @property
    def digest(self) -> str:
        return f"{self._unseen[0][0] if self._unseen else 0}-{self.count}"

    @cached_property
    def news(self) -> str:
        """The newest, in a sentence."""
        rows = Notification.objects.of(self.person).unseen()
        return told(rows, 1)[0].entry.text if self._unseen else ""
