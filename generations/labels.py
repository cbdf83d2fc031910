"""Words that people put on takes: tags of the team, and notes. Whatever changes them ends in `relabeled`."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from generations import search
from generations.models import Generation, Note, Tag, Tagging
from generations.models.tag import tag_key
from wanstudio.locks import held, hold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from accounts.models import User
    from generations.judging import Change
    from teams.models import Team

MOST_SUGGESTIONS = 200


def relabeled(keys: Iterable[int]) -> None:
    """Tags or notes of these takes have changed, in this transaction: what is made from them is made anew."""
    takes = Generation.objects.filter(pk__in=list(keys))
    takes.update(version=F("version") + 1)
    search.index(takes)


def tag(keys: Sequence[int], names: list[str], *, by: User) -> list[Change]:
    """Put tags of these names on the takes, each of its own team. What it was: the keys of the tags that are new."""
    added: dict[int, list[int]] = defaultdict(list)
    with transaction.atomic():
        for team, takes in _by_team(keys).items():
            tags = Tag.objects.named(team, names)
            known = set(Tagging.objects.filter(tag__in=tags, generation__in=takes).values_list("tag", "generation"))
            fresh = [(tag.pk, take) for tag in tags for take in takes if (tag.pk, take) not in known]
            Tagging.objects.bulk_create(
                [Tagging(tag_id=tag, generation_id=take, by=by) for tag, take in fresh], ignore_conflicts=True
            )
            for one, take in fresh:
                added[take].append(one)
        relabeled(added)
    return [[take, tags] for take, tags in added.items()]


def untag(keys: Sequence[int], names: list[str]) -> list[Change]:
    """What it was: the keys of the tags that were taken off."""
    removed: dict[int, list[int]] = defaultdict(list)
    with transaction.atomic():
        hold(Generation.objects.filter(pk__in=keys))
        taggings = Tagging.objects.filter(generation__in=keys, tag__key__in=[tag_key(name) for name in names])
        for take, one in taggings.values_list("generation", "tag"):
            removed[take].append(one)
        taggings.delete()
        relabeled(removed)
    return [[take, tags] for take, tags in removed.items()]


def take_off(before: list[Change], *, by: User) -> int:
    """Undo `tag`, but for takes that have gone to another team, which has its own tags: how many these are. A tag that
    somebody else has put on since stays."""
    with transaction.atomic():
        fitting = _of_their_team(before)
        for take, tags in fitting.items():
            Tagging.objects.filter(generation=take, tag__in=tags, by=by).delete()
        relabeled(fitting)
    return len(before) - len(fitting)


def put_on(before: list[Change], *, by: User) -> int:
    """Undo `untag`, with the same exception."""
    with transaction.atomic():
        fitting = _of_their_team(before)
        rows = [Tagging(tag_id=one, generation_id=take, by=by) for take, tags in fitting.items() for one in tags]
        Tagging.objects.bulk_create(rows, ignore_conflicts=True)
        relabeled(fitting)
    return len(before) - len(fitting)


def _of_their_team(before: list[Change]) -> dict[int, list[int]]:
    """Takes with the tags, of those that are their team's now."""
    team_of = _team_of([take for take, _tags in before])
    named = Tag.objects.filter(pk__in={one for _take, tags in before for one in tags})
    team_of_tag = dict(named.values_list("pk", "team"))
    fitting = {take: [one for one in tags if team_of_tag.get(one) == team_of[take]] for take, tags in before}
    return {take: tags for take, tags in fitting.items() if tags}


def suggestions(team: Team | int) -> list[str]:
    """Names to choose from, in order."""
    return list(Tag.objects.filter(team=team).order_by("key").values_list("name", flat=True)[:MOST_SUGGESTIONS])


def write_note(take: Generation, text: str, *, by: User) -> Note:
    with transaction.atomic():
        note = Note.objects.create(generation=take, author=by, text=text)
        relabeled([take.pk])
    return note


def delete_note(note: Note) -> None:
    with transaction.atomic():
        note.delete()
        relabeled([note.generation_id])


def _by_team(keys: Sequence[int]) -> dict[int, list[int]]:
    teams = defaultdict(list)
    for key, team in _team_of(keys).items():
        teams[team].append(key)
    return teams


def _team_of(keys: Sequence[int]) -> dict[int, int]:
    """Of each take, which is held: else one may leave it now."""
    return dict(held(Generation.objects.filter(pk__in=keys)).values_list("pk", "team"))
