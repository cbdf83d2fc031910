"""Two clips side by side: what differs in their recipes, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from generations.clip import Clip
from generations.rewriting import Change, changes

if TYPE_CHECKING:
    from generations.cards import Card


@dataclass(frozen=True)
class Row:
    label: str
    left: list[Change]
    right: list[Change]


class Comparison:
    """`a` and `b` are cards of clips that the person sees."""

    def __init__(self, a: Card, b: Card) -> None:
        self.a = a
        self.b = b

    @property
    def sides(self) -> list[tuple[str, Card]]:
        return [("A", self.a), ("B", self.b)]

    @cached_property
    def rows(self) -> list[Row]:
        return [row for row in self._all if row.left != row.right]

    @property
    def same(self) -> int:
        """Settings that do not differ."""
        return len(self._all) - len(self.rows)

    @cached_property
    def _all(self) -> list[Row]:
        left, right = self._facts(self.a), self._facts(self.b)
        rows = [Row(_("Prompt"), *_sides(self.a.take.sent_prompt, self.b.take.sent_prompt))]
        for label in dict.fromkeys([*left, *right]):
            if label == _("Keep out"):
                rows.append(Row(label, *_sides(left.get(label, ""), right.get(label, ""))))
            else:
                rows.append(Row(label, _whole(left.get(label, "")), _whole(right.get(label, ""))))
        return rows

    def _facts(self, card: Card) -> dict[str, str]:
        facts = {fact.label: fact.value for fact in Clip(card.take, can_edit=False).facts}
        return {_("Scene"): card.take.scene.name, **facts}


def _whole(value: str) -> list[Change]:
    return [Change("", value or _("none"))]


def _sides(left: str, right: str) -> tuple[list[Change], list[Change]]:
    """Each text with what the other one lacks marked."""
    both = changes(left, right)
    one, other = ([part for part in both if part.kind != kind] for kind in ("ins", "del"))
    return one or _whole(""), other or _whole("")
