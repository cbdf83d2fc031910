"""What a bulk action says of itself: how far it is, what was done, and what was left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.deeds import DEEDS

if TYPE_CHECKING:
    from generations.models import BulkAction


class Report:
    def __init__(self, action: BulkAction) -> None:
        self.action = action
        self.deed = DEEDS[action.verb]

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
            return _("Undone.")
        return " ".join(filter(None, [self._done(), self._freed(), self._ignored()]))

    def _progress(self) -> str:
        action = self.action
        if action.takes is None:
            return _("Looking up what matches")
        if action.is_undo:
            return _("Undoing: %(count)s to go") % {"count": action.changed}
        return _("%(count)s of %(total)s done") % {"count": action.handled, "total": action.total}

    def _done(self) -> str:
        if not self.action.before:
            return _("Nothing had to be changed.")
        return str(self.deed.says % {"count": self.action.changed})

    def _freed(self) -> str:
        freed = self.action.freed_bytes
        return _("%(size)s are free again.") % {"size": filesizeformat(freed)} if freed else ""

    def _ignored(self) -> str:
        """Never whose they are, or whether they exist."""
        ignored = self.action.ignored
        words = ngettext("%(count)s was left alone.", "%(count)s were left alone.", ignored)
        return words % {"count": ignored} if ignored else ""
