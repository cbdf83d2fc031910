from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from generations import metrics

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Prints the metrics for Prometheus, or the token with which Prometheus may read them at /metrics."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--token", action="store_true", help="print the bearer token for /metrics instead")

    def handle(self, *args: object, **options: Any) -> None:
        self.stdout.write(metrics.token() if options["token"] else metrics.exposition().decode(), ending="\n")
