"""What a card says of its take's state, in words: of what waits how long, of what ended why and what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from generations import deadline, endings, phrases
from generations.models import Status
from generations.words import REFUSED, WAITING, waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from generations.cards import Card

FULL = 0.95  # progress is a guess and never says it is done


@dataclass(frozen=True)
class Words:
    """A figure to be read from afar (may be empty), a sentence, and how full the bar is (None: no bar)."""

    headline: str
    line: str
    value: float | None = None


def tell(card: Card) -> Words:
    """What the card says now; a figure or a bar only where something is under way."""
    return TELLERS[card.take.status](card)


def _queued(card: Card) -> Words:
    if card.is_canceling:
        return Words("", _("Canceling"))
    if card.position is None:
        return Words("", waiting(card.take.waiting_for, card.take.account))
    if card.position.reason == "paused":
        return Words("", str(WAITING["paused"]))
    place = card.position.place
    headline = pgettext("place in the queue", "Next") if place == 1 else str(ordinal(place))
    if card.position.starts_in is None:
        return Words(headline, waiting(card.position.reason, card.take.account))
    return Words(headline, _("starts in %(time)s") % {"time": phrases.about(card.position.starts_in)})


def _submitting(card: Card) -> Words:
    return Words("", _("Being sent; canceled then, if that is in time") if card.is_canceling else _("Handing it over"))


def _uncertain(card: Card) -> Words:
    if card.asks:
        return Words(
            "", _("We don't know whether Wan accepted this. Sent again, it costs the price of its press again.")
        )
    if card.is_canceling:
        return Words("", _("Canceled as soon as we know whether Wan has it, if that is in time."))
    return Words("", _("We don't know yet whether Wan accepted this; nothing is sent twice."))


def _pending(card: Card) -> Words:
    if card.take.unrecognised_since:
        return Words("", _("Wan does not recognise the task right now. We keep asking"))
    return Words("", _("Canceling") if card.is_canceling else _("Accepted, not started yet"))


def _running(card: Card) -> Words:
    elapsed = card.elapsed_seconds
    if card.take.unrecognised_since:
        return Words(phrases.clock(elapsed), _("Wan does not recognise the task right now. We keep asking"))
    if not card.usual:
        return Words(phrases.clock(elapsed), "")
    usual = card.usual.median
    value = min(FULL, elapsed / usual) if usual else FULL
    return Words(phrases.clock(elapsed), _compared(card, elapsed, usual), value)


def _compared(card: Card, elapsed: float, usual: float) -> str:
    if elapsed > usual:
        return _("longer than usual")
    if card.usual and not card.usual.measured:
        return _("of perhaps %(time)s, a first guess") % {"time": phrases.clock(usual)}
    return _("of usually %(time)s") % {"time": phrases.clock(usual)}


def _archiving(card: Card) -> Words:
    if card.take.tries:
        line = _why_not_saved(card)
    elif left := _hours_left(card):
        line = _("Rendered. Saving to your storage, %(time)s") % {"time": left}
    else:
        line = _("Rendered. Saving to your storage")
    if not card.take.expected_bytes:
        return Words("", line)
    share = min(1.0, card.take.archived_bytes / card.take.expected_bytes)
    return Words(f"{share:.0%}", line, share)


def _why_not_saved(card: Card) -> str:
    left = _hours_left(card)
    if card.take.waiting_for in REFUSED:
        return f"{waiting(card.take.waiting_for, card.take.account)} · {left}"
    if card.take.waiting_for == "away":
        return str(WAITING["away"])
    if card.take.waiting_for == "disk":
        return _("The studio's disk is full. We keep trying, %(time)s") % {"time": left}
    if card.take.waiting_for == "storage":
        return _("Your storage refused it. We keep trying, %(time)s") % {"time": left}
    return _("It could not be fetched from Wan yet. We keep trying, %(time)s") % {"time": left}


def _hours_left(card: Card) -> str:
    """Of Wan's 24 hours; they don't matter to a file that is here."""
    if card.take.spool_host:
        return _("a machine of the studio has its file")
    end = deadline.of(card.take)
    return phrases.at_least_hours((end - card.now).total_seconds()) if end else ""


def _ready(card: Card) -> Words:
    if card.take.purged_at:
        return Words("", _("Deleted for good. Its recipe is still here."))
    if card.take.derive_note and not card.has_poster:
        return Words("", _("Saved. Its poster could not be made"))
    return Words("", card.take.derive_note or _("Saved. Its poster is being made"))


def _failed(card: Card) -> Words:
    return Words("", endings.failure(card.take) or f"{_('Wan could not make it.')} {endings.charge(card.take)}")


def _canceled(card: Card) -> Words:
    return Words("", endings.failure(card.take) or endings.charge(card.take))


def _lost(card: Card) -> Words:
    return Words("", " ".join([_("Wan's 24 hours ran out before it could be saved."), endings.charge(card.take)]))


TELLERS: dict[str, Callable[[Card], Words]] = {
    Status.QUEUED: _queued,
    Status.SUBMITTING: _submitting,
    Status.UNCERTAIN: _uncertain,
    Status.PENDING: _pending,
    Status.RUNNING: _running,
    Status.ARCHIVING: _archiving,
    Status.READY: _ready,
    Status.FAILED: _failed,
    Status.CANCELED: _canceled,
    Status.LOST: _lost,
}
