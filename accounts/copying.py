"""A copy of one's data: written by a worker into the storage, announced by mail, deleted after a week."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import DataCopy, Notification, User
from generations import clock, storage
from generations.lifecycle.shift import carry_on
from generations.models import Draft, Generation, Note, Template
from screenings.models import Comment, Mention, Verdict
from teams.models import Activity, Membership, Project, Team
from wanstudio.celery import nudge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from uuid import UUID

    from django.db.models import QuerySet

KEPT = timedelta(days=7)
LEASE = timedelta(minutes=15)
PLACE = ("team_id", "project_id")
PROFILE = ("email", "name", "language", "theme", "time_zone", "digest", "date_joined", "last_login")
TAKE = (
    "uuid",
    "created_at",
    "status",
    "team__name",
    "project__name",
    "scene__name",
    "number",
    "model",
    "prompt",
    "shots",
    "sent_prompt",
    "negative_prompt",
    "resolution",
    "ratio",
    "duration",
    "seed",
    "prompt_extend",
    "watermark",
    "cost",
    "currency",
)


def request(user: User) -> DataCopy:
    """The copy that is being written, or a new one."""
    waiting = DataCopy.objects.filter(user=user, due_at__isnull=False).first()
    if waiting:
        return waiting
    now = clock.now()
    copy = DataCopy.objects.create(user=user, requested_at=now, due_at=now)
    nudge("accounts.tasks.make_copies", "media")
    return copy


def sweep() -> None:
    """Write what was asked for; delete what is a week old."""
    now = clock.now()
    for copy in DataCopy.objects.filter(due_at__lte=now).select_related("user").order_by("due_at")[:5]:
        if DataCopy.objects.filter(pk=copy.pk, due_at=copy.due_at).update(due_at=now + LEASE):
            with carry_on():
                _write(copy)
    for copy in DataCopy.objects.filter(expires_at__lt=now):
        with carry_on():
            storage.delete(copy.storage, copy.key)
            copy.delete()


def _write(copy: DataCopy) -> None:
    with storage.workspace() as directory:
        path = directory / "my-data.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("person.json", _json(_person(copy.user)))
            for name, rows in LINES.items():
                _add_lines(archive, directory, f"{name}.jsonl", rows(copy.user))
        stored = storage.put_file(path, f"copies/{copy.uuid}/my-data.zip", content_type="application/zip")
    now = clock.now()
    fields = {"storage": stored.storage, "key": stored.key, "size": stored.size, "expires_at": now + KEPT}
    if DataCopy.objects.filter(pk=copy.pk, ready_at=None).update(due_at=None, ready_at=now, **fields):
        _announce(copy)


def _person(user: User) -> dict[str, Any]:
    teams = Membership.objects.filter(user=user).select_related("team").order_by("pk")
    return {
        **{name: getattr(user, name) for name in PROFILE},
        "addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "teams": [{"name": row.team.name, "role": row.role, "since": row.created_at} for row in teams],
    }


def _add_lines(archive: zipfile.ZipFile, directory: Path, name: str, rows: Iterator[dict[str, Any]]) -> None:
    """One JSON object a line, however many there are."""
    lines = directory / name
    with lines.open("w", encoding="utf-8") as file:
        file.writelines(_json(row, indent=None) + "\n" for row in rows)
    archive.write(lines, name)


def _takes(user: User) -> Iterator[dict[str, Any]]:
    mine = Generation.objects.filter(owner=user, purged_at=None).order_by("pk").values(*TAKE, *PLACE)
    for take in _named_in_sight(mine, user):
        yield {**take, "page": _page(take["uuid"])}


def _comments(user: User) -> Iterator[dict[str, Any]]:
    """What the person wrote below clips, answers included."""
    mine = Comment.objects.filter(person=user).exclude(text="").order_by("pk")
    columns = ("created_at", "text", "second", "settled_at", "generation__uuid")
    return _with_page(mine.values(*columns))


def _verdicts(user: User) -> Iterator[dict[str, Any]]:
    mine = Verdict.objects.filter(person=user).order_by("pk")
    return _with_page(mine.values("created_at", "word", "generation__uuid"))


def _mentions(user: User) -> Iterator[dict[str, Any]]:
    """Where others named the person, and as what; not what they wrote."""
    mine = Mention.objects.filter(person=user).order_by("pk")
    return _with_page(
        mine.values("written", created_at=F("comment__created_at"), generation__uuid=F("comment__generation__uuid"))
    )


def _notes(user: User) -> Iterator[dict[str, Any]]:
    mine = Note.objects.filter(author=user).order_by("pk")
    return _with_page(mine.values("created_at", "text", "generation__uuid"))


def _with_page(rows: QuerySet[Any, Any]) -> Iterator[dict[str, Any]]:
    """Rows about clips, with the address of each clip's page for its id."""
    for row in rows.iterator(chunk_size=500):
        page = _page(row.pop("generation__uuid"))
        yield {**row, "page": page}


def _page(uuid: UUID) -> str:
    return settings.STUDIO_BASE_URL + reverse("generations:detail", args=[uuid])


def _activity(user: User) -> Iterator[dict[str, Any]]:
    """What the person did, without the labels: they may name what is others' by now."""
    columns = ("at", "verb", "count", "team__name", "project__name")
    return _named_in_sight(Activity.objects.filter(actor=user).order_by("pk").values(*columns, *PLACE), user)


def _named_in_sight(rows: QuerySet[Any, Any], user: User) -> Iterator[dict[str, Any]]:
    """Rows with their PLACE's names only where the person still sees it: others may have named it anew."""
    projects = set(Project.objects.visible_to(user).values_list("pk", flat=True))
    teams = set(Team.objects.visible_to(user).values_list("pk", flat=True))
    for row in rows.iterator(chunk_size=500):
        team, project = (row.pop(name) for name in PLACE)
        hidden = set() if project in projects else {"project__name", "scene__name"}
        hidden |= set() if team in teams else {"team__name"}
        yield {name: None if name in hidden else value for name, value in row.items()}


def _notifications(user: User) -> Iterator[dict[str, Any]]:
    columns = ("at", "activity__verb", "activity__project__name", "seen_at", "mailed_at")
    mine: QuerySet[Notification, dict[str, Any]] = Notification.objects.of(user).order_by("pk").values(*columns)
    return mine.iterator(chunk_size=500)


def _drafts(user: User) -> Iterator[dict[str, Any]]:
    """What the person has typed and neither sent nor discarded."""
    return _each(Draft.objects.kept_by(user).values("kind", "name", "updated_at", "data"))


def _templates(user: User) -> Iterator[dict[str, Any]]:
    mine = Template.objects.changeable_by(user).filter(owner=user)
    return _each(mine.order_by("pk").values("name", "kind", "created_at", "recipe"))


def _saved_searches(user: User) -> Iterator[dict[str, Any]]:
    return _each(user.saved_searches.order_by("pk").values("name", "query", "created_at"))


def _each(rows: QuerySet[Any, Any]) -> Iterator[dict[str, Any]]:
    return rows.iterator(chunk_size=500)


LINES: dict[str, Callable[[User], Iterator[dict[str, Any]]]] = {
    "takes": _takes,
    "comments": _comments,
    "verdicts": _verdicts,
    "mentions": _mentions,
    "notes": _notes,
    "drafts": _drafts,
    "templates": _templates,
    "saved_searches": _saved_searches,
    "activity": _activity,
    "notifications": _notifications,
}


def _json(value: Any, indent: int | None = 2) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=indent)


def _announce(copy: DataCopy) -> None:
    link = settings.STUDIO_BASE_URL + reverse("accounts:data_copy", args=[copy.uuid])
    with translation.override(copy.user.mail_language):
        body = render_to_string("accounts/data_copy.txt", {"copy": copy, "link": link})
        send_mail(_("The copy of your data is ready"), body, None, [copy.user.email])
