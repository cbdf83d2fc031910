"""How much of the storages people's clips and audio take. Posters and previews, a few percent more, are not counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db.models import OuterRef, Subquery, Sum

from generations.models import AudioUpload, Generation

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from teams.models import Team

KEPT_SECONDS = 300


def stored_bytes(team: Team) -> int:
    """Of the team's clips and audio, trash included; measured at most every five minutes."""
    key = f"stored-bytes:{team.pk}"
    known = cache.get(key)
    if known is None:
        known = _sum(team)
        cache.set(key, known, KEPT_SECONDS)
    return known


def stored_bytes_of_all() -> int:
    return _sum(None)


def _sum(team: Team | None) -> int:
    clips, audio = Generation.objects.exclude(video_size=None), AudioUpload.objects.all()
    if team is not None:
        clips, audio = clips.filter(team=team), audio.filter(project__team=team)
    video_bytes = clips.aggregate(total=Sum("video_size"))["total"] or 0
    return video_bytes + (audio.aggregate(total=Sum("size"))["total"] or 0)


def with_stored_bytes(teams: QuerySet[Team]) -> QuerySet[Team]:
    """Each team with `clip_bytes` and `audio_bytes` (None: nothing), in the same query."""
    clips = Generation.objects.filter(team=OuterRef("pk")).order_by().values("team")
    audio = AudioUpload.objects.filter(project__team=OuterRef("pk")).order_by().values("project__team")
    return teams.annotate(
        clip_bytes=Subquery(clips.annotate(total=Sum("video_size")).values("total")),
        audio_bytes=Subquery(audio.annotate(total=Sum("size")).values("total")),
    )
