"""A month's takes as CSV, streamed: what a spreadsheet would take for a formula is marked as text."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from generations import ledger
from generations.models import LedgerEntry
from generations.models.ledger import PRESSED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generations.models import Generation
    from generations.report import Report

FORMULA = ("=", "+", "-", "@", "\t", "\r")
CHUNK = 500


class _Line:
    """What csv.writer writes to: it gives the line back."""

    def write(self, line: str) -> str:
        return line


def lines(report: Report) -> Iterator[str]:
    """One line per take of the report's month and scope, in the order of the presses; begins with a BOM for Excel."""
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow([harmless(str(title)) for title in _titles()])
    of = {"team": report.team} if report.project is None else {"project": report.project}
    entries = LedgerEntry.objects.filter(
        kind=PRESSED, currency=report.currency, day__gte=report.month, day__lt=report.end, **of
    )
    entries = entries.select_related("generation__scene", "project", "person").order_by("day", "pk")
    for entry in entries.iterator(chunk_size=CHUNK):
        yield writer.writerow([harmless(cell) for cell in _cells(entry)])


def harmless(cell: Any) -> str:
    """Text that no spreadsheet runs. Numbers of ours are never negative."""
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def _titles() -> list[str]:
    return [
        _("Day"),
        _("Project"),
        _("Scene"),
        _("Take"),
        _("Person"),
        _("Resolution"),
        _("Seconds"),
        _("Status"),
        _("Currency"),
        _("Charged"),
        _("Held"),
        _("Possibly charged"),
        _("Id"),
    ]


def _cells(entry: LedgerEntry) -> list[Any]:
    take: Generation = entry.generation
    money = [f"{ledger.exact(amount):f}" for amount in (take.cost, take.reserved, take.possibly_charged)]
    about = [take.scene.name, take.number, entry.person.display_name, take.resolution, take.duration]
    return [entry.day, entry.project.name, *about, take.get_status_display(), entry.currency, *money, take.uuid]
