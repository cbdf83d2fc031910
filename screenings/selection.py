"""What somebody wants to show: chosen takes, a scene or a collection, as far as they may share it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef
from django.http import QueryDict
from django.utils.translation import gettext as _

from generations.bulk import NIL, shown_by
from generations.bundle import IN_ORDER
from generations.forms import as_uuid
from generations.models import Collection, Generation, Scene, Status
from generations.offers import Offer, named, words_of
from screenings.models.share_link import MOST
from teams.activity import record
from teams.models import Project

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from accounts.models import User
    from generations.offers import Row
    from screenings.forms import LinkForm
    from teams.models.project import ProjectQuerySet


@dataclass(frozen=True)
class Sources:
    """Scenes of a project and collections of its team with something to show, the latest first, each with `clips`."""

    scenes: Offer[Scene]
    collections: Offer[Collection]
    find: str  # words that each has in its name

    @classmethod
    def of(cls, project: Project, find: str = "") -> Sources:
        scenes = _with_clips(named(Scene.objects.filter(project=project), find), "scene")
        collections = _with_clips(named(Collection.objects.filter(team=project.team_id), find), "collections")
        return cls(
            Offer.of(scenes.order_by("-latest_take_at", "-pk")),
            Offer.of(collections.order_by("-created_at", "-pk")),
            words_of(find),
        )

    @property
    def has_search(self) -> bool:
        return bool(self.find) or self.scenes.is_long or self.collections.is_long

    @property
    def is_empty(self) -> bool:
        return not (self.scenes or self.collections)


def _with_clips(rows: QuerySet[Row], by: str) -> QuerySet[Row]:
    """Those with clips, as the field `by` of a clip names them, with how many."""
    clips = Generation.objects.kept().filter(status=Status.READY, purged_at=None, **{by: OuterRef("pk")}).order_by()
    return rows.filter(Exists(clips)).annotate(clips=clips.values(by).annotate(count=Count("pk")).values("count"))


class Selection:
    """Clips that are not there, not finished, of others or of another team than the first (of a `view`: of
    its project, if any is) are left out; raises PermissionDenied to viewers.

    With `all`, those that `view` shows: of a scene or a collection as if that was chosen.
    """

    def __init__(self, user: User, values: QueryDict) -> None:
        self.user = user
        self.view = values.get("view", "") if "all" in values else ""
        self.values = QueryDict(self.view) if self.view else values

    def _named(self, name: str) -> UUID | None:
        return as_uuid(self.values.get(name, ""))

    @cached_property
    def scene(self) -> Scene | None:
        projects = Project.objects.visible_to(self.user)
        uuid = self._named("scene")
        return Scene.objects.filter(project__in=projects, uuid=uuid).first() if uuid else None

    @cached_property
    def collection(self) -> Collection | None:
        uuid = self._named("collection")
        return Collection.objects.visible_to(self.user).filter(uuid=uuid).first() if uuid else None

    @property
    def clips(self) -> list[Generation]:
        """In their own order, as many as a screening takes."""
        return self._found[:MOST]

    @property
    def is_cut(self) -> bool:
        """There are more than a screening takes."""
        return len(self._found) > MOST

    @cached_property
    def _found(self) -> list[Generation]:
        """One more than are shown."""
        clips = Generation.objects.visible_to(self.user).kept().filter(status=Status.READY, purged_at=None)
        clips = clips.select_related("scene", "project")
        if self.scene:
            return list(clips.filter(scene=self.scene).order_by("number")[: MOST + 1])
        if self.collection:
            collected = clips.filter(collections=self.collection).order_by("collected__place", "collected__id")
            return list(collected[: MOST + 1])
        if self.view:
            shown = clips.filter(pk__in=shown_by(self.view, self.user).values("pk")).order_by(*IN_ORDER)
            first = shown.filter(project__uuid=self._named("project") or NIL).first() or shown.first()
            return list(shown.filter(team=first.team_id)[: MOST + 1]) if first else []
        uuids = [uuid for uuid in map(as_uuid, self.values.getlist("take")[: MOST + 1]) if uuid]
        found = {clip.uuid: clip for clip in clips.filter(uuid__in=uuids)}
        team = next((clip.team_id for uuid in uuids if (clip := found.get(uuid))), None)
        return [found[uuid] for uuid in dict.fromkeys(uuids) if uuid in found and found[uuid].team_id == team]

    @cached_property
    def project(self) -> Project | None:
        """Whose link it will be: the scene's, that in which a collection was chosen, else the first clip's.

        None when there is nothing to share.
        """
        chosen = self.scene or next(iter(self.clips), None)
        if chosen is None:
            return None
        projects = Project.objects.visible_to(self.user).select_related("team")
        project = self._asked_in(projects) or projects.filter(pk=chosen.project_id).first()
        if project and not Project.objects.editable_by(self.user).filter(pk=project.pk).exists():
            raise PermissionDenied(_("Only editors and owners share links."))
        return project

    def _asked_in(self, projects: ProjectQuerySet) -> Project | None:
        """Of the collection's team: its clips may be of several projects."""
        uuid = self._named("project")
        if uuid is None or self.scene or self.collection is None:
            return None
        return projects.filter(uuid=uuid, team=self.collection.team_id).first()

    @property
    def name(self) -> str:
        """The project's where nobody named what is shown: a scene's own name begins its prompt."""
        if self.collection and not self.scene:
            return self.collection.name[:80]
        scene = self.scene or (self.clips[0].scene if self.clips else None)
        if scene and scene.is_named:
            return scene.name
        return self.project.name if self.project else ""

    def make(self, form: LinkForm) -> str:
        """The link and its snapshot, from a valid form; returns the token of its address."""
        link = form.instance
        link.project, link.created_by = self.project, self.user
        link.scene, link.collection = self.scene, None if self.scene else self.collection
        token: str = link.renew_token()
        form.save()
        link.show(self.clips)
        record("link_made", link.project, by=self.user, name=link.name)
        return token
