"""The sound lane's buttons without script: each answers the composer anew and loses nothing typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations import lane
from generations.forms import MODEL
from generations.models import AudioUpload
from generations.uploads import NotKept, keep_audio, trim_audio

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.files.uploadedfile import UploadedFile
    from django.http import QueryDict

    from accounts.models import User
    from generations.arranging import Arrangement
    from teams.models import Project

EARLIER = 20


@dataclass
class Sounding:
    """The composer's audio: chosen before by `audio_id`, or sent just now. `earlier` is a list to choose from."""

    posted: QueryDict
    project: Project
    user: User
    audio: AudioUpload | None = None
    warnings: tuple[str, ...] = ()
    earlier: list[AudioUpload] | None = None

    def take(self, uploaded: UploadedFile | None) -> None:
        """A file that came with the form is kept, whatever button was pressed."""
        self.audio = AudioUpload.objects.known(self.posted.get("audio_id"), self.project, self.user)
        if self.posted.get("audio_id") and self.audio is None:
            self.warnings = (_("This audio is not here any more. Choose the file again."),)
        if uploaded:
            self._try(lambda: keep_audio(uploaded, project=self.project, user=self.user, model=MODEL))

    def do(self, step: str, argument: str, arrangement: Arrangement) -> None:
        """`step` is a button's value without its argument; unknown ones change nothing."""
        if step == "remove-audio":
            self.audio = None
        elif step == "earlier-audio":
            self.earlier = list(AudioUpload.objects.reusable(self.project)[:EARLIER])
        elif step == "use-audio":
            self.audio = AudioUpload.objects.known(argument, self.project, self.user) or self.audio
        elif self.audio and step == "whole-audio":
            self.audio = self.audio.whole
        elif self.audio and step == "trim-audio":
            audio = self.audio
            self._try(lambda: trim_audio(audio, self.posted, user=self.user, model=MODEL))
        elif self.audio and step == "snap-cuts":
            self._snap(self.audio, arrangement)

    def _snap(self, audio: AudioUpload, arrangement: Arrangement) -> None:
        quiet = lane.Lane(audio, MODEL).quiet_seconds
        moved = arrangement.snap(quiet)
        words = ngettext("%(count)s cut moved to a silence.", "%(count)s cuts moved to silences.", moved)
        self.warnings = (words % {"count": moved} if moved else lane.unmoved_words(arrangement.lengths, quiet),)

    def _try(self, keep: Callable[[], AudioUpload]) -> None:
        try:
            self.audio = keep()
        except NotKept as refusal:
            self.warnings = (refusal.sentence,)
