"""How much of the storages people's clips and audio take, and what is free.

Posters and previews, a few percent more, are not counted. Clips are summed by an index that holds all that is asked
(`take_bytes`), so that a team or a project of a million clips is summed without reading a take.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.db.models import OuterRef, Subquery, Sum

from generations import storage
from generations.lifecycle.tidy import FREE_BYTES_NEEDED
from generations.models import AudioUpload, Generation

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from teams.models import Project, Team

KEPT_SECONDS = 300
FREE_BYTES_COMFORTABLE = 10 * 1024**3


@dataclass(frozen=True)
class StorageUse:
    """Bytes: of a team's clips and audio; free on the studio's disk (None: not known)."""

    stored: int
    free: int | None

    @property
    def is_in_bucket(self) -> bool:
        """New clips go to a bucket; the disk holds them on their way only."""
        return bool(settings.AWS_STORAGE_BUCKET_NAME)

    @property
    def is_low(self) -> bool:
        return self.free is not None and self.free < FREE_BYTES_COMFORTABLE

    @property
    def stops_sending(self) -> bool:
        return self.free is not None and self.free < FREE_BYTES_NEEDED


def usage_of_storage(team: Team) -> StorageUse:
    """For its owners and administrators: `generations/_storage_use.html` shows it."""
    return StorageUse(stored_bytes(team), storage.free_bytes())


def usage_of_installation() -> StorageUse:
    """Of all teams, measured at most every five minutes."""
    return StorageUse(_kept("stored-bytes", None), storage.free_bytes())


def stored_bytes(team: Team) -> int:
    """Of the team's clips and audio, trash included; measured at most every five minutes."""
    return _kept(f"stored-bytes:{team.pk}", team)


def stored_bytes_of_project(project: Project) -> int:
    """The same of one project."""
    return _kept(f"stored-bytes:project:{project.pk}", project.team, project)


def _kept(key: str, team: Team | None, project: Project | None = None) -> int:
    known = cache.get(key)
    if known is None:
        known = _sum(team, project)
        cache.set(key, known, KEPT_SECONDS)
    return int(known)


def stored_bytes_of_all() -> int:
    return _sum(None)


def _sum(team: Team | None, project: Project | None = None) -> int:
    """`project`: of the team's, that one alone; the index begins with the team."""
    clips, audio = Generation.objects.stored(), AudioUpload.objects.all()
    if team is not None:
        clips, audio = clips.filter(team=team), audio.filter(project__team=team)
    if project is not None:
        clips, audio = clips.filter(project=project), audio.filter(project=project)
    video_bytes = clips.aggregate(total=Sum("video_size"))["total"] or 0
    return video_bytes + (audio.aggregate(total=Sum("size"))["total"] or 0)


def with_stored_bytes(teams: QuerySet[Team]) -> QuerySet[Team]:
    """Each team with `clip_bytes` and `audio_bytes` (None: nothing), in the same query."""
    clips = Generation.objects.stored().filter(team=OuterRef("pk")).order_by().values("team")
    audio = AudioUpload.objects.filter(project__team=OuterRef("pk")).order_by().values("project__team")
    return teams.annotate(
        clip_bytes=Subquery(clips.annotate(total=Sum("video_size")).values("total")),
        audio_bytes=Subquery(audio.annotate(total=Sum("size")).values("total")),
    )
