"""What a bulk action says of itself: how far it is, what was done, and what was left alone."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.deeds import DEEDS
from generations.models import Collection

if TYPE_CHECKING:
    from generations.models import BulkAction


class Report:
    """`goal` is the collection that takes were put into: None of other actions, and when it is gone, or out of the
    person's sight."""

    def __init__(self, action: BulkAction) -> None:
        self.action = action
        self.deed = DEEDS[action.verb]

    @cached_property
    def goal(self) -> Collection | None:
        if self.action.verb != "collect" or self.action.is_undo or not self.action.is_finished:
            return None
        return Collection.objects.visible_to(self.action.person).filter(pk=self.action.values["collection"]).first()

    @property
    def can_undo(self) -> bool:
        action = self.action
        return action.is_finished and not action.is_undo and bool(action.before) and self.deed.undo is not None

    @property
    def sentence(self) -> str:
        action = self.action
        if not action.is_finished:
            return self._progress()
        if action.is_undo:
            return self._undone()
        return " ".join(filter(None, [self._done(), self._freed(), self._ignored()]))

    def _progress(self) -> str:
        action = self.action
        if action.is_undo:
            return _("Undoing: %(count)s to go") % {"count": action.changed}
        return _("%(count)s of %(total)s done") % {"count": action.handled, "total": action.total}

    def _done(self) -> str:
        if not self.action.before:
            words = _("All of them were in “%(goal)s” already.") if self.goal else _("Nothing had to be changed.")
            return words % {"goal": self.goal}
        says = self.deed.says_of_goal if self.goal else self.deed.says
        return str(says % {"count": self.action.changed, "goal": self.goal})

    def _undone(self) -> str:
        stay = self.action.ignored
        words = ngettext(
            "%(count)s can't be put back by you any more, or was changed since, and stays as it is.",
            "%(count)s can't be put back by you any more, or were changed since, and stay as they are.",
            stay,
        )
        done = _("Undone.") if not stay or self.action.undone > stay else ""
        return " ".join(filter(None, [done, words % {"count": stay} if stay else ""]))

    def _freed(self) -> str:
        freed = self.action.freed_bytes
        return _("%(size)s are free again.") % {"size": filesizeformat(freed)} if freed else ""

    def _ignored(self) -> str:
        """Never whose they are, or whether they exist."""
        ignored = self.action.ignored
        words = ngettext("%(count)s was left alone.", "%(count)s were left alone.", ignored)
        return words % {"count": ignored} if ignored else ""
