"""What the bulk bar offers for takes of a project: tags, collections and scenes of its team, projects to move to."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from generations import labels
from generations.models import Collection, Scene
from teams.models import Project

if TYPE_CHECKING:
    from accounts.models import User

MOST = 100


class Choices:
    def __init__(self, project: Project, user: User) -> None:
        self.project = project
        self.user = user

    @cached_property
    def tags(self) -> list[str]:
        return labels.suggestions(self.project.team_id)

    @cached_property
    def collections(self) -> list[Collection]:
        """The newest first."""
        return list(Collection.objects.filter(team=self.project.team_id).order_by("-created_at", "-pk")[:MOST])

    @cached_property
    def scenes(self) -> list[Scene]:
        """Those with the latest takes first."""
        return list(Scene.objects.filter(project=self.project).order_by("-latest_take_at", "-pk")[:MOST])

    @cached_property
    def projects(self) -> list[Project]:
        others = Project.objects.editable_by(self.user).exclude(pk=self.project.pk)
        return list(others.select_related("team").order_by("name", "pk")[:MOST])
