from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from wanstudio import copying

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Copies the database into another, empty one, like from SQLite to PostgreSQL. Stop the studio before."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", required=True, metavar="URL", help="postgres://user:password@host/name")

    def handle(self, *args: object, **options: Any) -> None:
        if options["to"].partition("://")[0] not in ("postgres", "postgresql", "sqlite"):
            raise CommandError("--to can't be read: give postgres://user@host/name or sqlite:////a/file.")
        try:
            total = copying.copy(options["to"], self.stdout.write)
        except copying.CopyError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{total} rows copied. Set DATABASE_URL to the new database and start the studio.")
