"""How far a call sheet is, in words and as one bar."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils.translation import gettext as _

from generations.models import Generation, Status
from generations.models.generation import UNFINISHED

if TYPE_CHECKING:
    from generations.models import Batch

HERE = (Status.QUEUED,)
ENDED_BADLY = (Status.FAILED, Status.CANCELED, Status.LOST)


@dataclass(frozen=True)
class Progress:
    """Takes of a batch by status."""

    batch: Batch
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, batch: Batch) -> Progress:
        takes = Generation.objects.filter(batch=batch).order_by().values_list("status")
        return cls(batch, Counter(dict(takes.annotate(count=Count("pk")))))

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def left(self) -> int:
        return self._count(UNFINISHED)

    @property
    def done(self) -> int:
        return self.total - self.left

    @property
    def is_over(self) -> bool:
        return not self.left

    @property
    def is_paused(self) -> bool:
        return self.batch.paused_at is not None and not self.is_over

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total) if self.total else 0

    @property
    def value(self) -> str:
        """For CSS, so never localized."""
        return f"{self.done / self.total:.3f}" if self.total else "0"

    @property
    def words(self) -> str:
        """12 of 40 ready · 3 at Wan · 25 waiting here · paused"""
        waiting = self._count(HERE)
        parts = [_("%(ready)s of %(total)s ready") % {"ready": self.counts[Status.READY], "total": self.total}]
        if self.left > waiting:
            parts.append(_("%(count)s on their way") % {"count": self.left - waiting})
        if waiting:
            parts.append(_("%(count)s waiting here") % {"count": waiting})
        if ended := self._count(ENDED_BADLY):
            parts.append(_("%(count)s ended without a clip") % {"count": ended})
        return " · ".join([*parts, _("paused")] if self.is_paused else parts)

    def _count(self, statuses: tuple[Status, ...]) -> int:
        return sum(self.counts[status] for status in statuses)
