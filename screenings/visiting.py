"""Behind a link: is it alive, is the passcode known, and who is speaking? What a visitor told stays in the session."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404, resolve_url

from screenings.models import ShareLink
from screenings.review import Speaker
from teams.models import Project

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from generations.models import Generation
    from wanstudio.http import Request


VISIT = timedelta(minutes=30)
SEEN = "screening-seen"
ROBOTS = re.compile(r"(?<!cu)bot\b|crawler|spider|externalhit|preview|headless|whatsapp/", re.IGNORECASE)


class Unknown(Http404):
    """No link has this token, or none any more."""


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


def is_shown(request: Request) -> bool:
    """Whether a page is before a person: it is not fetched ahead, and who asks does not call itself a robot."""
    ahead = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return "prefetch" not in ahead.lower() and not ROBOTS.search(request.headers.get("User-Agent", ""))


class Visit:
    """One request behind a link. Making one raises Unknown, Ended or Locked."""

    def __init__(self, request: Request, token: str, *, is_entering: bool = False) -> None:
        link = ShareLink.objects.by_token(token).select_related("project__team", "created_by").first()
        if link is None:
            raise Unknown
        self.link = link
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

    def count(self, response: HttpResponse) -> None:
        """Once for all that a visitor opens within half an hour, as a cookie that goes with this response says.

        Not the session: what is posted meanwhile writes there, and the last one to write would undo it.
        """
        salt = f"{SEEN} {self.link.uuid}"
        if self.request.get_signed_cookie(SEEN, default=None, salt=salt, max_age=VISIT):
            return
        self.link.count_view()
        response.set_signed_cookie(
            SEEN,
            "yes",
            salt=salt,
            max_age=VISIT,
            path=resolve_url("screenings:room", self.token),
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )

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
