"""A press that arrives again, as after a lost answer: what it made the first time, and whether that is what it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.lifecycle.refused import MadeBefore
from generations.models import Event, Generation, Scene

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User


def made_by(user: User, token: UUID) -> list[Generation]:
    """The takes of a press that was made already."""
    return list(Generation.objects.filter(owner=user, press=token).order_by("press_index"))


def as_asked(made: list[Generation], recipes: Sequence[dict[str, Any]], scene: Scene | None) -> list[Generation]:
    """The takes of this press. Raises MadeBefore when they are not what it asks for now."""
    if are_of(made, recipes) and _are_for(made, scene):
        return made
    words = ngettext(
        "Your earlier press arrived and made %(count)s take in “%(scene)s”.",
        "Your earlier press arrived and made %(count)s takes in “%(scene)s”.",
        len(made),
    )
    raise MadeBefore(f"{words % {'count': len(made), 'scene': made[0].scene.name}} {press_again_words()}")


def press_again_words() -> str:
    return _("What you changed since was not sent: press again for it.")


def are_of(made: Sequence[Generation], recipes: Sequence[dict[str, Any]]) -> bool:
    """Whether takes have these columns, one by one; a seed that was left to chance may have been drawn by now."""
    pairs = list(zip(made, recipes, strict=False))
    is_same = len(made) == len(recipes) and all(
        getattr(take, name) == value
        for take, fields in pairs
        for name, value in fields.items()
        if name != "seed" or value is not None
    )
    drawn = [take.pk for take, fields in pairs if fields["seed"] is None and take.seed is not None]
    given = Event.objects.filter(generation__in=drawn, kind="pressed", data__has_key="seed")
    return is_same and not (drawn and given.exists())


def _are_for(made: Sequence[Generation], scene: Scene | None) -> bool:
    """Whether they were pressed for this scene (None: a new one), or for what it goes on with, wherever they are."""
    pressed = Event.objects.filter(generation=made[0], kind="pressed").first()
    chosen = Scene.objects.filter(pk=pressed.data.get("scene")).first() if pressed else None
    return (chosen.led if chosen else None) == scene
