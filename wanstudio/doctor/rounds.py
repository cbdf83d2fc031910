from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import DatabaseError

from wanstudio.doctor import files, machine, service
from wanstudio.doctor.finding import fail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wanstudio.doctor.finding import Finding

ROUNDS: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
    ("database", machine.database),
    ("jobs", machine.jobs),
    ("mail", machine.mail),
    ("keys", machine.keys),
    ("space", machine.space),
    ("storage", files.storages),
    ("settings", machine.site),
    ("Wan", service.accounts),
]


def examine() -> Iterator[Finding]:
    """Everything, part by part; what needs a database that does not answer is said to be unknown."""
    for part, examination in ROUNDS:
        try:
            yield from examination()
        except DatabaseError:
            yield fail(part, "Not known while the database does not answer or is not migrated.")
