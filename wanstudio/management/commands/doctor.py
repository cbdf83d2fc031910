from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from wanstudio.doctor import Mark, examine


class Command(BaseCommand):
    help = "Examines the installation, one line for each finding. Costs nothing. Ends with status 1 when a part fails."
    requires_system_checks = []

    def handle(self, *args: object, **options: Any) -> None:
        styles = {Mark.OK: self.style.SUCCESS, Mark.WARN: self.style.WARNING, Mark.FAIL: self.style.ERROR}
        failed = warned = 0
        for finding in examine():
            failed += finding.mark is Mark.FAIL
            warned += finding.mark is Mark.WARN
            mark = styles[finding.mark](f"{finding.mark.value:<4}")
            self.stdout.write(f"{mark}  {finding.part:<9} {finding.says}")
            self.stdout.flush()
        self.stdout.write(_verdict(failed, warned))
        if failed:
            sys.exit(1)


def _verdict(failed: int, warned: int) -> str:
    if failed:
        return f"\n{failed} to put right." if failed > 1 else "\nOne thing to put right."
    if warned:
        return "\nThe studio works; see the warnings." if warned > 1 else "\nThe studio works; see the warning."
    return "\nEverything works."
