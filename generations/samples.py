"""Three recipes for an empty project. Each fills the composer and teaches one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from generations.pricing import Money
from generations.shots import Shot

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Sample:
    name: str
    title: _StrPromise
    teaches: _StrPromise
    poster: str
    prompt: _StrPromise
    duration: int
    shots: tuple[tuple[_StrPromise, int], ...] = ()
    resolution: str = "720P"
    price: Money | None = None

    @property
    def shot_list(self) -> tuple[Shot, ...]:
        return tuple(Shot(str(text), seconds) for text, seconds in self.shots)

    @property
    def shot_count(self) -> int:
        return max(1, len(self.shots))


SAMPLES = {
    sample.name: sample
    for sample in (
        Sample(
            "steam",
            _("Steam and side light"),
            _("One quiet shot, no speech. Learn what light words do."),
            "img/posters/tea-a.webp",
            _(
                "A bowl of green tea on a wooden table, steam rising slowly in warm side light, dust in the beam, "
                "macro, shallow depth of field, fixed camera. No dialogue. No background music, only the room."
            ),
            5,
        ),
        Sample(
            "harbour",
            _("Two people, two lines"),
            _("A dialogue that is spoken as written. Learn who says what, and how."),
            "img/posters/harbour-a.webp",
            _(
                "An old fisherman and a girl sit on a quay at dusk, two-shot, fixed camera, warm light, small waves. "
                'The girl asks quietly, curious: "Where does the light go?" The old fisherman answers in a low, calm '
                'voice, smiling: "Home, like us." No background music.'
            ),
            8,
        ),
        Sample(
            "lanterns",
            _("Three shots, one night"),
            _("A crowd, a hand, a sky full of lanterns, each with its sound. Learn the shot board."),
            "img/posters/lanterns-a.webp",
            _("A lantern festival by a river at night, warm paper light against deep blue. No dialogue."),
            9,
            (
                (_("Wide: a crowd on the bank holds paper lanterns, faces lit from below. Soft voices, water."), 3),
                (_("Close-up: a child's hands let one lantern go, it trembles and rises. Paper rustles."), 3),
                (_("Looking up, slow pull out: hundreds of lanterns drift into the sky. A quiet flute begins."), 3),
            ),
        ),
    )
}
