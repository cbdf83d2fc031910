"""What the page of one take says about it, in words; the numbers come from the row and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from generations import endings, rewriting, words
from generations.belongings import Belongings
from generations.models import Status
from generations.models.generation import CAUSES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from accounts.models import User
    from dashscope_client.causes import Cause
    from generations.family import Node
    from generations.models import Generation

ENDED_WITHOUT_CLIP = (Status.FAILED, Status.CANCELED, Status.LOST)


@dataclass(frozen=True)
class Fact:
    """`copies` is what its copy button takes; "" for no button."""

    label: str
    value: str
    copies: str = ""
    copy_label: str = ""


@dataclass(frozen=True)
class Moment:
    at: datetime
    says: str
    person: User | None


@dataclass(frozen=True)
class PlannedShot:
    """A shot with the seconds at which it begins and ends."""

    number: int
    begins: int
    ends: int
    text: str

    @property
    def seconds(self) -> int:
        return self.ends - self.begins


class Clip:
    """`version` of the prompt: "sent", "rewritten" or "changes"; `marked` is the number of a shot, 0 for none."""

    def __init__(
        self,
        take: Generation,
        *,
        can_edit: bool,
        version: str = "changes",
        marked: int = 0,
        family: Sequence[Node] = (),
    ) -> None:
        self.take = take
        self.can_edit = can_edit
        is_known = version in dict(self.versions)
        self.version = (version if is_known else "changes") if take.rewritten_prompt else "sent"
        self.marked = marked if 0 < marked <= len(take.shots) else 0
        self.family = family

    @cached_property
    def belongings(self) -> Belongings:
        """Only of a take that `with_belongings` brought."""
        return Belongings(self.take)

    @property
    def can_retry(self) -> bool:
        return self.can_edit and self.take.status in ENDED_WITHOUT_CLIP

    @property
    def helps_a_new_seed(self) -> bool:
        """Not where the recipe itself was refused."""
        cause = CAUSES.get(self.take.failure_cause)
        return self.can_retry and (cause is None or cause.retry != "fix")

    @property
    def facts(self) -> list[Fact]:
        take = self.take
        width, height = take.size
        seed = "" if take.seed is None else str(take.seed)
        rows = [
            Fact(_("Size"), f"{width} × {height}, {take.ratio}"),
            Fact(_("Length"), self._length()),
            Fact(_("Seed"), seed or _("Drawn when it is sent"), seed, _("Copy seed")),
            Fact(_("Keep out"), take.negative_prompt),
            Fact(_("Rewriting"), _on_off(take.prompt_extend)),
            Fact(_("AI mark"), _on_off(take.watermark)),
            Fact(_("Audio"), self._audio()),
            Fact(_("Model"), take.model),
            Fact(_("Cost"), endings.cost(self.take)),
            Fact(_("Took"), self._took()),
        ]
        return [fact for fact in rows if fact.value]

    @property
    def advice(self) -> str:
        """What to do next about a take that ended without a clip; what happened stands on its card."""
        take = self.take
        if take.status == Status.LOST:
            return self._advice_for_lost()
        if take.status == Status.CANCELED and take.possibly_charged:
            return _("Wan never told whether it made this one. If it did, it is on the bill.")
        if take.status == Status.FAILED and take.failure_cause:
            return _advice(CAUSES.get(take.failure_cause))
        return ""

    def _advice_for_lost(self) -> str:
        sentences = []
        if self.take.possibly_charged and self.take.cost is None:
            sentences = [_("Wan keeps no record of it. If it was rendered, it is on the account's bill.")]
        if self.take.due_at is not None:
            sentences.append(_("If it turns up after all, it is saved here by itself."))
        return " ".join(sentences)

    @property
    def shots(self) -> list[PlannedShot]:
        planned, at = [], 0
        for number, shot in enumerate(self.take.shots, start=1):
            planned.append(PlannedShot(number, at, at + shot["seconds"], shot["text"]))
            at += shot["seconds"]
        return planned

    @property
    def versions(self) -> list[tuple[str, str]]:
        return [("sent", _("Sent")), ("rewritten", _("Rewritten")), ("changes", _("Changes"))]

    @property
    def shown_prompt(self) -> str:
        return self.take.rewritten_prompt if self.version == "rewritten" else self.take.sent_prompt

    @property
    def changes(self) -> list[rewriting.Change]:
        """From the prompt as sent to the one that Wan made of it."""
        return rewriting.changes(self.take.sent_prompt, self.take.rewritten_prompt)

    @property
    def rewrite_note(self) -> str:
        """A sentence in place of the rewritten prompt."""
        take = self.take
        if not take.prompt_extend or not take.is_ready or take.rewritten_prompt:
            return ""
        if not take.actual_prompt:
            return _("Wan rewrote the prompt but did not say how.")
        return _("Wan used the prompt as it was written.")

    @property
    def timeline(self) -> list[Moment]:
        return [Moment(at, str(words.EVENTS.get(kind, kind)), actor) for at, kind, actor in self.belongings.events]

    @property
    def technical(self) -> list[Fact]:
        """For a letter to Wan's support: their code, their words, their ids."""
        take, request_id = self.take, self.belongings.request_id
        rows = [
            Fact(_("Wan's code"), take.failure_code),
            Fact(_("Wan's words"), take.failure_message),
            Fact(_("Task"), take.task_id, take.task_id, _("Copy task id")),
            Fact(_("Request"), request_id, request_id, _("Copy request id")),
            Fact(_("Note"), take.derive_note),
        ]
        return [fact for fact in rows if fact.value]

    def _length(self) -> str:
        take = self.take
        seconds = take.video_seconds or take.duration
        return _("%(seconds)s s") % {"seconds": f"{seconds:.1f}".removesuffix(".0")}

    def _audio(self) -> str:
        audio = self.take.audio
        if audio is None:
            return _("Made by Wan")
        return _("%(name)s, %(seconds)s s") % {"name": audio.name, "seconds": f"{audio.seconds:.1f}"}

    def _took(self) -> str:
        return _minutes(self.take.render_seconds) if self.take.render_seconds else ""


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return _("%(seconds)s s") % {"seconds": rest}
    return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}


def _on_off(value: bool) -> str:
    return _("On") if value else _("Off")


def _advice(cause: Cause | None) -> str:
    if cause is None:
        return ""
    if cause.retry == "owner":
        return _("Nothing you could change helps here. Send it again when an owner has seen to it.")
    if cause.retry == "fix":
        return _("Sent again as it is, it would fail again. Use the recipe and change it first.")
    return _("The same recipe may well pass on another try.")
