"""Talk about a clip: comments in threads, pins on its bar, verdicts; the clip's row knows how many are open."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, OuterRef, Q

from accounts.notifying import tell
from generations.family import Node
from generations.models import Generation
from generations.models.rows import Rows
from screenings import mentions
from screenings.models import Comment, Mention, Verdict
from teams.activity import record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User
    from screenings.models import ShareLink


@dataclass(frozen=True)
class Speaker:
    """Somebody signed in, or a guest of a link by name."""

    person: User | None = None
    guest: str = ""
    link: ShareLink | None = None

    @property
    def name(self) -> str:
        return self.person.display_name if self.person else self.guest

    @property
    def told(self) -> dict[str, Any]:
        """For an activity."""
        return {"by": self.person} if self.person else {"by": None, "guest": self.guest}

    @property
    def columns(self) -> dict[str, Any]:
        return {"person": self.person, "guest": "" if self.person else self.guest, "link": self.link}


@dataclass
class Thread:
    """A comment with its answers, oldest first."""

    comment: Comment
    answers: list[Comment] = field(default_factory=list)
    at: float = 0.0  # share of the clip's length, for its pin
    shot: int = 0  # that is on the screen there, from 1; 0: none
    retakes: list[Node] = field(default_factory=list)


class Review:
    """What was said of a clip: all of it for members, for a link's visitors what was said through that link and
    what members answered there. `retakes` are takes made from this one that the reader sees, with what they answer."""

    def __init__(self, take: Generation, *, link: ShareLink | None = None, retakes: Iterable[Generation] = ()) -> None:
        self.take = take
        self.link = link
        self.retakes = retakes

    @cached_property
    def threads(self) -> list[Thread]:
        comments = Comment.objects.filter(generation=self.take).select_related("person", "link").order_by("pk")
        if self.link:
            comments = comments.filter(link=self.link)
        else:
            comments = comments.annotate(names=Rows(Mention.objects.filter(comment=OuterRef("pk")), written="written"))
        threads: dict[int, Thread] = {}
        for comment in comments:
            comment.mentioned = [row["written"] for row in getattr(comment, "names", None) or ()]
            if comment.parent_id in threads:
                threads[comment.parent_id].answers.append(comment)
            else:
                second = comment.second
                threads[comment.pk] = Thread(comment, at=self._share(second), shot=_shot(self.take, second))
        for retake in self.retakes:
            answering = getattr(retake, "answering", None)
            if answering and answering.comment_id in threads and not retake.trashed_at:
                threads[answering.comment_id].retakes.append(Node(retake, is_here=False))
        return sorted(threads.values(), key=lambda thread: (thread.comment.second is None, thread.comment.second or 0))

    def _share(self, second: float | None) -> float:
        return min(1.0, (second or 0.0) / (self.take.video_seconds or self.take.duration))

    @property
    def pins(self) -> list[Thread]:
        return [thread for thread in self.threads if thread.comment.second is not None]

    @cached_property
    def verdict(self) -> Verdict | None:
        """The newest; a visitor's link shows its own."""
        if not self.take.verdict:
            return None
        verdicts = Verdict.objects.filter(generation=self.take).select_related("person")
        if self.link:
            verdicts = verdicts.filter(link=self.link)
        return verdicts.order_by("-pk").first()


def _shot(take: Generation, second: float | None) -> int:
    ends = 0
    for number, shot in enumerate(take.shots if second is not None else (), start=1):
        ends += shot["seconds"]
        if second < ends or number == len(take.shots):
            return number
    return 0


def say(take: Generation, speaker: Speaker, *, text: str, second: float | None, parent: Comment | None) -> Comment:
    """A comment, or an answer in the thread of `parent`. What answers a guest is read by the guest, too."""
    columns = speaker.columns
    if parent is not None:
        parent = parent.parent or parent
        columns["link"] = columns["link"] or parent.link
    with transaction.atomic():
        comment = Comment.objects.create(generation=take, text=text, second=second, parent=parent, **columns)
        _count(take)
        activity = record("answered" if parent else "commented", take, **speaker.told)
        if speaker.person:
            named, comment.nobody = mentions.save(comment, take.team)
            tell(activity, named, verb="mentioned")
        tell(activity, [*_in_thread(parent), *_hosts(take, columns["link"])])
    return comment


def settle(comment: Comment, *, by: User, is_settled: bool = True) -> None:
    """Settled, or open again."""
    with transaction.atomic():
        comment.settle(by if is_settled else None)
        comment.save(update_fields=["settled_at", "settled_by"])
        _count(comment.generation)
        record("settled" if is_settled else "reopened", comment.generation, by=by)


def judge(take: Generation, speaker: Speaker, word: str) -> Verdict:
    with transaction.atomic():
        verdict = Verdict.objects.create(generation=take, word=word, **speaker.columns)
        Generation.objects.filter(pk=take.pk).update(verdict=word, version=F("version") + 1)
        tell(record(word, take, **speaker.told), _hosts(take, speaker.link))
    return verdict


def _hosts(take: Generation, link: ShareLink | None) -> list[int]:
    """Whose take it is, and who showed it."""
    return [take.owner_id, *([link.created_by_id] if link else [])]


def _in_thread(comment: Comment | None) -> list[int | None]:
    """Who has spoken there."""
    if comment is None:
        return []
    return list(Comment.objects.filter(Q(pk=comment.pk) | Q(parent=comment)).values_list("person", flat=True))


def _count(take: Generation) -> None:
    """The take's row held first, so that two at once count one after the other."""
    Generation.objects.select_for_update().only("pk").get(pk=take.pk)
    still_open = Comment.objects.filter(generation=take, parent=None, settled_at=None).count()
    Generation.objects.filter(pk=take.pk).update(open_comments=still_open, version=F("version") + 1)
