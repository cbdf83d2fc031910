from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from generations import orphan_report, orphans, storage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = (
        "Searches all storages for objects without a row and rows without their objects. "
        "Changes nothing unless told to repair. Ends with status 1 when something is left for a person."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--repair",
            action="store_true",
            help="delete objects that nobody needs, make missing posters and previews again, find moved files",
        )

    def handle(self, *args: object, **options: Any) -> None:
        self.helpless = 0
        try:
            report = orphan_report.summary(self._seen(do_repair=options["repair"]))
        except storage.StorageError as error:
            raise CommandError(str(error)) from error
        for name, count in sorted(report["counts"].items()):
            self.stdout.write(f"{count} × {orphans.Kind[name].value} ({filesizeformat(report['bytes'][name])})")
        if not report["counts"]:
            self.stdout.write("Everything fits together.")
        if self.helpless:
            sys.exit(1)

    def _seen(self, *, do_repair: bool) -> Iterator[orphans.Orphan]:
        for orphan in orphans.find():
            done = orphans.repair(orphan) if do_repair else ""
            is_video_at_risk = orphan.kind in (orphans.Kind.MISSING, orphans.Kind.DIFFERS)
            self.helpless += is_video_at_risk and not done
            self.stdout.write(f"{orphan.kind.value}: {orphan.storage}:{orphan.key}{f': {done}' if done else ''}")
            yield orphan
