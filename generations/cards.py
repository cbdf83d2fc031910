"""What the grid and the queue show of a take: its true state in words, and what one may do about it.

A deck looks up what many takes need in a few queries; a card is then plain data for templates.
"""

from __future__ import annotations

import hashlib
import math
import uuid
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from generations import card_words, clock, phrases, places, posters, pricing, prints, proof, scheduling
from generations.lifecycle.purge import KEPT_FOR
from generations.models import Origin, Status
from generations.models.generation import UNFINISHED
from generations.payers import Payers, price_words
from generations.words import LOOKS

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping
    from datetime import datetime

    from generations.card_words import Words
    from generations.models import Generation
    from generations.places import Position
    from generations.scheduling import Usual

CAN_BE_CANCELED = (Status.QUEUED, Status.SUBMITTING, Status.PENDING)
ENDED_BADLY = (Status.FAILED, Status.CANCELED, Status.LOST)


class Deck:
    """Cards of these takes; give all that a page shows, so that positions and questions are looked up once.

    The person may edit all of them, or those of `teams`. `usual` is what is known already, by primary key; `payers`
    know the account of the page's own project.
    """

    def __init__(
        self,
        takes: Iterable[Generation],
        *,
        can_edit: bool = False,
        teams: Container[int] | None = None,
        usual: Mapping[int, Usual] | None = None,
        payers: Payers | None = None,
    ) -> None:
        self.takes = list({take.pk: take for take in takes}.values())
        self.can_edit = can_edit
        self.teams = teams
        self.known = usual or {}
        self.payers = payers or Payers()
        self.now = clock.now()

    def card(self, take: Generation) -> Card:
        return Card(
            take,
            now=self.now,
            can_edit=self._may_edit(take),
            position=self._positions.get(take.pk),
            usual=self._usual.get(take.pk),
            asks=take.pk in self._asking,
            is_print=take.is_print or take.pk in self._prints_again,
            is_printed=take.pk in self._printed,
            payers=self.payers,
        )

    @cached_property
    def _positions(self) -> dict[int, Position]:
        waiting = [take for take in self.takes if take.status == Status.QUEUED]
        return places.positions(self.takes, self.known) if waiting else {}

    @cached_property
    def _asking(self) -> set[int]:
        """Takes of which only a person can say what to do."""
        uncertain = [take for take in self.takes if take.status == Status.UNCERTAIN]
        known = {take.pk for take in uncertain if take.asks_person}
        unknown = [take.pk for take in uncertain if take.asks_person is None]
        asked = scheduling.asked().filter(generation__in=unknown).values_list("generation", flat=True)
        return known | set(asked if unknown else ())

    @cached_property
    def _prints_again(self) -> Container[int]:
        """Retries of prints that failed."""
        return prints.proofs_of([take for take in self.takes if take.origin == Origin.RETRY])

    @cached_property
    def _printed(self) -> Container[int]:
        """Those that need no print: they have one."""
        printed = [take for take in self.takes if take.has_prints and take.is_printable]
        printable = [take.pk for take in printed if self._may_edit(take)]
        return set(prints.of(printable).values())

    def _may_edit(self, take: Generation) -> bool:
        return self.can_edit if self.teams is None else take.team_id in self.teams

    @cached_property
    def _usual(self) -> dict[int, Usual]:
        running = [take for take in self.takes if take.status == Status.RUNNING]
        looked_up = scheduling.usual_of([take for take in running if take.pk not in self.known])
        return {take.pk: self.known.get(take.pk) or looked_up[take.pk] for take in running}


class Card:
    def __init__(
        self,
        take: Generation,
        *,
        now: datetime,
        can_edit: bool,
        position: Position | None = None,
        usual: Usual | None = None,
        asks: bool = False,
        is_print: bool = False,
        is_printed: bool = False,
        payers: Payers,
    ) -> None:
        self.take = take
        self.now = now
        self.can_edit = can_edit
        self.position = position
        self.usual = usual
        self.asks = asks and can_edit
        self.is_print = is_print
        self.is_printed = is_printed
        self.url = take.get_absolute_url()
        self.payers = payers

    @property
    def state(self) -> str:
        return LOOKS[self.take.status][0]

    @property
    def icon(self) -> str:
        return LOOKS[self.take.status][1]

    @property
    def label(self) -> str:
        return str(self.take.get_status_display())

    @property
    def has_video(self) -> bool:
        return self.take.is_ready

    @property
    def has_poster(self) -> bool:
        return self.take.is_ready and self.take.derived_at is not None and self.take.purged_at is None

    @property
    def poster_widths(self) -> tuple[str, str]:
        """Of the small and the large one, as a page tells a browser to choose from."""
        return f"{posters.SMALL_WIDTH}w", f"{posters.width(self.take.size)}w"

    @property
    def length(self) -> str:
        return _("%(seconds)s s") % {"seconds": self.take.duration}

    @property
    def select_label(self) -> str:
        return _("Select %(clip)s") % {"clip": self.alt}

    @property
    def can_select(self) -> bool:
        """Anybody may take clips along; what is in the trash is the editors'."""
        is_worth = self.has_poster and not self.take.trashed_at
        return is_worth or (self.can_edit and self.take.is_finished)

    @property
    def days_left(self) -> int:
        """Until the trash lets go of it, begun days included; 0 outside of the trash."""
        if self.take.trashed_at is None:
            return 0
        return max(1, math.ceil((self.take.trashed_at + KEPT_FOR - self.now) / timedelta(days=1)))

    @property
    def is_live(self) -> bool:
        """Something will change by itself: worth asking again."""
        return not self.take.is_finished or (self.take.is_ready and not self.has_poster and not self.take.derive_note)

    @property
    def is_canceling(self) -> bool:
        return self.take.cancel_requested_at is not None and self.take.status in UNFINISHED

    @property
    def can_cancel(self) -> bool:
        return self.can_edit and not self.is_canceling and self.take.status in CAN_BE_CANCELED

    @property
    def can_line_up(self) -> bool:
        """Waits here: may be paused, resumed and moved."""
        return self.can_edit and self.take.status == Status.QUEUED and not self.is_canceling

    @property
    def is_paused(self) -> bool:
        return self.take.paused_at is not None

    @property
    def can_retry(self) -> bool:
        return self.can_edit and self.take.is_repeatable and self.take.status in ENDED_BADLY

    @property
    def can_reseed(self) -> bool:
        """Again with a new seed: of clips."""
        return self.can_edit and self.take.is_repeatable and self.take.is_ready

    @property
    def can_print(self) -> bool:
        return self.can_edit and self.take.is_printable and not self.is_printed

    @property
    def again_price(self) -> str:
        """What the same costs once more; "" in the demo and where nobody would pay."""
        take = self.take
        return price_words(self.payers.of(take), take.model, take.resolution, take.duration)

    @property
    def resend_price(self) -> str:
        """What sending it once more costs, at the prices of its press whatever they are now; "" in the demo."""
        take = self.take
        return phrases.money(phrases.Price(take.price, take.currency)) if take.price else ""

    @property
    def print_price(self) -> str:
        return proof.print_price(self.take, self.payers.of(self.take))

    @property
    def quoted(self) -> str:
        """The prices that this tile shows, as a press sends them back."""
        return pricing.quoted(self.payers.of(self.take), self.take.model)

    @cached_property
    def token(self) -> uuid.UUID:
        """Makes a retry that is sent twice one take."""
        return uuid.uuid4()

    @property
    def place(self) -> int:
        """In the queue here, 0 for what is not in it."""
        return self.position.place if self.position else 0

    @cached_property
    def alt(self) -> str:
        prompt = Truncator(self.take.prompt or self.take.sent_prompt).chars(120)
        return _("Take %(number)s: %(prompt)s") % {"number": self.take.number, "prompt": prompt}

    @property
    def ratio(self) -> str:
        """Of the clip that is there or coming. Where none is, words and buttons get the room they need."""
        width, height = self.take.size
        needs_room = self.take.status in ENDED_BADLY or self.asks
        return "4/3" if needs_room and width < height * 4 / 3 else f"{width}/{height}"

    # Rendering, by the clock

    @property
    def is_ticking(self) -> bool:
        return self.take.status == Status.RUNNING

    @property
    def elapsed_seconds(self) -> int:
        since = self.take.rendering_at or self.take.accepted_at or self.take.status_changed_at
        return max(0, int((self.now - since).total_seconds()))

    @property
    def usual_seconds(self) -> int:
        return round(self.usual.median) if self.usual else 0

    @property
    def percent(self) -> int:
        return round((self.words.value or 0) * 100)

    # Words

    @cached_property
    def words(self) -> Words:
        return card_words.tell(self)

    @property
    def headline(self) -> str:
        return self.words.headline

    @property
    def line(self) -> str:
        return self.words.line

    @property
    def value(self) -> str:
        """For CSS, so never localized."""
        return f"{self.words.value or 0:.3f}"

    @property
    def has_bar(self) -> bool:
        return self.words.value is not None

    @property
    def summary(self) -> str:
        """One line for the queue."""
        return " · ".join(str(part) for part in (self.label, self.headline, self.line) if part)

    @property
    def digest(self) -> str:
        """Changes when the card looks different, apart from what ticks by itself."""
        words = self.words
        ticking = self.is_ticking and not words.line.startswith(_("longer than usual"))
        shown = [self.take.status, self.take.version, self.is_canceling, self.asks, self.has_poster, self.can_edit]
        shown += ["", self.usual_seconds] if self.is_ticking else [words.headline, words.line]
        shown += [ticking, self.take.is_favourite]
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:10]
