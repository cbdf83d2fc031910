from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from generations import moving, storage

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = (
        "Moves clips and audio between local files and the bucket, verifying each. "
        "May be interrupted and repeated; the studio may run meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", required=True, choices=["s3", "local"])
        parser.add_argument("--limit", type=int, help="at most so many clips and uploads")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be moved")
        parser.add_argument(
            "--delete-source", action="store_true", help="delete each after its row names the new place"
        )

    def handle(self, *args: object, **options: Any) -> None:
        target = options["to"]
        if target not in storage.names():
            raise CommandError("No bucket is set up: set AWS_STORAGE_BUCKET_NAME and its key first.")
        plan = moving.plan(target)
        self.stdout.write(f"{plan.rows} clips and uploads ({filesizeformat(plan.size)}) are to go to {target}.")
        if plan.busy:
            self.stdout.write(f"{plan.busy} more are being worked on: repeat the command later for them.")
        if not options["dry_run"]:
            self._move(target, options["limit"], delete_source=options["delete_source"])

    def _move(self, target: str, limit: int | None, *, delete_source: bool) -> None:
        try:
            done = moving.move_all(target, limit=limit, delete_source=delete_source, say=self.stdout.write)
        except storage.StorageError as error:
            raise CommandError(f"{error} What was moved stays moved; repeat the command to go on.") from error
        except OSError as error:  # of the workspace that each file goes through
            reason = f"{error.strerror or error}: make room in STUDIO_DATA_DIR."
            raise CommandError(f"{reason} What was moved stays moved; repeat the command to go on.") from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted. What was moved stays moved; repeat the command to go on.") from None
        self.stdout.write(f"{done.rows} moved ({filesizeformat(done.size)}), {done.left} left.")
        if storage.default_name() != target:
            self.stdout.write(f"New clips still go to {storage.default_name()}: see docs/operations.md.")
        if done.left:
            sys.exit(1)
