"""What every page knows as `studio`: who is here, in which project, and what the top bar says.

Everything is looked up when a template first asks for it, so a page pays only for what it shows.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Case, Exists, Q, When
from django.http import Http404
from django.utils.translation import get_language

from accounts.bell import Bell
from accounts.models import Theme
from generations import pricing, scheduling
from generations.cards import Deck
from generations.forms import as_uuid
from generations.models import WanAccount
from generations.outlook import Outlook
from generations.payers import Payers
from generations.purse import Purse, purse_of
from generations.queue import Queue
from teams.models import EDITS, Membership, Project
from wanstudio import rooms

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from accounts.models import User
    from generations.models import Generation
    from teams.models.project import ProjectQuerySet


def studio(request: HttpRequest) -> dict[str, Studio]:
    return {"studio": studio_of(request)}


def studio_of(request: HttpRequest) -> Studio:
    """The one Studio of a request; a view names its project with `choose`."""
    if not hasattr(request, "_studio"):
        request._studio = Studio(request)  # type: ignore[attr-defined]
    return request._studio  # type: ignore[attr-defined]


class Studio:
    themes = Theme
    sends_mail = bool(settings.EMAIL_URL)

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.is_demo = settings.STUDIO_DEMO

    @property
    def languages(self) -> list[tuple[str, str]]:
        return rooms.studio_languages()

    @property
    def room(self) -> str:
        """The address of the screening that this page belongs to; "" outside of them."""
        return rooms.room_of(self.request.path_info)

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
    def project(self) -> Project | None:
        """Where the page is: chosen by the view, else the last used one, else the first of the personal team."""
        if self.person is None:
            return None
        last = self._visible.filter(pk=self.person.last_project_id).first() if self.person.last_project_id else None
        if last and self.may_edit(last):
            return last
        return self._visible.filter(team__personal_of=self.person, archived_at=None).order_by("pk").first()

    def choose(self, project: Project) -> None:
        self.project = project

    def choose_named(self, uuid: str) -> None:
        """The project of an address; none is named in "". Raises Http404 for one that the person does not see."""
        if uuid:
            project = self.find(as_uuid(uuid))
            if project is None:
                raise Http404
            self.choose(project)

    def choose_in(self, team: int, uuid: str) -> None:
        """For what belongs to a team: the project of the address, else the last used one, else the team's first; one of
        another team does not count."""
        last = self.person.last_project_id if self.person else None
        is_active = Q(archived_at=None)
        first = Case(When(uuid=as_uuid(uuid), then=0), When(is_active & Q(pk=last), then=1), When(is_active, then=2))
        found = self._visible.filter(team=team).order_by(first.asc(nulls_last=True), "pk").first()
        if found is not None:
            self.choose(found)

    def find(self, uuid: UUID | None) -> Project | None:
        """A project that the person sees, with `role`."""
        return self._visible.filter(uuid=uuid).first() if uuid else None

    @property
    def _visible(self) -> ProjectQuerySet:
        if self.person is None:
            return Project.objects.none()
        return Project.objects.visible_to(self.person).with_role_of(self.person).select_related("account")

    @property
    def editable_teams(self) -> EditableTeams:
        return EditableTeams(self)

    @cached_property
    def edits_in(self) -> frozenset[int]:
        """All teams in which the person makes things."""
        if self.person is None:
            return frozenset()
        mine = Membership.objects.current(self.person).filter(role__in=EDITS)
        return frozenset(mine.values_list("team", flat=True))

    @property
    def here(self) -> Project:
        """The project, for views that cannot do without one."""
        if self.project is None:
            raise Http404
        return self.project

    @property
    def can_edit(self) -> bool:
        return self.project is not None and self.may_edit(self.project)

    @property
    def is_editor(self) -> bool:
        """May change what is there, in an archived project, too."""
        return getattr(self.project, "role", None) in EDITS

    def may_edit(self, project: Project) -> bool:
        """New takes: not for viewers, and not in an archived project."""
        return getattr(project, "role", None) in EDITS and project.archived_at is None

    @cached_property
    def account(self) -> WanAccount | None:
        return WanAccount.objects.for_project(self.project) if self.project else None

    @property
    def costs_nothing(self) -> bool:
        """Takes of this page's project are the simulator's."""
        return self.account is not None and self.account.is_demo

    @property
    def payers(self) -> Payers:
        """For a page's tiles, of which most are of its own project."""
        return Payers(self.project, lambda: self.account)

    @property
    def currency(self) -> str:
        """Of the project's account; "" without one."""
        return self.account.currency if self.account else ""

    @property
    def quoted(self) -> str:
        """The prices that this page shows; a press sends them back."""
        return pricing.quoted(self.account)

    @cached_property
    def queue(self) -> Queue | None:
        if self.person is None or self.project is None:
            return None
        summary = scheduling.queue_summary(self.person, self.project)
        return Queue(summary, Deck(summary.rows, teams=self.editable_teams, usual=summary.usual))

    @cached_property
    def bell(self) -> Bell | None:
        """What is new was read along with the purse, where a page has shown that; a poll need not look for it."""
        if self.person is None:
            return None
        purse: Purse | None = vars(self).get("purse")
        return Bell(self.person, purse.beside["unseen"] or () if purse else None)

    @property
    def lost(self) -> list[Generation]:
        """Clips lost within the last day; whether there are any was read along with the purse, as the bell's were."""
        purse: Purse | None = vars(self).get("purse")
        if self.queue is None or (purse is not None and not purse.beside["has_lost"]):
            return []
        return self.queue.lost

    @property
    def digest(self) -> str:
        """Of what a poll may change in the top bar."""
        queue = self.queue.digest if self.queue else ""
        return f"{queue}-{self.bell.digest}" if self.bell else queue

    @cached_property
    def purse(self) -> Purse | None:
        if self.person is None or self.project is None:
            return None
        along = {
            "unseen": Bell.rows_for(self.person),
            "has_lost": Exists(scheduling.lost_lately(self.person, self.project).order_by()),
        }
        return purse_of(self.project, self.person, self.account, beside=along)

    @cached_property
    def outlook(self) -> Outlook | None:
        return Outlook.of(self.project, self.purse) if self.project and self.purse else None


class EditableTeams:
    """Teams of which the person may change takes; of the page's own project that is known without asking."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def __contains__(self, team: object) -> bool:
        project = self._studio.project
        if project is not None and project.team_id == team:
            return getattr(project, "role", None) in EDITS
        return team in self._studio.edits_in
