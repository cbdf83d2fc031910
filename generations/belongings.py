"""What belongs to one take, read together with it: its page shows a little of many tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from accounts.models import User
from generations.labels import MOST_SUGGESTIONS
from generations.models import Collection, Event, Note, SubmitAttempt, Tag
from generations.models.rows import Rows
from screenings.models import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generations.models import Generation
    from generations.models.generation import GenerationQuerySet

PERSON = ("name", "email", "purged_at")  # what somebody is called


def with_belongings(takes: GenerationQuerySet) -> GenerationQuerySet:
    """For Belongings; costs no query more."""
    this = OuterRef("pk")
    names = Tag.objects.filter(team=OuterRef("team")).order_by("key")[:MOST_SUGGESTIONS]
    return takes.annotate(
        its_tags=Rows(Tag.objects.filter(taggings__generation=this), key="key", name="name"),
        team_tags=Rows(names, key="key", name="name"),
        its_collections=Rows(Collection.objects.filter(collected__generation=this), id="pk", uuid="uuid", name="name"),
        its_notes=Rows(
            Note.objects.filter(generation=this).order_by(),
            **{"id": "pk", "uuid": "uuid", "text": "text", "at": "created_at", "person": "author"},
            **{name: f"author__{name}" for name in PERSON},
        ),
        its_events=Rows(
            Event.objects.filter(generation=this).order_by(),
            **{"id": "pk", "at": "at", "kind": "kind", "person": "actor"},
            **{name: f"actor__{name}" for name in PERSON},
        ),
        its_verdict=Rows(
            Verdict.objects.filter(generation=this).order_by("-pk")[:1],
            **{name: name for name in ("word", "guest", "created_at", "person")},
            **{name: f"person__{name}" for name in PERSON},
        ),
        its_request=Subquery(SubmitAttempt.objects.filter(generation=this).order_by("-pk").values("request_id")[:1]),
    )


class Belongings:
    """Of a take that `with_belongings` brought. Rows are as models would have them, but can't be saved."""

    def __init__(self, take: Generation) -> None:
        self._take: Any = take

    @property
    def tags(self) -> list[Tag]:
        return [Tag(name=row["name"], key=row["key"]) for row in _sorted(self._take.its_tags, "key")]

    @property
    def tag_names(self) -> list[str]:
        """To choose from."""
        return [row["name"] for row in _sorted(self._take.team_tags, "key")]

    @property
    def collections(self) -> list[Collection]:
        rows = _sorted(self._take.its_collections, "name", "id")
        return [Collection(uuid=UUID(row["uuid"]), name=row["name"]) for row in rows]

    @property
    def notes(self) -> list[Note]:
        rows = _sorted(self._take.its_notes, "id")
        return [
            Note(uuid=UUID(row["uuid"]), text=row["text"], created_at=_moment(row["at"]), author=_person(row))
            for row in rows
        ]

    @property
    def events(self) -> list[tuple[datetime, str, User | None]]:
        rows = _sorted(self._take.its_events, "id")
        return [(_moment(row["at"]), row["kind"], _person(row) if row["person"] else None) for row in rows]

    @property
    def verdict(self) -> Verdict | None:
        """The newest."""
        return next(
            (
                Verdict(
                    generation=self._take,
                    word=row["word"],
                    guest=row["guest"],
                    created_at=_moment(row["created_at"]),
                    person=_person(row) if row["person"] else None,
                )
                for row in self._take.its_verdict or ()
            ),
            None,
        )

    @property
    def request_id(self) -> str:
        """Of the last create call."""
        return self._take.its_request or ""


def _sorted(rows: Iterable[dict[str, Any]] | None, *names: str) -> list[dict[str, Any]]:
    return sorted(rows or (), key=lambda row: [row[name] for name in names])


def _moment(text: str) -> datetime:
    """SQLite writes no zone."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _person(row: dict[str, Any]) -> User:
    return User(pk=row["person"], **{name: row[name] for name in PERSON})
