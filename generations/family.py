"""The takes that one was made from and those made from it, as a small tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from generations.models import Generation, Origin
from generations.words import LOOKS

if TYPE_CHECKING:
    from accounts.models import User
    from screenings.models import Comment

UP, DOWN = 8, 8  # generations of ancestors that are looked for, and of descendants below the oldest of them
MOST = 40  # takes beside the direct line

# Both ways in one question, by primary key and by the index of parents.
KIN = """
WITH RECURSIVE
  up(id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM {table} WHERE id = %(take)s
    UNION ALL
    SELECT older.id, older.parent_id, up.depth + 1 FROM {table} AS older JOIN up ON older.id = up.parent_id
    WHERE up.depth < %(up)s
  ),
  down(id, depth) AS (
    SELECT id, 0 FROM (SELECT id FROM up ORDER BY depth DESC LIMIT 1) AS oldest
    UNION ALL
    SELECT younger.id, down.depth + 1 FROM {table} AS younger JOIN down ON younger.parent_id = down.id
    WHERE down.depth < %(down)s
  )
SELECT id FROM up UNION SELECT id FROM (SELECT id FROM down ORDER BY depth, id LIMIT %(most)s) AS nearest
UNION SELECT id FROM {table} WHERE parent_id = %(take)s
"""
PLACE = re.compile(r"%\((\w+)\)s")


@dataclass
class Node:
    take: Generation
    is_here: bool
    children: list[Node] = field(default_factory=list)
    parent_seed: int | None = None
    elsewhere: str = ""  # the scene's name, where that is not the one of the page

    @property
    def has_poster(self) -> bool:
        return self.take.is_ready and self.take.derived_at is not None and not self.take.trashed_at

    @property
    def icon(self) -> str:
        return LOOKS[self.take.status][1]

    @property
    def about(self) -> str:
        """How it came about, and what tells it from its kin: "Remix, 1080P, seed 77"."""
        take = self.take
        parts = [str(take.get_origin_display()) if take.origin != Origin.NEW else ""]
        parts.append(take.resolution if take.origin != Origin.PRINT else "")  # which says it already
        parts.append(self._seed)
        parts.append(_("in the trash") if take.trashed_at else "")
        parts.append(self.elsewhere)
        return ", ".join(filter(None, parts))

    @property
    def _seed(self) -> str:
        if self.take.seed is None:
            return ""
        if self.parent_seed == self.take.seed:
            return _("same seed")
        return _("seed %(seed)s") % {"seed": self.take.seed}


class Family:
    """Its oldest known ancestors with all that came of them, as far as `user` sees it; one query."""

    def __init__(self, take: Generation, user: User) -> None:
        statement = KIN.format(table=connection.ops.quote_name(Generation._meta.db_table))
        values = {"take": take.pk, "up": UP, "down": DOWN, "most": MOST}
        kin = RawSQL(PLACE.sub("%s", statement), [values[name] for name in PLACE.findall(statement)])  # noqa: S611
        takes = Generation.objects.visible_to(user).filter(pk__in=kin).select_related("scene", "answering__comment")
        takes = takes.select_related("answering__comment__person", "answering__comment__generation")
        self.take = take
        self.takes = {one.pk: one for one in takes.order_by("pk")}

    @property
    def children(self) -> list[Generation]:
        """What was made from this take itself, oldest first; all of it, unlike further kin."""
        return [one for one in self.takes.values() if one.parent_id == self.take.pk]

    @cached_property
    def tree(self) -> list[Node]:
        """Empty for a take on its own. Whoever's parent is not seen stands at the top."""
        too_many = {one.pk for one in self.children[MOST:]}
        nodes = {key: self._node(one) for key, one in self.takes.items() if key not in too_many}
        if len(nodes) < 2:
            return []
        roots: list[Node] = []
        for node in nodes.values():
            parent = nodes.get(node.take.parent_id or 0)
            (parent.children if parent else roots).append(node)
        return roots

    def _node(self, one: Generation) -> Node:
        parent = self.takes.get(one.parent_id or 0)
        elsewhere = one.scene.name if one.scene_id != self.take.scene_id else ""
        return Node(
            one, is_here=one.pk == self.take.pk, parent_seed=parent.seed if parent else None, elsewhere=elsewhere
        )

    @property
    def answers(self) -> Comment | None:
        """The comment that this take was made for, if the clip that it is about is seen."""
        retake = getattr(self.takes.get(self.take.pk), "answering", None)
        return retake.comment if retake and retake.comment.generation_id in self.takes else None
