"""What a person has written before: prompts of their own presses, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q

from generations import cursor, search
from generations.models import Generation, Origin

if TYPE_CHECKING:
    from accounts.models import User

PAGE = 40
WRITTEN = (Origin.NEW, Origin.REMIX, Origin.RETAKE)  # the others repeat what somebody wrote


@dataclass
class Entry:
    """The same prompt pressed several times in a row is one entry; `take` is the newest."""

    take: Generation
    presses: int = 1


class History:
    """Of the projects that the person sees. `before` is a cursor; a forged one shows the newest."""

    def __init__(self, user: User, *, words: str = "", before: str = "") -> None:
        self.user = user
        self.words = words.strip()[:200]
        self.view = f"history:{user.pk}:{self.words}"
        self._takes = self._load(cursor.read(self.view, before) if before else None)

    def _load(self, after: list[str] | None) -> list[Generation]:
        """One more than a page shows."""
        takes = Generation.objects.visible_to(self.user).filter(owner=self.user, origin__in=WRITTEN)
        takes = takes.filter(Q(press_index=0) | Q(batch__isnull=False)).select_related("project", "audio")
        if self.words:
            takes = search.matching(takes, self.words, [search.owner_term(self.user.pk)])
        if after:
            at, pk = datetime.fromisoformat(after[0]), int(after[1])
            takes = takes.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))
        return list(takes.order_by("-created_at", "-pk")[: PAGE + 1])

    @property
    def entries(self) -> list[Entry]:
        entries: list[Entry] = []
        for take in self._takes[:PAGE]:
            last = entries[-1] if entries else None
            if last and last.take.sent_prompt == take.sent_prompt:
                last.presses += 1
            else:
                entries.append(Entry(take))
        return entries

    @property
    def older(self) -> str:
        """The cursor after this page; "" when it is the last."""
        if len(self._takes) <= PAGE:
            return ""
        last = self._takes[PAGE - 1]
        return cursor.write(self.view, (last.created_at.isoformat(), last.pk))
