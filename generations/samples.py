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
    with_audio: bool = False
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
            "lanterns",
            _("Three shots, one night"),
            _("A crowd, a hand, a sky full of lanterns. Learn the shot board."),
            "img/posters/lanterns-a.webp",
            _("A lantern festival by a river at night, warm paper light against deep blue, soft crowd sounds."),
            9,
            (
                (_("Wide: a crowd on the bank holds paper lanterns, faces lit from below."), 3),
                (_("Close-up: a child's hands let one lantern go, it trembles and rises."), 3),
                (_("Looking up, slow pull out: hundreds of lanterns drift into the dark sky."), 3),
            ),
        ),
        Sample(
            "track",
            _("Cut to your own track"),
            _("Upload a song and let the cuts fall on its beats."),
            "img/posters/portrait-b.webp",
            _("A dancer in a dark studio, rim light in blue and amber, fine haze. Moves follow the music."),
            8,
            (
                (_("Medium, fixed: she stands still in profile, breathing, light comes up on the first beat."), 2),
                (_("Close-up: a hand cuts through the haze."), 2),
                (_("Full, orbit: she turns once, fast, fabric following."), 2),
                (_("Wide, pull out: she stops, the light goes down behind her."), 2),
            ),
            with_audio=True,
        ),
    )
}
