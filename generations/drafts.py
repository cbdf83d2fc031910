"""What is typed into the composer or a call sheet, kept on the server as it is typed.

A page names its draft by a Hold: the draft's UUID (made with the page, so that saving twice makes one), the version it
has seen and its own name as a writer. A page that has not seen the newest version is told, and decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from generations import clock
from generations.forms import as_uuid
from generations.models import Draft
from generations.models.draft import NAME_LENGTH, Kind
from teams.models import Project

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User
    from generations.models.draft import DraftQuerySet

MOST = 20  # on the menu; they come with their data, a few KB each, to spare the page a query


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

    @classmethod
    def fresh(cls) -> Hold:
        return cls(uuid4(), 0, uuid4())

    @classmethod
    def of(cls, draft: Draft) -> Hold:
        return cls(draft.uuid, draft.version, uuid4())

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> Hold:
        """What a form says of its draft; spoilt values are replaced, they must not prevent saving."""
        version = posted.get("draft_version", "")
        seen = int(version) if re.fullmatch(r"[0-9]{1,9}", version) else 0
        names = (as_uuid(posted.get(name, "")) or uuid4() for name in ("draft", "draft_writer"))
        key, writer = names
        return cls(key, seen, writer)

    def renewed(self) -> Hold:
        """The same page, with a draft of its own."""
        return replace(self, uuid=uuid4(), version=0)


def save(hold: Hold, data: dict[str, Any], *, user: User, project: Project, kind: Kind = Kind.COMPOSER) -> Draft | None:
    """The draft as it is kept now; None when there is nothing to keep. Raises Changed.

    One that was sent or discarded elsewhere, or is not the person's, is left alone: a new one is made.
    """
    data = without_nul(data)
    held = Draft.objects.filter(uuid=hold.uuid).first()
    if held is None and is_blank(data):
        return None
    if held is None or held.ended_at or held.owner_id != user.pk:
        return _make(hold if held is None else hold.renewed(), data, user=user, project=project, kind=kind)
    if held.version != hold.version and held.writer != hold.writer:
        raise Changed(held)
    return held if held.data == data else _overwrite(held, hold, data)


def without_nul(value: Any) -> Any:
    """PostgreSQL keeps no NUL, in text or in JSON; nobody types one."""
    if isinstance(value, dict):
        return {key: without_nul(each) for key, each in value.items()}
    if isinstance(value, list):
        return [without_nul(each) for each in value]
    return value.replace("\x00", "") if isinstance(value, str) else value


def _make(hold: Hold, data: dict[str, Any], *, user: User, project: Project, kind: Kind) -> Draft:
    values = {"owner": user, "project": project, "kind": kind, "name": name_of(data), "data": data}
    values["updated_at"] = clock.now()
    try:
        with transaction.atomic():
            return Draft.objects.create(uuid=hold.uuid, writer=hold.writer, **values)
    except IntegrityError:  # the same saving, sent twice at once
        return Draft.objects.get(uuid=hold.uuid, owner=user)


def _overwrite(held: Draft, hold: Hold, data: dict[str, Any]) -> Draft:
    values = {"name": name_of(data), "data": data, "writer": hold.writer, "updated_at": clock.now()}
    mine = Draft.objects.filter(pk=held.pk, version=held.version, ended_at=None)
    is_first = mine.update(version=F("version") + 1, **values)
    held.refresh_from_db()
    if not is_first:
        raise Changed(held)
    return held


def end(hold: Hold, user: User) -> None:
    """Its takes were made. What another page has typed into it since stays."""
    mine = Draft.objects.filter(uuid=hold.uuid, owner=user)
    (mine.filter(version=hold.version) | mine.filter(writer=hold.writer)).end()


def shelf(user: User, project: Project) -> list[Draft]:
    """The person's drafts of this project, and those of projects that are gone or closed to them; newest first."""
    return list(_within_reach(user, project)[:MOST])


def find(user: User, project: Project, key: UUID | None) -> Draft | None:
    """Of all those, however long ago it was saved: the menu shows the newest only."""
    return _within_reach(user, project).filter(uuid=key).first() if key else None


def _within_reach(user: User, project: Project) -> DraftQuerySet:
    closed = Q(project=None) | ~Q(project__in=Project.objects.editable_by(user))
    return Draft.objects.kept_by(user).filter(Q(project=project.pk) | closed, kind=Kind.COMPOSER)


def newest_sheet(user: User, project: Project) -> Draft | None:
    return Draft.objects.kept_by(user).filter(kind=Kind.SHEET, project=project.pk).first()


def is_blank(data: dict[str, Any]) -> bool:
    shots = data.get("shots") or []
    fields = ("prompt", "negative_prompt", "audio_id", "text")
    return not any(data.get(name) for name in fields) and not any(shot["text"] for shot in shots)


def name_of(data: dict[str, Any]) -> str:
    texts = [data.get("prompt", ""), data.get("text", ""), *(shot["text"] for shot in data.get("shots") or [])]
    first = next((" ".join(text.split()) for text in texts if text.strip()), "")
    if not first:
        return _("Sound only") if data.get("audio_id") else _("Empty draft")
    return first if len(first) <= NAME_LENGTH else first[: NAME_LENGTH - 1] + "…"


def saved_words(draft: Draft) -> str:
    return _("Draft saved %(time)s") % {"time": f"{localtime(draft.updated_at):%H:%M}"}
