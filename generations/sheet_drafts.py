"""A call sheet's draft: what stands in the page is saved with every check of it, and is there again on any device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from generations import clock, drafts
from generations.drafts import Hold
from generations.models import Draft
from generations.models.draft import Kind

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import QueryDict

    from accounts.models import User
    from generations.call_sheet import CallSheet

OPENED = ("text", "name")  # what a recipe that comes from the composer leaves of the sheet as it was


def take_up(call_sheet: CallSheet, step: str, sent: QueryDict | None, user: User) -> None:
    """The draft that the page names; of a page that is only opened now, the newest, with what it holds."""
    if sent is not None and step != "open":
        call_sheet.hold = Hold.read(sent)
        return
    draft = drafts.newest_sheet(user, call_sheet.project)
    if draft:
        call_sheet.hold = Hold.of(draft)
        call_sheet.restore(draft.data, only=OPENED if step == "open" else ())
        call_sheet.said = drafts.saved_words(draft)


def keep(call_sheet: CallSheet, step: str, user: User) -> None:
    """Save it, unless another window has changed it: then the page says so, and a person decides."""
    hold = call_sheet.hold
    if step == "keep-draft":
        hold = hold.renewed()
    elif step == "take-over-draft":
        newest = Draft.objects.filter(owner=user, uuid=hold.uuid).first()
        hold = Hold(hold.uuid, newest.version if newest else 0, hold.writer)
    try:
        draft = drafts.save(hold, call_sheet.data, user=user, project=call_sheet.project, kind=Kind.SHEET)
    except drafts.Changed as changed:
        call_sheet.changed, call_sheet.said = changed.draft, _("Draft not saved")
        return
    if draft:
        call_sheet.hold = Hold(draft.uuid, draft.version, hold.writer)
        call_sheet.said = drafts.saved_words(draft)


def discard(key: UUID, user: User) -> None:
    Draft.objects.filter(uuid=key, owner=user, kind=Kind.SHEET).end()


def bring_back(key: UUID | None, user: User) -> None:
    """A discarded one is the newest again, the one that the page opens with."""
    gone = Draft.objects.filter(uuid__in=[key], owner=user, kind=Kind.SHEET).exclude(ended_at=None)
    gone.update(ended_at=None, updated_at=clock.now())
