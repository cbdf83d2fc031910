"""A month's takes as CSV, streamed: what a spreadsheet would take for a formula is marked as text."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from generations import ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generations.models import Generation, LedgerEntry
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
    entries = report.presses.select_related("generation__scene", "project", "person").order_by("day", "pk")
    for entry in entries.iterator(chunk_size=CHUNK):
        yield writer.writerow([harmless(cell) for cell in _cells(entry, report)])


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


def _cells(entry: LedgerEntry, report: Report) -> list[Any]:
    """Without the scene of a take that another team has by now."""
    take: Generation = entry.generation
    project = report.name_of(entry.project.team_id, entry.project.name)
    scene = (take.scene.name, take.number) if take.team_id == report.team.pk else ("", "")
    money = [f"{ledger.exact(amount):f}" for amount in (take.cost, take.reserved, take.possibly_charged)]
    about = [*scene, entry.person.display_name, take.resolution, take.duration]
    return [entry.day, project, *about, take.get_status_display(), entry.currency, *money, take.uuid]
