"""A call sheet's draft: what stands in the page is saved with every check of it, and is there again on any device.

Several are kept, on the shelf that holds the composer's drafts, too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from generations import drafts, typed
from generations.drafts import Hold
from generations.forms import as_uuid
from generations.models import Draft
from generations.models.draft import Kind

if TYPE_CHECKING:
    from django.http import QueryDict

    from accounts.models import User
    from generations.call_sheet import CallSheet

OPENED = ("text", "name")  # what a recipe that comes from the composer leaves of the sheet as it was


def take_up(call_sheet: CallSheet, step: str, sent: QueryDict | None, user: User, *, asked: str = "") -> None:
    """The draft that the page names. Of a page that is only opened now, with what it holds: the one that is `asked`
    for, none for "new", else the newest of the project.
    """
    if sent is not None and step != "open":
        call_sheet.hold = Hold.read(sent)
        return
    if not asked:
        draft = drafts.newest(user, call_sheet.project, Kind.SHEET)
    else:
        draft = drafts.find(user, call_sheet.project, as_uuid(asked), Kind.SHEET)
        if draft is None and asked != "new":
            call_sheet.notes.append(_("This sheet is not here any more. It was sent or discarded."))
    if draft:
        brings = sent is not None and not drafts.is_blank(typed.everything(sent))
        _restore(call_sheet, draft, only=OPENED if brings else ())


def _restore(call_sheet: CallSheet, draft: Draft, *, only: tuple[str, ...]) -> None:
    """One of another project (it is gone, or closed to the person) is filled in as a new one."""
    call_sheet.restore(draft.data, only=only)
    if draft.project_id == call_sheet.project.pk:
        call_sheet.hold, call_sheet.said = Hold.of(draft), drafts.saved_words(draft)
    else:
        words = _("This sheet comes from a project where you can't write any more. It goes on here.")
        call_sheet.notes.append(words)


def keep(call_sheet: CallSheet, step: str, user: User) -> bool:
    """Save it, unless another window has changed it: then False, the page says so, and a person decides."""
    hold = drafts.decided(call_sheet.hold, step, user)
    try:
        draft = drafts.save(hold, call_sheet.data, user=user, project=call_sheet.project, kind=Kind.SHEET)
    except drafts.Changed as changed:
        call_sheet.changed, call_sheet.said = changed.draft, _("Sheet not saved")
        return False
    if draft:
        call_sheet.hold = replace(hold, uuid=draft.uuid, version=draft.version)
        call_sheet.said = drafts.saved_words(draft)
    return True
