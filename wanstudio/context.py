"""What every page knows as `studio`: who is here, in which project, and what the top bar says.

Everything is looked up when a template first asks for it, so a page pays only for what it shows.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.http import Http404
from django.utils.translation import get_language

from accounts.models import Theme
from generations import pricing, scheduling
from generations.cards import Deck
from generations.models import WanAccount
from generations.queue import Queue
from teams.models import EDITS, Membership, Project

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from accounts.models import User


def studio(request: HttpRequest) -> dict[str, Studio]:
    return {"studio": studio_of(request)}


def studio_of(request: HttpRequest) -> Studio:
    """The one Studio of a request; a view names its project with `choose`."""
    if not hasattr(request, "_studio"):
        request._studio = Studio(request)  # type: ignore[attr-defined]
    return request._studio  # type: ignore[attr-defined]


class Studio:
    themes = Theme
    languages = settings.LANGUAGES
    sends_mail = bool(settings.EMAIL_URL)

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.is_demo = settings.STUDIO_DEMO

    @cached_property
    def person(self) -> User | None:
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @property
    def theme(self) -> str:
        return self.person.theme if self.person else Theme.DARK

    @property
    def uses_keys(self) -> bool:
        """Single keys do something; a person may switch them off."""
        return self.person is None or self.person.uses_keys

    @property
    def language(self) -> str:
        return get_language() or settings.LANGUAGE_CODE

    @cached_property
    def projects(self) -> list[Project]:
        """All that the person sees, each with `role`; names first, because they are a menu."""
        if self.person is None:
            return []
        role = Membership.objects.filter(team=OuterRef("team"), user=self.person).values("role")
        return list(
            Project.objects.visible_to(self.person)
            .select_related("team__personal_of")
            .annotate(role=Subquery(role))
            .order_by("name", "pk")
        )

    @cached_property
    def project(self) -> Project | None:
        """Where the page is: chosen by the view, else the last used one, else the first of the personal team."""
        if self.person is None:
            return None
        editable = [project for project in self.projects if self.may_edit(project)]
        last = [project for project in editable if project.pk == self.person.last_project_id]
        own = [project for project in editable if project.team.personal_of_id == self.person.pk]
        return next(iter(last or sorted(own, key=lambda project: project.pk)), None)

    def choose(self, project: Project) -> None:
        self.project = project

    def find(self, uuid: UUID | None) -> Project | None:
        """One of the projects that the person sees."""
        return next((project for project in self.projects if project.uuid == uuid), None)

    @cached_property
    def editable_teams(self) -> frozenset[int]:
        return frozenset(project.team_id for project in self.projects if self.may_edit(project))

    @property
    def here(self) -> Project:
        """The project, for views that cannot do without one."""
        if self.project is None:
            raise Http404
        return self.project

    @property
    def can_edit(self) -> bool:
        return self.project is not None and self.may_edit(self.project)

    def may_edit(self, project: Project) -> bool:
        return getattr(project, "role", None) in EDITS

    @cached_property
    def account(self) -> WanAccount | None:
        return WanAccount.objects.for_team(self.project.team) if self.project else None

    @cached_property
    def queue(self) -> Queue | None:
        if self.person is None or self.project is None:
            return None
        summary = scheduling.queue_summary(self.person, self.project)
        return Queue(summary, Deck(summary.rows, teams=self.editable_teams))

    @cached_property
    def spent(self) -> pricing.Money | None:
        if self.project is None:
            return None
        return pricing.spent_this_month(self.project.team, self.account.currency if self.account else None)
