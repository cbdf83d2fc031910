"""Takes into another scene or project: they get the next numbers there; what was paid stays booked where it was."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from generations import clock, labels
from generations.models import UNFINISHED, Collected, Collection, Event, Generation, Scene, Tag, Tagging
from teams.activity import record_takes
from teams.models import Project
from wanstudio.locks import hold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from accounts.models import User
    from generations.judging import Change
    from teams.models.project import ProjectQuerySet


def to_scene(keys: Sequence[int], scene: Scene, *, by: User) -> list[Change]:
    """What it was: scene and number. Takes on their way stay where they are when it would be another project, and so
    do those that are `barred`.

    Raises DoesNotExist when the scene is not there any more for this person to edit, as `to_project` does.
    """
    with transaction.atomic():
        _hold(keys, Project.objects.filter(pk=scene.project_id))
        editable = Project.objects.editable_by(by)  # as it is now: its project may have moved to another team
        held = Scene.objects.select_related("project").get(pk=scene.pk, project__in=editable).led
        return _move(_free(keys, held.project, by=by), held, by=by)


def merge(merged: Scene, keys: Sequence[int], into: Scene, *, by: User) -> list[Change]:
    """As `to_scene`, of takes of one scene; where that keeps none, the other goes on for it."""
    with transaction.atomic():
        before = to_scene(keys, into, by=by)
        goal = into.led
        if goal.pk != merged.pk and not merged.takes.kept().exists():
            Scene.objects.filter(pk=goal.pk).update(merged_into=None)  # so that none ever leads back to itself
            Scene.objects.filter(pk=merged.pk).update(merged_into=goal)
    return before


def part(merged: Scene) -> None:
    """Before a merge is undone."""
    Scene.objects.filter(pk=merged.pk).update(merged_into=None)


def to_project(keys: Sequence[int], project: Project, *, by: User) -> list[Change]:
    """Each scene's takes into a scene of their own there: that of an earlier move, else a new one. Another scene of
    equal name is another scene; the new one gets a number then, and so does one that was left empty meanwhile. What
    stays where it is, stays as in `to_scene`."""
    before = []
    with transaction.atomic():
        _hold(keys, Project.objects.filter(pk=project.pk))
        project = Project.objects.editable_by(by).get(pk=project.pk)
        scenes = defaultdict(list)
        free = Generation.objects.filter(pk__in=_free(keys, project, by=by))
        movable = free.exclude(project=project).exclude(status__in=UNFINISHED)
        for key, scene in movable.values_list("pk", "scene"):
            scenes[scene].append(key)
        for source in Scene.objects.select_related("parted_from").filter(pk__in=scenes).order_by("pk"):
            before += _move(scenes[source.pk], _part_in(project, source, by=by), by=by)
    return before


def barred(keys: Sequence[int], project: Project, *, by: User) -> int:
    """How many of these takes the person may not move there, nor have moved."""
    return len(keys) - len(_free(keys, project, by=by))


def _free(keys: Sequence[int], project: Project, *, by: User) -> list[int]:
    sources = Project.objects.sources_for(project, by)
    return list(Generation.objects.filter(pk__in=keys, project__in=sources).values_list("pk", flat=True))


def back(before: list[Change], *, by: User) -> int:
    """Undo: into the scene that it came from, with its old number, which nobody else ever gets; as long as it is where
    it went, and the person could still move it back, or brought it from there. How many stay."""
    stay = 0
    with transaction.atomic():
        scenes = Scene.objects.filter(pk__in=[old[0] for _key, old in before])
        _hold([key for key, _old in before], Project.objects.filter(pk__in=scenes.values("project")))
        for key, (scene_id, number, *went_to) in before:  # where to was not always kept
            scene = Scene.objects.select_related("project").get(pk=scene_id).led
            take = Generation.objects.select_related("scene", "project").get(pk=key)
            went = Scene.objects.filter(pk__in=went_to).first()
            is_there = not went_to or (went is not None and take.scene_id in (went.pk, went.led.pk))
            if take.scene_id == scene.pk:
                continue
            if not is_there or not _goals_back(take, by).filter(pk=scene.project_id).exists():
                stay += 1
                continue
            is_free = scene.pk == scene_id and not scene.takes.filter(number=number).exclude(pk=key).exists()
            _settle([take], scene, by=by, number=number if is_free else None)
    return stay


def _goals_back(take: Generation, by: User) -> ProjectQuerySet:
    """Into the own space what one has made and brought from there, too."""
    goals = Project.objects.goals_from(take.project, by)
    return goals | Project.objects.editable_by(by).filter(team__personal_of=by) if take.owner_id == by.pk else goals


def _hold(keys: Sequence[int], projects: QuerySet[Project]) -> None:
    """Other teams' collections of the takes, the projects that they are in and go to, and the takes, until the
    transaction ends: always in this order, which is `teams.moving`'s, too, so that what crosses stands in line. No
    scene is locked before it is known where they go."""
    takes = Generation.objects.filter(pk__in=keys)
    holding = Collected.objects.filter(generation__in=keys).values("collection")
    collections = Collection.objects.filter(pk__in=holding).exclude(team__in=projects.values("team"))
    concerned = Project.objects.filter(Q(pk__in=takes.values("project")) | Q(pk__in=projects.values("pk")))
    for rows in (collections, concerned, takes):
        hold(rows)


def _move(keys: Sequence[int], scene: Scene, *, by: User) -> list[Change]:
    takes = Generation.objects.filter(pk__in=keys).exclude(scene=scene).select_related("scene", "project")
    movable = [
        take
        for take in takes.order_by("created_at", "pk")
        if take.project_id == scene.project_id or take.status not in UNFINISHED
    ]
    before = [[take.pk, [take.scene_id, take.number, scene.pk]] for take in movable]
    _settle(movable, scene, by=by)
    return before


def _part_in(project: Project, source: Scene, *, by: User) -> Scene:
    earlier = _earlier_part(project, source)
    part = earlier.led if earlier else None
    if part is None:
        name = _free_name(project, source.name)
        return Scene.objects.create(
            project=project, name=name, is_named=source.is_named, created_by=by, parted_from=source
        )
    if not part.takes.filter(trashed_at=None).exists():  # nobody saw it meanwhile, so its name may be another's now
        part.name = _free_name(project, part.name, beside=part)
        part.save(update_fields=["name"])
    return part


def _earlier_part(project: Project, source: Scene) -> Scene | None:
    if source.parted_from and source.parted_from.project_id == project.pk:
        return source.parted_from
    return Scene.objects.filter(project=project, parted_from=source).order_by("pk").first()


def _free_name(project: Project, name: str, *, beside: Scene | None = None) -> str:
    """With the first number that no scene of takes there has, but for `beside`."""
    used = Scene.objects.filter(Exists(Generation.objects.filter(scene=OuterRef("pk"))), project=project)
    if beside is not None:
        used = used.exclude(pk=beside.pk)
    free, number = name, 1
    while used.filter(name=free).exists():
        number += 1
        free = Scene.numbered(name, number)
    return free


def rename(scene: Scene, name: str) -> None:
    """Saving the name that it has anyway names nothing."""
    if name != scene.name:
        Scene.objects.filter(pk=scene.pk).update(name=name, is_named=True)
        scene.name, scene.is_named = name, True


def _settle(takes: list[Generation], scene: Scene, *, by: User, number: int | None = None) -> None:
    """`number` None: the next ones. Within a transaction that holds them."""
    if not takes:
        return
    now = clock.now()
    strangers = [take for take in takes if take.team_id != scene.project.team_id]
    left = [take.pk for take in takes if take.project_id != scene.project_id]
    record_takes("moved_away", left, by=by)
    events = [
        Event(generation=take, kind="resettled", at=now, actor=by, data={"scene": take.scene.name, "to": scene.name})
        for take in takes
    ]
    if number is None:
        Scene.objects.filter(pk=scene.pk).update(takes_made=F("takes_made") + len(takes))
        number = Scene.objects.values_list("takes_made", flat=True).get(pk=scene.pk) - len(takes) + 1
    Scene.objects.filter(pk=scene.pk, latest_take_at__lt=max(take.created_at for take in takes)).update(
        latest_take_at=max(take.created_at for take in takes)
    )
    for count, take in enumerate(takes):
        take.scene, take.project_id, take.team_id = scene, scene.project_id, scene.project.team_id
        take.number, take.version = number + count, take.version + 1
    Generation.objects.bulk_update(takes, ["scene", "project", "team", "number", "version"], batch_size=200)
    Event.objects.bulk_create(events)
    record_takes("moved_here", left, by=by)
    record_takes("moved", [take.pk for take in takes if take.pk not in left], by=by, name=scene.name)
    _change_team(strangers, by=by)


def _change_team(takes: list[Generation], *, by: User) -> None:
    """Tags follow by name; the old team's collections lose them."""
    for take in takes:
        names = list(Tag.objects.filter(taggings__generation=take).values_list("name", flat=True))
        Tagging.objects.filter(generation=take).delete()
        labels.tag([take.pk], names, by=by)
    Collected.objects.filter(generation__in=takes).exclude(collection__team=F("generation__team")).delete()
