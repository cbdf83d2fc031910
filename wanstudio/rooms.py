"""Pages of screenings, told by their address alone: whoever opens one may have no account here.

A room speaks its visitor's language, everything else one that the whole studio is translated into.
"""

from __future__ import annotations

from django.conf import settings

ROOMS = "/s/"


def room_of(path: str) -> str:
    """The address of the screening that a page belongs to; "" for a page of the studio."""
    token = path.removeprefix(ROOMS).partition("/")[0] if path.startswith(ROOMS) else ""
    return f"{ROOMS}{token}/" if token else ""


def studio_languages() -> list[tuple[str, str]]:
    """Codes and names, for a choice."""
    return [(code, name) for code, name in settings.LANGUAGES if code in settings.STUDIO_LANGUAGES]


def is_spoken(code: str, path: str) -> bool:
    """Whether the page at this address is wholly translated into the language."""
    spoken = dict(settings.LANGUAGES) if room_of(path) else settings.STUDIO_LANGUAGES
    return code in spoken
