"""The table of moves as a page for docs/: a Mermaid diagram and what the creator reads in each status."""

from __future__ import annotations

from django.utils.translation import override

from generations.lifecycle.moves import MOVES
from generations.models import UNFINISHED, Status

HEAD = """# The way of a take

Drawn from the table of moves in `generations/lifecycle/moves.py` by `manage.py draw_states`; a test keeps it current.
A move that is not drawn here raises `ForbiddenMove`.
"""


def page() -> str:
    with override("en"):
        rows = [f"| `{status.name}` | {status.label} | {_moves_on_to(status)} |" for status in Status]
    table = ["| Status | What the creator reads | Moves on to |", "|---|---|---|", *rows]
    return "\n".join([HEAD, "```mermaid", *_diagram(), "```", "", *table, ""])


def _diagram() -> list[str]:
    arrows = [f"    {old.name} --> {new.name}" for old in Status for new in Status if new in MOVES[old]]
    ends = [f"    {status.name} --> [*]" for status in Status if status not in UNFINISHED]
    return ["stateDiagram-v2", "    [*] --> QUEUED", *arrows, *ends]


def _moves_on_to(status: Status) -> str:
    return ", ".join(f"`{new.name}`" for new in Status if new in MOVES[status]) or "–"
