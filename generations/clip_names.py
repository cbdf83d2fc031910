"""What files of clips are called, for people: from the names they gave, made safe for every file system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.text import slugify

if TYPE_CHECKING:
    from generations.models import Generation

NAME_PART = 40


def of_file(take: Generation) -> str:
    """harbour-film_fishing-boat_take-4.mp4: letters and digits of any script, hyphens, underscores."""
    words = [slug(name) for name in (take.project.name, take.scene.name)]
    return "_".join([*filter(None, words), f"take-{take.number}"]) + ".mp4"


def of_entry(take: Generation) -> str:
    """fishing-boat_take-4_1f0c9a3e, unique within a ZIP; endings are put behind it."""
    return "_".join([*filter(None, [slug(take.scene.name)]), f"take-{take.number}", take.uuid.hex[:8]])


def slug(name: str) -> str:
    """Up to 40 letters and digits of any script, hyphens and underscores; may be empty."""
    return slugify(name, allow_unicode=True)[:NAME_PART].strip("-_")
