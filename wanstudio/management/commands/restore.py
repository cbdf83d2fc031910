from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from wanstudio import backup

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

NEXT = """\
Restored what was backed up at {made_at} (version {version}).

Sending is stopped: takes that waited then may have been sent since, and would be paid twice. Before you go on:
  1. Start the studio. What was at Wan is watched and saved by itself.
  2. Compare the waiting takes with the rescue desk, and cancel those that Wan has already made.
  3. Switch sending on again: Administration, Switchboard, “submit takes”.
  4. Run manage.py doctor and manage.py find_orphans.
"""


class Command(BaseCommand):
    help = "Puts a backup in the place of database and secrets (and of local files, if it has them). Stop the studio."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path)
        parser.add_argument("--force", action="store_true", help="overwrite a database that is in use")

    def handle(self, *args: object, **options: Any) -> None:
        if _runs():
            raise CommandError("The studio runs with this data directory: stop it first.")
        try:
            backup.read(options["directory"])
            if backup.holds_people() and not options["force"]:
                raise CommandError("There are people in this database. Back it up first, then repeat with --force.")
            manifest = backup.restore(options["directory"].resolve())
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(NEXT.format(made_at=manifest.made_at, version=manifest.version))


def _runs() -> bool:
    """`manage.py run` holds a lock in the data directory."""
    try:
        with (settings.STUDIO_DATA_DIR / "run.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False
