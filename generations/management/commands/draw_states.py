from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from generations.lifecycle import drawing


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Draw the table of moves into docs/states.md."

    def handle(self, **_: object) -> None:
        page = Path(settings.BASE_DIR, "docs", "states.md")
        page.parent.mkdir(exist_ok=True)
        page.write_text(drawing.page(), encoding="utf-8")
        self.stdout.write(f"Drawn: {page}")
