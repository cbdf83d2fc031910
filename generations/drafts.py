"""What is typed into the composer or a call sheet, kept on the server as it is typed.

A page names its draft by a Hold: the draft's UUID (made with the page, so that saving twice makes one), the version it
has seen, its own name as a writer and the turn of what it sends. A page that has not seen the newest version is told,
and decides. What a page sent earlier than what is kept of it, and arrives later, changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db.models import Case, F, JSONField, Q, When
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from generations import clock, cursor, sheet
from generations.forms import as_uuid
from generations.models import Draft
from generations.models.draft import NAME_LENGTH, Kind
from generations.typed import plain
from teams.models import Project

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from accounts.models import User
    from generations.models.draft import DraftQuerySet

MOST = 20  # on the menu, and more by twenties


class Changed(Exception):
    """Another page has saved the draft meanwhile."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(str(draft.uuid))
        self.draft = draft


@dataclass(frozen=True)
class Hold:
    uuid: UUID
    version: int  # 0: not saved yet
    writer: UUID
    turn: int = 0  # grows with everything the page sends; 0: it has no script

    @classmethod
    def fresh(cls) -> Hold:
        return cls(uuid4(), 0, uuid4())

    @classmethod
    def of(cls, draft: Draft) -> Hold:
        return cls(draft.uuid, draft.version, uuid4())

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> Hold:
        """What a form says of its draft; spoilt values are replaced, they must not prevent saving."""
        seen, turn = (_number(posted.get(name, ""), size) for name, size in (("draft_version", 9), ("draft_turn", 15)))
        key, writer = (as_uuid(posted.get(name, "")) or uuid4() for name in ("draft", "draft_writer"))
        return cls(key, seen, writer, turn)

    def renewed(self) -> Hold:
        """The same page, with a draft of its own."""
        return self.of_another(uuid4())

    def of_another(self, draft: UUID | None) -> Hold:
        """The same page, of a draft that it has not seen."""
        return replace(self, uuid=draft or uuid4(), version=0)

    def is_late(self, draft: Draft) -> bool:
        """The draft holds something that the same page sent later, or was ended by that."""
        return self.writer == draft.writer and 0 < self.turn <= draft.turn


def decided(hold: Hold, step: str, user: User) -> Hold:
    """What a person chose when another window had changed the draft: to keep both, or to take this one's over."""
    if step == "keep-draft":
        return hold.renewed()
    if step == "take-over-draft":
        newest = Draft.objects.filter(owner=user, uuid=hold.uuid).first()
        return replace(hold, version=newest.version if newest else 0)
    return hold


def _number(typed: str, size: int) -> int:
    return int(typed) if re.fullmatch(f"[0-9]{{1,{size}}}", typed) else 0


def save(hold: Hold, data: dict[str, Any], *, user: User, project: Project, kind: Kind = Kind.COMPOSER) -> Draft | None:
    """The draft as it is kept now; None when there is nothing to keep. Raises Changed.

    One that was sent or discarded elsewhere, or is not the person's, is left alone: a new one is made.
    """
    data = all_plain(data)
    values = {"owner": user, "project": project, "kind": kind}
    held = Draft.objects.filter(uuid=hold.uuid).first()
    if held is None and is_blank(data):
        return None
    if held is None:
        held = _make(hold, data, values)
    if held.owner_id != user.pk:
        return _make(hold.renewed(), data, values)
    if hold.is_late(held):
        return None if held.ended_at else held
    if held.ended_at:
        return _make(hold.renewed(), data, values)
    if held.version != hold.version and held.writer != hold.writer:
        raise Changed(held)
    return _agreed(held, hold) if held.data == data else _overwrite(held, hold, data)


def all_plain(value: Any) -> Any:
    """Each of its texts, however deep, as `plain`."""
    if isinstance(value, dict):
        return {key: all_plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [all_plain(each) for each in value]
    return plain(value) if isinstance(value, str) else value


def _make(hold: Hold, data: dict[str, Any], values: dict[str, Any]) -> Draft:
    """The draft of this name: this one, or what another saving has made at the same moment."""
    values = values | {"name": name_of(data), "data": data, "updated_at": clock.now()}
    draft = Draft(uuid=hold.uuid, writer=hold.writer, turn=hold.turn, **values)
    Draft.objects.bulk_create([draft], ignore_conflicts=True)
    return Draft.objects.get(uuid=hold.uuid)


def _agreed(held: Draft, hold: Hold) -> Draft:
    """It says that already; what the page sent before that is late from now on."""
    if hold.turn:
        same = Draft.objects.filter(pk=held.pk, version=held.version)
        same.exclude(writer=hold.writer, turn__gte=hold.turn).update(writer=hold.writer, turn=hold.turn)
    return held


def _overwrite(held: Draft, hold: Hold, data: dict[str, Any]) -> Draft:
    """Until nobody saves between; what saves between may be the page itself, which sends two things at once."""
    while True:
        values = {"name": name_of(data), "data": data, "updated_at": clock.now()}
        mine = Draft.objects.filter(pk=held.pk, version=held.version, ended_at=None)
        mine = mine.exclude(writer=hold.writer, turn__gte=hold.turn) if hold.turn else mine
        is_first = mine.update(version=F("version") + 1, writer=hold.writer, turn=hold.turn, **values)
        held.refresh_from_db()
        if is_first or hold.is_late(held):
            return held
        if held.ended_at or held.writer != hold.writer:
            raise Changed(held)


def end(hold: Hold, user: User) -> None:
    """Its takes were made. What another page has typed into it since stays."""
    mine = Draft.objects.filter(uuid=hold.uuid, owner=user)
    (mine.filter(version=hold.version) | mine.filter(writer=hold.writer)).end(writer=hold.writer, turn=hold.turn)


def discard(hold: Hold, user: User) -> None:
    """Whatever another page has typed into it."""
    Draft.objects.filter(uuid=hold.uuid, owner=user).end(writer=hold.writer, turn=hold.turn)


@dataclass(frozen=True)
class Discarded:
    """What a page offers to bring back; `is_beside`: it was not the one that stood there."""

    draft: Draft
    is_beside: bool

    @property
    def undo(self) -> str:
        """The step of the button."""
        return f"{'put-back' if self.is_beside else 'restore'}-draft:{self.draft.uuid}"


def discarded(query: Mapping[str, str], user: User) -> Discarded | None:
    """As a page's address names it; None when there is none, or it was brought back."""
    key = as_uuid(query.get("discarded", ""))
    gone = Draft.objects.filter(uuid=key, owner=user).exclude(ended_at=None).defer("data").first() if key else None
    return Discarded(gone, "beside" in query) if gone else None


def bring_back(key: UUID | None, user: User) -> Draft | None:
    """One that was discarded is the newest again; None when there is none, or it was kept all the time."""
    gone = Draft.objects.filter(uuid=key, owner=user).exclude(ended_at=None).first() if key else None
    if gone and Draft.objects.filter(pk=gone.pk).exclude(ended_at=None).update(ended_at=None, updated_at=clock.now()):
        return gone
    return None


class Shelf(list[Draft]):
    """A page of drafts; `older` is the cursor of the next one, "" after the last."""

    older = ""


def shelf(user: User, project: Project, kinds: Collection[str] = Kind.values, *, before: str = "") -> Shelf:
    """The person's drafts of this project, and those of projects that are gone or closed to them; newest first.

    `before` is a cursor, a spoilt one shows the newest. Those of the composer come with their data, a few KB each, to
    spare its page a query. A sheet may have megabytes.
    """
    view = f"drafts {user.pk} {project.pk} {' '.join(sorted(kinds))}"
    small = Case(When(kind=Kind.COMPOSER, then=F("data")), default=None, output_field=JSONField())
    rows = _within_reach(user, project).filter(kind__in=kinds).defer("data").annotate(small=small)
    if before and (keys := cursor.read(view, before)):
        at, pk = datetime.fromisoformat(keys[0]), int(keys[1])
        rows = rows.filter(Q(updated_at__lt=at) | Q(updated_at=at, pk__lt=pk))
    found = list(rows[: MOST + 1])
    shown = Shelf(found[:MOST])
    if len(found) > MOST:
        shown.older = cursor.write(view, (shown[-1].updated_at.isoformat(), shown[-1].pk))
    for draft in shown:
        if draft.kind == Kind.COMPOSER:
            draft.data = vars(draft)["small"]
    return shown


def find(user: User, project: Project, key: UUID | None, kind: Kind) -> Draft | None:
    """Of all those, however long ago it was saved."""
    return _within_reach(user, project).filter(uuid=key, kind=kind).first() if key else None


def newest(user: User, project: Project, kind: Kind) -> Draft | None:
    """Of the project itself: what somebody goes on with who names none."""
    return Draft.objects.kept_by(user).filter(kind=kind, project=project.pk).first()


def _within_reach(user: User, project: Project) -> DraftQuerySet:
    closed = Q(project=None) | ~Q(project__in=Project.objects.editable_by(user).filter(archived_at=None))
    return Draft.objects.kept_by(user).filter(Q(project=project.pk) | closed)


def is_blank(data: dict[str, Any]) -> bool:
    shots = data.get("shots") or []
    fields = ("prompt", "negative_prompt", "audio_id", "text")
    return not any(data.get(name) for name in fields) and not any(shot["text"] for shot in shots)


def name_of(data: dict[str, Any]) -> str:
    rows = data.get("text", "")
    texts = [data.get("name", ""), sheet.first_prompt(rows), data.get("prompt", ""), rows]
    texts += [shot["text"] for shot in data.get("shots") or []]
    first = next((" ".join(text.split()) for text in texts if text.strip()), "")
    if not first:
        return _("Sound only") if data.get("audio_id") else _("Empty draft")
    return first if len(first) <= NAME_LENGTH else first[: NAME_LENGTH - 1] + "…"


def put_back_words(draft: Draft) -> str:
    """One that was brought back to its shelf."""
    among = _("“%(name)s” is kept again, among your sheets.")
    words = among if draft.kind == Kind.SHEET else _("“%(name)s” is kept again, among your drafts.")
    return words % {"name": draft.name}


def saved_words(draft: Draft) -> str:
    """The composer's stand on the button that opens its shelf, and name that."""
    words = _("Sheet saved %(time)s") if draft.kind == Kind.SHEET else _("Drafts · saved %(time)s")
    return words % {"time": f"{localtime(draft.updated_at):%H:%M}"}
