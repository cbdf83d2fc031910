"""Do the books balance? Asked after every test that walks the way of a take."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from generations import ledger
from generations.models import Generation, LedgerEntry, Spending
from generations.models.spending import COUNTS, MONEY


def check() -> None:
    """Of each take that was pressed: its money is the sum of its entries, and the days are the sums of their takes."""
    expected: Counter = Counter()
    for take in Generation.objects.filter(ledger__isnull=False).distinct():
        entries = list(LedgerEntry.objects.filter(generation=take).order_by("pk"))
        for name in MONEY:
            assert sum(getattr(entry, name) for entry in entries) == (getattr(take, name) or 0), (take.status, name)
        assert len({(entry.team_id, entry.project_id, entry.person_id, entry.day) for entry in entries}) == 1
        if take.is_finished:
            assert take.reserved == 0, take.status
        for name, amount in ledger._standing(take).items():
            expected[take.account.is_installations, name] += amount
    for is_installations in (False, True):
        rows = Spending.objects.filter(is_installations=is_installations)
        for name in (*MONEY, *COUNTS):
            found = sum((ledger.exact(getattr(row, name)) for row in rows), Decimal(0))
            assert found == expected[is_installations, name], (is_installations, name)


def rows() -> set:
    """What is summed, day by day, but for days of nothing."""
    columns = ("person", "day", "resolution", "is_installations", *MONEY, *COUNTS)
    found = Spending.objects.values_list(*columns)
    return {(*row[:4], *map(ledger.exact, row[4:])) for row in found if any(row[4:])}
