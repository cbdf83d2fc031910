"""Behind a link: is it alive, is the passcode known, and who is speaking? What a visitor told stays in the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404

from screenings.models import ShareLink
from screenings.review import Speaker
from teams.models import Project

if TYPE_CHECKING:
    from uuid import UUID

    from generations.models import Generation
    from wanstudio.http import Request


class Ended(Exception):
    """The screening is over; `link` says since when."""

    def __init__(self, link: ShareLink) -> None:
        super().__init__(link.pk)
        self.link = link


class Locked(Exception):
    """The passcode has not been given yet."""

    def __init__(self, link: ShareLink) -> None:
        super().__init__(link.pk)
        self.link = link


class Visit:
    """One request behind a link. Making one raises Http404, Ended or Locked."""

    def __init__(self, request: Request, token: str, *, is_entering: bool = False) -> None:
        links = ShareLink.objects.by_token(token).select_related("project__team", "created_by")
        self.link = get_object_or_404(links)
        self.token = token
        self.request = request
        if self.link.is_over:
            raise Ended(self.link)
        if self.link.passcode and not is_entering and self._told.get("passcode") != self.link.passcode[-16:]:
            raise Locked(self.link)

    @property
    def _key(self) -> str:
        return f"screening-{self.link.uuid}"

    @property
    def _told(self) -> dict[str, str]:
        told: dict[str, str] = self.request.session.get(self._key, {})
        return told

    def remember(self, **told: str) -> None:
        self.request.session[self._key] = self._told | told

    def unlock(self) -> None:
        """The passcode was right; a changed one has to be given again."""
        self.remember(passcode=self.link.passcode[-16:])

    def clip(self, uuid: UUID) -> Generation:
        return get_object_or_404(self.link.watchable, uuid=uuid)

    @property
    def is_member(self) -> bool:
        """Of the team: speaks by their own name, and is not counted as a visitor."""
        return Project.objects.visible_to(self.request.user).filter(pk=self.link.project_id).exists()

    @property
    def speaker(self) -> Speaker | None:
        """None: a guest who has not said their name yet."""
        user = self.request.user
        if user.is_authenticated and self.is_member:
            return Speaker(person=user, link=self.link)
        name = self._told.get("name", "")
        return Speaker(guest=name, link=self.link) if name else None
