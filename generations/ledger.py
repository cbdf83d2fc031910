"""The book of money. Each change of a take's money columns is one entry, written in the transaction that changes them,
together with the sums of the day on which the take was pressed.

What may change money: the press, `lifecycle.moves.move` and `adjust`. Nothing here speaks to the network.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from generations import clock
from generations.models import Generation, LedgerEntry, Spending, Status
from generations.models.ledger import PRESSED
from generations.models.spending import COUNTS, MONEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from teams.models import Team

QUANTUM = Decimal("0.0001")
ENDINGS = {Status.READY: "clips", Status.FAILED: "failed", Status.CANCELED: "canceled", Status.LOST: "lost"}
WHERE = ("team_id", "project_id", "person_id", "day", "currency")
KIND = ("resolution", "is_installations")
Amounts = dict[str, Any]


def exact(amount: Any) -> Decimal:
    """To a hundredth of a cent, as the columns hold it: SQLite adds decimals up as floats."""
    return Decimal(amount or 0).quantize(QUANTUM)


def day_of(moment: datetime, team: Team) -> date:
    """Days and months of money are the team's."""
    return moment.astimezone(team.zone).date()


def open_books(takes: Sequence[Generation], *, like: Generation | None = None) -> None:
    """First entries of new takes of one team, with all that they hold.

    They pay where and when they were pressed, or, for what Wan made for a take before, as that one does.
    """
    paying = first_entry(like) if like else None
    entries = [_opening(take, paying) for take in takes]
    LedgerEntry.objects.bulk_create(entries)
    sums: dict[tuple[Any, ...], Amounts] = {}
    for take, entry in zip(takes, entries, strict=True):
        key = (*(getattr(entry, name) for name in WHERE), *_kind_of(take).values())
        sums[key] = _plus(sums.get(key, {}), _standing(take))
    for key in sorted(sums):  # in one order everywhere, so that two presses never wait for each other
        _add(dict(zip((*WHERE, *KIND), key, strict=True)), sums[key])


def _opening(take: Generation, paying: LedgerEntry | None) -> LedgerEntry:
    own: dict[str, Any] = {"team_id": take.team_id, "project_id": take.project_id, "person_id": take.owner_id}
    own["day"] = day_of(take.created_at, take.team)
    where = {name: getattr(paying, name) for name in own} if paying else own
    held = {name: exact(getattr(take, name)) for name in MONEY}
    entry = LedgerEntry(generation=take, currency=take.currency, kind=PRESSED, **where, **held)
    entry.at = take.created_at
    return entry


def first_entry(take: Generation) -> LedgerEntry | None:
    """Whose month pays for the take, wherever it is by now. None for one that nobody pressed."""
    entries = LedgerEntry.objects.filter(generation=take).select_related("team", "project__team", "person")
    return entries.order_by("pk").first()


def hold(pk: int, **expected: Any) -> Generation | None:
    """The take as the book sees it, its row held until the transaction ends; None when it is not as `expected`."""
    held = Generation.objects.select_for_update(of=("self",)).select_related("team", "account")
    return held.filter(pk=pk, **expected).first()


def book(before: Generation, kind: str) -> None:
    """Write what has changed since `hold`, in the same transaction."""
    after = Generation.objects.get(pk=before.pk)
    first = LedgerEntry.objects.filter(generation=before).order_by("pk").first()
    if first is None:  # made without a press: by a migration's or a test's own hand
        open_books([before])
        first = LedgerEntry.objects.get(generation=before)
    old, new = _standing(before), _standing(after)
    change = {name: new[name] - old[name] for name in MONEY}
    where = {name: getattr(first, name) for name in WHERE}
    if any(change.values()):
        LedgerEntry.objects.create(generation=before, kind=kind, at=clock.now(), **where, **change)
    kind_of_day = _kind_of(before)
    if before.resolution == after.resolution:
        _add(where | kind_of_day, _plus(new, old, sign=-1))
    else:  # found at Wan, whose answer tells the resolution
        _add(where | kind_of_day, _plus({}, old, sign=-1))
        _add(where | kind_of_day | {"resolution": after.resolution}, new)


def adjust(pk: int, kind: str, **fields: Any) -> None:
    """Change a take's money without a move; its card is drawn anew."""
    with transaction.atomic():
        before = hold(pk)
        Generation.objects.filter(pk=pk).update(version=F("version") + 1, **fields)
        if before is not None:
            book(before, kind)


def _standing(take: Generation) -> Amounts:
    """What a take adds to the sums of its day."""
    money: Amounts = {name: exact(getattr(take, name)) for name in MONEY}
    counts = dict.fromkeys(COUNTS, 0) | {"takes": 1}
    if ending := ENDINGS.get(Status(take.status)):
        counts[ending] = 1
    if take.status == Status.READY:
        counts["seconds"] = take.duration
    return money | counts


def _kind_of(take: Generation) -> dict[str, Any]:
    """Which row of its day it is part of."""
    return dict(zip(KIND, (take.resolution, take.account.is_installations), strict=True))


def _plus(these: Mapping[str, Any], those: Mapping[str, Any], *, sign: int = 1) -> Amounts:
    total: Amounts = defaultdict(int, these)
    for name, amount in those.items():
        total[name] += sign * amount
    return dict(total)


def _add(row: Mapping[str, Any], amounts: Amounts) -> None:
    changes = {name: F(name) + amount for name, amount in amounts.items() if amount}
    if not changes:
        return
    if not Spending.objects.filter(**row).update(**changes):
        Spending.objects.get_or_create(**row)
        Spending.objects.filter(**row).update(**changes)
