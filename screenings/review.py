"""Talk about a clip: comments in threads, pins on its bar, verdicts; the clip's row knows how many are open."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.notifying import tell
from generations.access import can_edit
from generations.family import Node
from generations.models import Generation
from generations.models.rows import Rows
from screenings import mentions
from screenings.models import Comment, Mention, Verdict
from teams.activity import record
from teams.models import Membership

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User
    from screenings.models import ShareLink
    from teams.models.membership import MembershipQuerySet


PIN = 0.02  # of the bar's length: what a pin covers of it


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

    def gave(self, verdict: Verdict | None) -> bool:
        """A guest is told from others by name alone."""
        if verdict is None:
            return False
        return verdict.person_id == self.person.pk if self.person else verdict.guest == self.guest

    @property
    def columns(self) -> dict[str, Any]:
        return {"person": self.person, "guest": "" if self.person else self.guest, "link": self.link}


@dataclass
class Thread:
    """A comment with its answers, oldest first."""

    comment: Comment
    answers: list[Comment] = field(default_factory=list)
    at: float = 0.0  # share of the clip's length, for its pin
    aside: int = 0  # widths that its pin stands beside there
    shot: int = 0  # that is on the screen there, from 1; 0: none
    retakes: list[Node] = field(default_factory=list)

    @property
    def is_pinned(self) -> bool:
        return self.comment.second is not None and bool(self.comment.text)


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
        mentioned = Mention.objects.filter(comment=OuterRef("pk"))
        if self.link:
            called = {"name": "person__name", "purged_at": "person__purged_at"}
            comments = comments.filter(link=self.link).annotate(names=Rows(mentioned, written="written", **called))
        else:
            comments = comments.annotate(names=Rows(mentioned, written="written"))
            comments = comments.annotate(has_author=Exists(_who_can_sign_in(self.take).filter(user=OuterRef("person"))))
        threads: dict[int, Thread] = {}
        for comment in comments:
            names = getattr(comment, "names", None) or ()
            if self.link:
                comment.is_public, comment.text = True, mentions.veiled(comment.text, names)
            else:
                comment.mentioned = [row["written"] for row in names]
            if comment.parent_id in threads:
                threads[comment.parent_id].answers.append(comment)
            else:
                second = comment.second
                threads[comment.pk] = Thread(comment, at=self._share(second), shot=_shot(self.take, second))
        for retake in self.retakes:
            answering = getattr(retake, "answering", None)
            if answering and answering.comment_id in threads and not retake.trashed_at:
                threads[answering.comment_id].retakes.append(Node(retake, is_here=False))
        ordered = sorted(
            threads.values(), key=lambda thread: (thread.comment.second is None, thread.comment.second or 0)
        )
        _spread([thread for thread in ordered if thread.is_pinned])
        return ordered

    def _share(self, second: float | None) -> float:
        return min(1.0, (second or 0.0) / (self.take.video_seconds or self.take.duration))

    @property
    def pins(self) -> list[Thread]:
        return [thread for thread in self.threads if thread.is_pinned]

    @cached_property
    def verdict(self) -> Verdict | None:
        """The newest; a visitor's link shows its own."""
        if not self.take.verdict:
            return None
        verdicts = Verdict.objects.filter(generation=self.take).select_related("person")
        if self.link:
            verdicts = verdicts.filter(link=self.link)
        found = verdicts.order_by("-pk").first()
        if found:
            found.is_public = self.link is not None
        return found


def answered_in(link: ShareLink, clips: Iterable[Generation]) -> int:
    """How many of them have got a verdict through this link."""
    return Verdict.objects.filter(link=link, generation__in=clips).order_by().values("generation").distinct().count()


def _spread(threads: list[Thread]) -> None:
    """Pins that would cover each other stand side by side, towards the middle of the bar."""
    row = 0
    for before, thread in pairwise(threads):
        row = row + 1 if thread.at - before.at < PIN else 0
        thread.aside = row if thread.at < 0.5 else -row


def _shot(take: Generation, second: float | None) -> int:
    ends = 0
    for number, shot in enumerate(take.shots if second is not None else (), start=1):
        ends += shot["seconds"]
        if second < ends or number == len(take.shots):
            return number
    return 0


class Gone(Exception):
    """What is answered was taken away."""


def say(take: Generation, speaker: Speaker, *, text: str, second: float | None, parent: Comment | None) -> Comment:
    """A comment, or an answer in the thread of `parent` (or Gone). What answers a guest is read by the guest, too; what
    a guest answers where it was settled opens it again."""
    columns = speaker.columns
    with transaction.atomic():
        _hold(take)
        if parent is not None:
            parent = _head(parent)
            columns["link"] = columns["link"] or parent.link
        comment = Comment.objects.create(generation=take, text=text, second=second, parent=parent, **columns)
        settler = _reopen(parent) if parent and not speaker.person else None
        _count(take)
        activity = record("answered" if parent else "commented", take, **speaker.told)
        if speaker.person:
            named, comment.nobody = mentions.save(comment, take.team)
            tell(activity, named, verb="mentioned")
        people = [*_in_thread(parent), *_hosts(take, columns["link"])]
        if settler:
            tell(record("reopened", take, **speaker.told), [*people, settler])
        else:
            tell(activity, people, daily_group=_group("talk", take, speaker))
    return comment


def _reopen(thread: Comment) -> int | None:
    """Who had settled it; None when it is open, or its words are gone."""
    settler = thread.settled_by_id if thread.text else None
    if settler:
        thread.settle(None)
        thread.save(update_fields=["settled_at", "settled_by"])
    return settler


def _head(answered: Comment) -> Comment:
    """Of its thread, as it is while the take is held. Raises Gone."""
    found = Comment.objects.filter(pk=answered.pk).select_related("parent__link", "link").first()
    if found is None:
        raise Gone
    return found.parent or found


def settle(comment: Comment, *, by: User, is_settled: bool = True) -> None:
    """Settled, or open again."""
    with transaction.atomic():
        _hold(comment.generation)
        if not Comment.objects.filter(pk=comment.pk).exists():  # taken away meanwhile
            return
        comment.settle(by if is_settled else None)
        comment.save(update_fields=["settled_at", "settled_by"])
        _count(comment.generation)
        record("settled" if is_settled else "reopened", comment.generation, by=by)


def may_take_away(comment: Comment, user: User) -> bool:
    """One's own; as an editor those of guests, who have no account to do it with; as an owner those of who is not in
    the team any more, or shut out. `_take_away.html` offers what this allows.
    """
    if comment.person_id is None:
        return can_edit(user, comment.generation)
    if comment.person_id == user.pk:
        return True
    here = _who_can_sign_in(comment.generation)
    return here.owners().filter(user=user).exists() and not here.filter(user=comment.person_id).exists()


def _who_can_sign_in(take: Generation) -> MembershipQuerySet:
    return Membership.objects.filter(team=take.team_id, user__is_active=True)


def take_away(comment: Comment, *, by: User) -> None:
    """For good. Where answers or retakes rest on it, only its words go. What is gone already stays so."""
    take = comment.generation
    with transaction.atomic():
        _hold(take)
        held = Comment.objects.select_for_update().in_bulk([comment.pk, comment.parent_id])
        if comment.pk not in held:
            return
        thread = held.get(comment.parent_id)
        Mention.objects.filter(comment=comment).delete()
        if _is_rested_on(comment):
            Comment.objects.filter(pk=comment.pk).update(text="")
        else:
            comment.delete()
        if thread and not thread.text and not _is_rested_on(thread):
            thread.delete()
        _count(take)
        record("comment_taken", take, by=by)


def _is_rested_on(comment: Comment) -> bool:
    return comment.answers.exists() or comment.retakes.exists()


def judge(take: Generation, speaker: Speaker, word: str) -> Verdict:
    """The newest is the clip's own, on its card, too."""
    with transaction.atomic():
        _hold(take)
        verdict = Verdict.objects.create(generation=take, word=word, **speaker.columns)
        Generation.objects.filter(pk=take.pk).update(verdict=word, version=F("version") + 1)
        activity = record(word, take, **speaker.told)
        tell(activity, _hosts(take, speaker.link), daily_group=_group(f"verdict-{word}", take, speaker))
    return verdict


def _group(what: str, take: Generation, speaker: Speaker) -> str:
    """All that guests of a link say of a clip within a day rings once; what a member says, each time."""
    if speaker.person or speaker.link is None:
        return ""
    return f"{what} {take.pk} {speaker.link.pk}"


def _hosts(take: Generation, link: ShareLink | None) -> list[int]:
    """Whose take it is, and who showed it."""
    return [take.owner_id, *([link.created_by_id] if link else [])]


def _in_thread(comment: Comment | None) -> list[int | None]:
    """Who has spoken there."""
    if comment is None:
        return []
    return list(Comment.objects.filter(Q(pk=comment.pk) | Q(parent=comment)).values_list("person", flat=True))


def _hold(take: Generation) -> None:
    """Two at once speak, take away and count one after the other. Takes that point here (a retake) need not wait."""
    Generation.objects.select_for_update(no_key=True).only("pk").get(pk=take.pk)


def _count(take: Generation) -> None:
    still_open = Comment.objects.filter(generation=take, parent=None, settled_at=None).exclude(text="").count()
    Generation.objects.filter(pk=take.pk).update(open_comments=still_open, version=F("version") + 1)
