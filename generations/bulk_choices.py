"""What takes of a project may be put into: collections of its team, its scenes, other projects; and tags for them.

Each list is short, so that a menu can hold it; words narrow all of them down to what has these words in its name.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from generations import labels
from generations.models import Collection, Scene
from generations.offers import Offer, named, words_of
from teams.models import Project

if TYPE_CHECKING:
    from accounts.models import User


class Choices:
    def __init__(self, project: Project, user: User, *, find: str = "") -> None:
        self.project = project
        self.user = user
        self.find = words_of(find)

    @cached_property
    def tags(self) -> list[str]:
        return labels.suggestions(self.project.team_id)

    @cached_property
    def collections(self) -> Offer[Collection]:
        """The newest first."""
        found = named(Collection.objects.filter(team=self.project.team_id), self.find)
        return Offer.of(found.order_by("-created_at", "-pk"))

    @cached_property
    def scenes(self) -> Offer[Scene]:
        """Those with the latest takes first."""
        found = named(Scene.objects.filter(project=self.project), self.find)
        return Offer.of(found.order_by("-latest_take_at", "-pk"))

    @cached_property
    def projects(self) -> Offer[Project]:
        goals = Project.objects.goals_from(self.project, self.user).exclude(pk=self.project.pk)
        return Offer.of(goals.named_like(self.find).select_related("team").order_by("name", "pk"))

    @property
    def has_search(self) -> bool:
        """There is more to choose from than is seen at a glance."""
        return bool(self.find) or any(offer.is_long for offer in (self.collections, self.scenes, self.projects))

    @property
    def is_empty(self) -> bool:
        return not (self.collections or self.scenes or self.projects)
