"""What can be done to many takes at once, and how each is undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import ngettext_lazy

from generations import collecting, judging, labels, resettling
from generations.lifecycle import trash
from generations.models import Collection, Scene
from teams.models import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from generations.judging import Change
    from generations.models import BulkAction

    Do = Callable[[BulkAction, Sequence[int]], list[Change]]


@dataclass(frozen=True)
class Deed:
    """`do` gets keys of takes that the person may change, and answers those that it changed and what they were.

    `undo` (None: for good) gets that again. Both count as `ignored` what they have to leave alone, and run in the
    transaction that counts them, but for a deed that `needs_storage`, which bulk does one by one. `says` is a
    sentence about `count` takes, `says_of_goal` another one that names what they went into.
    """

    says: Any
    do: Do | None = None
    undo: Callable[[BulkAction, list[Change]], object] | None = None
    for_viewers: bool = False
    in_trash: bool = False
    says_of_goal: Any = ""

    @property
    def needs_storage(self) -> bool:
        return self.do is None


def _keys(before: list[Change]) -> list[int]:
    return [key for key, _old in before]


def _rate(action: BulkAction, keys: Sequence[int]) -> list[Change]:
    return judging.rate(keys, action.values["rating"])


def _unrate(action: BulkAction, before: list[Change]) -> None:
    judging.set_back(before, "rating", action.values["rating"])


def _pick(action: BulkAction, keys: Sequence[int]) -> list[Change]:
    return judging.decide(keys, action.values["pick"])


def _unpick(action: BulkAction, before: list[Change]) -> None:
    judging.set_back(before, "pick", action.values["pick"])


def _favour(action: BulkAction, keys: Sequence[int]) -> list[Change]:
    return judging.favour(keys, action.person)


def _unfavour(action: BulkAction, keys: Sequence[int]) -> list[Change]:
    return judging.unfavour(keys, action.person)


def _tag(action: BulkAction, keys: Sequence[int]) -> list[Change]:
    return labels.tag(keys, action.values["tags"], by=action.person)


def _untag(action: BulkAction, keys: Sequence[int]) -> list[Change]:
    return labels.untag(keys, action.values["tags"])


def _take_off(action: BulkAction, before: list[Change]) -> None:
    action.ignored += labels.take_off(before, by=action.person)


def _put_on(action: BulkAction, before: list[Change]) -> None:
    action.ignored += labels.put_on(before, by=action.person)


def _collect(action: BulkAction, keys: Sequence[int]) -> list[Change]:
    return collecting.collect(keys, _collection(action), by=action.person)


def _uncollect(action: BulkAction, before: list[Change]) -> None:
    action.ignored += collecting.uncollect(before, _collection(action), by=action.person)


def _take_out(action: BulkAction, keys: Sequence[int]) -> list[Change]:
    return collecting.take_out(keys, _collection(action), by=action.person)


def _put_back(action: BulkAction, before: list[Change]) -> None:
    action.ignored += collecting.put_back(before, _collection(action), by=action.person)


def _collection(action: BulkAction) -> Collection:
    return Collection.objects.editable_by(action.person).get(pk=action.values["collection"])


def _to_project(action: BulkAction, keys: Sequence[int]) -> list[Change]:
    project = Project.objects.editable_by(action.person).get(pk=action.values["project"])
    before = resettling.to_project(keys, project, by=action.person)
    action.ignored += resettling.barred(keys, project, by=action.person)
    return before


def _to_scene(action: BulkAction, keys: Sequence[int]) -> list[Change]:
    projects = Project.objects.editable_by(action.person)
    scene = Scene.objects.select_related("project").get(pk=action.values["scene"], project__in=projects)
    merged = Scene.objects.filter(pk=action.values.get("merged"), project=scene.project_id).first()
    if merged:
        before = resettling.merge(merged, keys, scene, by=action.person)
    else:
        before = resettling.to_scene(keys, scene, by=action.person)
    action.ignored += resettling.barred(keys, scene.project, by=action.person)
    return before


def _back(action: BulkAction, before: list[Change]) -> None:
    if merged := Scene.objects.filter(pk=action.values.get("merged")).first():
        resettling.part(merged)
    action.ignored += resettling.back(before, by=action.person)


def _trash(action: BulkAction, keys: Sequence[int]) -> list[Change]:
    return _turned(trash.trash_all(keys, by=action.person))


def _restore(action: BulkAction, keys: Sequence[int]) -> list[Change]:
    return _turned(trash.restore_all(keys, by=action.person))


def _turned(keys: Sequence[int]) -> list[Change]:
    turns = trash.last_turns(keys)
    return [[key, turns[key]] for key in keys]


def _from_trash(action: BulkAction, before: list[Change]) -> None:
    _turn_back(action, before, trash.restore_all)


def _to_trash(action: BulkAction, before: list[Change]) -> None:
    _turn_back(action, before, trash.trash_all)


def _turn_back(action: BulkAction, before: list[Change], turn: Callable[..., Sequence[int]]) -> None:
    """But for takes that somebody has turned anew since."""
    since = {key: at for key, at in before}  # noqa: C416  lists, from JSON
    action.ignored += len(before) - len(turn(_keys(before), by=action.person, since=since))


DEEDS = {
    "rate": Deed(ngettext_lazy("%(count)s take rated.", "%(count)s takes rated.", "count"), _rate, _unrate),
    "pick": Deed(ngettext_lazy("%(count)s take decided.", "%(count)s takes decided.", "count"), _pick, _unpick),
    "favour": Deed(
        ngettext_lazy("%(count)s favourite more.", "%(count)s favourites more.", "count"),
        _favour,
        lambda action, before: judging.unfavour(_keys(before), action.person),
        for_viewers=True,
    ),
    "unfavour": Deed(
        ngettext_lazy("%(count)s favourite less.", "%(count)s favourites less.", "count"),
        _unfavour,
        lambda action, before: judging.favour(_keys(before), action.person),
        for_viewers=True,
    ),
    "tag": Deed(
        ngettext_lazy("%(count)s take tagged.", "%(count)s takes tagged.", "count"),
        _tag,
        _take_off,
    ),
    "untag": Deed(
        ngettext_lazy("Tag taken off %(count)s take.", "Tag taken off %(count)s takes.", "count"),
        _untag,
        _put_on,
    ),
    "collect": Deed(
        ngettext_lazy("%(count)s take collected.", "%(count)s takes collected.", "count"),
        _collect,
        _uncollect,
        says_of_goal=ngettext_lazy(
            "%(count)s take collected in “%(goal)s”.", "%(count)s takes collected in “%(goal)s”.", "count"
        ),
    ),
    "take-out": Deed(
        ngettext_lazy("%(count)s take out of the collection.", "%(count)s takes out of the collection.", "count"),
        _take_out,
        _put_back,
    ),
    "project": Deed(
        ngettext_lazy("%(count)s take moved.", "%(count)s takes moved.", "count"),
        _to_project,
        _back,
    ),
    "scene": Deed(
        ngettext_lazy("%(count)s take moved.", "%(count)s takes moved.", "count"),
        _to_scene,
        _back,
    ),
    "trash": Deed(
        ngettext_lazy("%(count)s take moved to trash.", "%(count)s takes moved to trash.", "count"),
        _trash,
        _from_trash,
    ),
    "restore": Deed(
        ngettext_lazy("%(count)s take restored.", "%(count)s takes restored.", "count"),
        _restore,
        _to_trash,
        in_trash=True,
    ),
    "purge": Deed(
        ngettext_lazy("%(count)s take deleted for good.", "%(count)s takes deleted for good.", "count"), in_trash=True
    ),
}
