"""What somebody wants to show: chosen takes, a scene or a collection, as far as they may share it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from generations.forms import as_uuid
from generations.models import Collection, Generation, Scene, Status
from screenings.models.share_link import MOST
from teams.activity import record
from teams.models import Project

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import QueryDict

    from accounts.models import User
    from screenings.forms import LinkForm


class Selection:
    """Clips that are not there, not finished or of others are left out; raises PermissionDenied to viewers."""

    def __init__(self, user: User, values: QueryDict) -> None:
        self.user = user
        self.values = values

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
        uuids = [uuid for uuid in map(as_uuid, self.values.getlist("take")[: MOST + 1]) if uuid]
        found = {clip.uuid: clip for clip in clips.filter(uuid__in=uuids)}
        team = next((clip.team_id for uuid in uuids if (clip := found.get(uuid))), None)
        return [found[uuid] for uuid in dict.fromkeys(uuids) if uuid in found and found[uuid].team_id == team]

    @cached_property
    def project(self) -> Project | None:
        """Whose link it will be: the scene's, else the first clip's. None when there is nothing to share."""
        chosen = self.scene or next(iter(self.clips), None)
        if chosen is None:
            return None
        project = Project.objects.visible_to(self.user).select_related("team").filter(pk=chosen.project_id).first()
        if project and not Project.objects.editable_by(self.user).filter(pk=project.pk).exists():
            raise PermissionDenied(_("Only editors and owners share links."))
        return project

    @property
    def name(self) -> str:
        chosen = self.scene or self.collection
        return chosen.name[:80] if chosen else (self.clips[0].scene.name[:80] if self.clips else "")

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
