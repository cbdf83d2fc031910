from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from generations import clock
from generations.models import Switchboard
from wanstudio import backup, health

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
        parser.add_argument("--force", action="store_true", help="overwrite a database that has people in it")
        parser.add_argument(
            "--despite-connections", action="store_true", help="though others have it open (PostgreSQL): not the studio"
        )

    def handle(self, *args: object, **options: Any) -> None:
        if _runs():
            raise CommandError("The studio runs with this data directory: stop it first.")
        # One further ahead than that was written by a clock that was wrong.
        if (seconds := _seconds_since_pulse()) is not None and abs(seconds) < health.BEAT_PULSE.total_seconds():
            wait = health.BEAT_PULSE.total_seconds() - seconds
            raise CommandError(
                f"Workers were at work on this database {seconds:.0f} s ago: stop the studio wherever it runs, "
                f"and repeat this {wait:.0f} s after that."
            )
        if not options["despite_connections"] and (others := _other_connections()):
            raise CommandError(
                f"{others} other connections to this database are open: stop the studio wherever it runs. If they are "
                "of something else, repeat with --despite-connections."
            )
        try:
            backup.read(options["directory"])
            if backup.holds_people() and not options["force"]:
                raise CommandError("There are people in this database. Back it up first, then repeat with --force.")
            manifest = backup.restore(options["directory"].resolve())
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(NEXT.format(made_at=manifest.made_at, version=manifest.version))


def _seconds_since_pulse() -> float | None:
    """Of beat and workers on any machine; None when there never was one."""
    try:
        at = Switchboard.objects.filter(pk=Switchboard.PK).values_list("beat_at", flat=True).first()
        return (clock.now() - at).total_seconds() if at else None
    except DatabaseError:
        return None  # an empty database


def _other_connections() -> int:
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def _runs() -> bool:
    """`manage.py run` holds a lock in the data directory."""
    try:
        with (settings.STUDIO_DATA_DIR / "run.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False
