"""How far a call sheet is, in words and as one bar; and its one line in the queue."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from generations.models import Generation, Status
from generations.models.generation import UNFINISHED

if TYPE_CHECKING:
    from generations.models import Batch
    from generations.models.generation import GenerationQuerySet

HERE = (Status.QUEUED,)
RENDERING = (Status.RUNNING, Status.ARCHIVING)
KEPT_FROM_SAVING = Q(status=Status.ARCHIVING) & ~Q(waiting_for="")  # tried, and tried again
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
        return self.batch.paused_at is not None and self.can_wait

    @property
    def can_wait(self) -> bool:
        """Something of it is here, or may still come back from Wan; what renders is finished whatever is pressed."""
        return self.left > self._count(RENDERING)

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


@dataclass(frozen=True)
class Line:
    """What one row of the queue stands for: a take, or all unfinished takes of a call sheet."""

    take: Generation
    rendering: int
    saving: int
    waiting: int
    kept_from_saving: int = 0  # of those that are being saved

    @property
    def count(self) -> int:
        return self.rendering + self.saving + self.waiting

    @property
    def batch(self) -> Batch | None:
        """None for a take that stands for itself: nothing of a call sheet is uncertain in silence."""
        return None if self.take.status == Status.UNCERTAIN else self.take.batch

    @property
    def is_paused(self) -> bool:
        return self.batch is not None and self.batch.paused_at is not None and self.waiting > 0

    @property
    def words(self) -> str:
        """3 rendering · 1 saving · 25 waiting · paused"""
        parts = [_("%(count)s rendering") % {"count": self.rendering}] if self.rendering else []
        if self.saving:
            parts.append(_("%(count)s saving") % {"count": self.saving})
        if self.waiting:
            parts.append(_("%(count)s waiting") % {"count": self.waiting})
        return " · ".join([*parts, _("paused")] if self.is_paused else parts)


def one_per_batch(takes: GenerationQuerySet) -> GenerationQuerySet:
    """Of each call sheet's unfinished takes only the first, which knows how many it stands for; see `line_of`."""
    together = Generation.objects.unfinished().exclude(status=Status.UNCERTAIN).filter(batch=OuterRef("batch"))
    together = together.order_by()
    alone = Q(batch=None) | Q(status=Status.UNCERTAIN)
    lines = takes.filter(alone | ~Exists(together.filter(pk__lt=OuterRef("pk")))).select_related("batch")
    return lines.annotate(
        together=_count(together),
        together_rendering=_count(together.filter(status=Status.RUNNING)),
        together_saving=_count(together.filter(status=Status.ARCHIVING)),
        together_kept=_count(together.filter(KEPT_FROM_SAVING)),
    )


def _count(takes: GenerationQuerySet) -> Coalesce:
    return Coalesce(Subquery(takes.values("batch").annotate(count=Count("pk")).values("count")), 0)


def line_of(take: Generation) -> Line:
    """Of a take that `one_per_batch` brought."""
    if take.batch_id is None or take.status == Status.UNCERTAIN:
        rendering, saving = int(take.status == Status.RUNNING), int(take.status == Status.ARCHIVING)
        return Line(take, rendering, saving, 1 - rendering - saving, int(saving and take.waiting_for != ""))
    rendering, saving = take.together_rendering, take.together_saving  # type: ignore[attr-defined]
    waiting, kept = take.together - rendering - saving, take.together_kept  # type: ignore[attr-defined]
    return Line(take, rendering, saving, waiting, kept)
