from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Makes a start possible: migrations, cache table, static files, and the end of a demo. Safe to repeat."
    requires_system_checks = []

    def handle(self, *args: object, **options: Any) -> None:
        verbosity = options["verbosity"]
        call_command("migrate", interactive=False, verbosity=verbosity - 1)
        call_command("createcachetable", verbosity=0)
        if not settings.DEBUG:
            collect_static()
        if not settings.STUDIO_DEMO:
            end_demo()


def collect_static() -> None:
    """Hash and compress the static files when any of them has changed since the last time."""
    marker = Path(settings.STATIC_ROOT) / ".collected"
    print_of_files = fingerprint()
    if marker.is_file() and marker.read_text() == print_of_files:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    marker.write_text(print_of_files)


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
