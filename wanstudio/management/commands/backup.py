from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from wanstudio import backup

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Writes a backup of database and secrets into a new directory. The studio may run meanwhile."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path)
        parser.add_argument("--with-media", action="store_true", help="local clips and audio, too")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            manifest = backup.make(options["directory"].resolve(), with_media=options["with_media"])
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        files = len(manifest.files)
        self.stdout.write(f"{files} files, {filesizeformat(manifest.size)}, in {options['directory']}.")
        if manifest.secrets_elsewhere:
            names = ", ".join(manifest.secrets_elsewhere)
            self.stdout.write(f"Not in it, as they come from the environment: {names}. Keep them somewhere safe.")
        if settings.AWS_STORAGE_BUCKET_NAME:
            self.stdout.write(f"Not in it: the objects in the bucket {settings.AWS_STORAGE_BUCKET_NAME}.")
        elif not options["with_media"]:
            self.stdout.write("Not in it: clips and audio. Back up the media directory, too, or use --with-media.")
