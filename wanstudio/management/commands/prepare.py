from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Makes a start possible: migrations, cache table, static files, and the end of a demo. Safe to repeat."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", default=settings.STUDIO_DEMO, help="a demo is to go on")
        parser.add_argument("--static-only", action="store_true", help="no database; for an image's build")

    def handle(self, *args: object, **options: Any) -> None:
        if options["static_only"]:
            return collect_static()
        if has_migrations():
            call_command("migrate", interactive=False, verbosity=options["verbosity"])
        call_command("createcachetable", verbosity=0)
        if not settings.DEBUG:
            collect_static()
        if not options["demo"]:
            end_demo()


def has_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def collect_static() -> None:
    """Hash and compress the static files when any of them has changed since the last time."""
    marker = Path(settings.STATIC_ROOT) / ".collected"
    present = fingerprint()
    if marker.is_file() and marker.read_text() == present:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    marker.write_text(present)


def fingerprint() -> str:
    """Of every source file's name, size and time."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda pair: pair[0]):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name}:{stat.st_size}:{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def end_demo() -> None:
    """Takes of a demo that was never finished end here: nothing answers for them any more."""
    from generations.lifecycle import cancel

    cancel.end_demo()
