"""The queue as the top bar tells it: a few words for the pill, a row per take for the tray."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations import clock, phrases, rescue
from generations.models import Generation, Status
from generations.progress import Line, line_of

if TYPE_CHECKING:
    from generations.cards import Card, Deck
    from generations.rescue import AtRisk
    from generations.scheduling import QueueSummary


ORDER = (
    Status.ARCHIVING,
    Status.RUNNING,
    Status.PENDING,
    Status.SUBMITTING,
    Status.UNCERTAIN,
    Status.QUEUED,
)


class Queue:
    """`deck` holds the summary's rows among others."""

    def __init__(self, summary: QueueSummary, deck: Deck) -> None:
        self.person = summary.person
        self.rendering = summary.rendering
        self.saving = summary.saving
        self.waiting = summary.waiting
        self._seconds_left = summary.seconds_left
        self.rows = summary.rows
        self._usual = summary.usual
        self.may_be_at_risk = summary.may_be_at_risk
        self._lost = summary.lost
        self._has_lost = summary.has_lost
        self.deck = deck

    @cached_property
    def seconds_left(self) -> float | None:
        """Until all of it is done; None while some of it is held up and nobody can say for how long.

        Never before the last that waits: takes that this person may not see can be ahead of it.
        """
        if self.is_kept_from_saving:
            return None
        ends = [self._seconds_left or 0.0]
        for take in self.rows:
            position = self.deck.card(take).position
            if position is not None and position.starts_in is None:
                return None
            if position is not None and position.starts_in is not None:
                ends.append(position.starts_in + self._usual[take.pk].median)
        return max(ends) if self.rows else None

    @cached_property
    def is_kept_from_saving(self) -> bool:
        """Something rendered could not be saved so far, and is tried again."""
        return any(line.kept_from_saving for line in self._lines)

    @property
    def is_empty(self) -> bool:
        return not self.rows

    @property
    def words(self) -> str:
        """3 rendering · 1 saving · 2 waiting · about 4 min"""
        parts = []
        if self.rendering:
            parts.append(
                ngettext("%(count)s rendering", "%(count)s rendering", self.rendering) % {"count": self.rendering}
            )
        if self.saving:
            parts.append(ngettext("%(count)s saving", "%(count)s saving", self.saving) % {"count": self.saving})
        if self.waiting:
            parts.append(ngettext("%(count)s waiting", "%(count)s waiting", self.waiting) % {"count": self.waiting})
        if self.seconds_left:
            parts.append(phrases.about(self.seconds_left))
        return " · ".join(parts)

    @property
    def done_in(self) -> str:
        return _("all done in %(time)s") % {"time": phrases.about(self.seconds_left or 0)}

    @cached_property
    def promise(self) -> str:
        """How long the commonest kind of take here usually takes, and what that rests on."""
        if not self.rows:
            return ""
        kinds = Counter((take.account_id, take.resolution, take.duration) for take in self.rows)
        commonest = kinds.most_common(1)[0][0]
        take = next(one for one in self.rows if (one.account_id, one.resolution, one.duration) == commonest)
        usual = self._usual[take.pk]
        facts = {
            "size": f"{take.duration} s · {take.resolution}",
            "time": phrases.clock(usual.median),
            "slowest": phrases.clock(usual.slowest),
        }
        if not usual.measured:
            return _("%(size)s: perhaps %(time)s, a first guess until this account has rendered a few.") % facts
        return _("%(size)s: usually %(time)s, 9 of 10 within %(slowest)s.") % facts

    @property
    def rule(self) -> str:
        """How the order comes about and what a cancel can do."""
        slots = max((take.account.running_limit for take in self.rows if take.account), default=0)
        at_once = _("Wan renders %(count)s at a time on this account.") % {"count": slots}
        return " ".join([at_once, _("Turns go round by person. A take that has started can't be stopped.")])

    @cached_property
    def at_risk(self) -> list[AtRisk]:
        """Clips whose 24 hours at Wan run out next; looked for only when something here may be."""
        if not self.may_be_at_risk:
            return []
        teams = {take.team_id for take in self.rows}
        return rescue.at_risk(Generation.objects.filter(team__in=teams), clock.now())[:3]

    @cached_property
    def lost(self) -> list[Generation]:
        """Clips that could not be saved in time, of the last day: while there are some, not all is well."""
        return list(self._lost[:3]) if self._has_lost else []

    @cached_property
    def _lines(self) -> list[Line]:
        return [line_of(take) for take in self.rows]

    @property
    def batches(self) -> list[tuple[Line, bool]]:
        """Call sheets, and whether the person may pause and cancel them."""
        return [(line, self.deck.card(line.take).can_edit) for line in self._lines if line.batch]

    @cached_property
    def cards(self) -> list[Card]:
        """Of single takes: what asks for somebody first, then what is furthest."""
        cards = [self.deck.card(line.take) for line in self._lines if line.batch is None]
        return sorted(cards, key=lambda card: (not card.asks, ORDER.index(Status(card.take.status)), card.place))

    @cached_property
    def last_place(self) -> int:
        return max((card.place for card in self.cards), default=0)

    @property
    def can_pause(self) -> bool:
        """Something of this person's own takes its turn."""
        return any(take.paused_at is None for take in self._own_waiting)

    @property
    def can_resume(self) -> bool:
        return any(take.paused_at is not None for take in self._own_waiting)

    @cached_property
    def _own_waiting(self) -> list[Generation]:
        return [take for take in self.rows if take.status == Status.QUEUED and take.owner_id == self.person]

    @property
    def digest(self) -> str:
        sheets = [(line.take.batch_id, line.words) for line, _can_edit in self.batches]
        risks = [(risk.take.pk, risk.is_alarm) for risk in self.at_risk]
        shown = [self.words, sheets, risks, *(card.digest for card in self.cards)]
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:10]
