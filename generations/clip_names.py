"""What files of clips are called, for people: from the names they gave, made safe for every file system."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.text import slugify

if TYPE_CHECKING:
    from generations.models import Generation

NAME_PART = 40
DEVICE = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]")  # Windows unpacks no file or folder of such a name


def of_file(take: Generation) -> str:
    """harbour-film_fishing-boat_take-4.mp4: letters and digits of any script, hyphens, underscores."""
    return of_words(take.project.name, take.scene.name, f"take-{take.number}")


def of_words(*words: str) -> str:
    return "_".join(filter(None, map(slug, words))) + ".mp4"


def of_entry(take: Generation) -> str:
    """fishing-boat_take-4_1f0c9a3e, unique within a ZIP; endings are put behind it."""
    return "_".join([*filter(None, [slug(take.scene.name)]), f"take-{take.number}", take.uuid.hex[:8]])


def slug(name: str) -> str:
    """Up to 41 letters and digits of any script, hyphens and underscores; may be empty. No device of Windows."""
    plain = slugify(name, allow_unicode=True)[:NAME_PART].strip("-_")
    return f"{plain}_" if DEVICE.fullmatch(plain) else plain
