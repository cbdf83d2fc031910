"""Takes into another scene or project: they get the next numbers there; what was paid stays booked where it was."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from generations import clock, labels
from generations.models import UNFINISHED, Collected, Event, Generation, Scene, Tag, Tagging
from teams.activity import record_takes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User
    from generations.judging import Change
    from teams.models import Project


def to_scene(keys: Sequence[int], scene: Scene, *, by: User) -> list[Change]:
    """What it was: scene and number. Takes on their way stay where they are when it would be another project."""
    with transaction.atomic():
        takes = Generation.objects.select_for_update(of=("self",)).filter(pk__in=keys).exclude(scene=scene)
        movable = [
            take
            for take in takes.select_related("scene", "project").order_by("created_at", "pk")
            if take.project_id == scene.project_id or take.status not in UNFINISHED
        ]
        before = [[take.pk, [take.scene_id, take.number]] for take in movable]
        _settle(movable, scene, by=by)
    return before


def to_project(keys: Sequence[int], project: Project, *, by: User) -> list[Change]:
    """Each scene's takes into a scene of the same name there, made where there is none."""
    before = []
    with transaction.atomic():
        scenes = defaultdict(list)
        for key, scene in Generation.objects.filter(pk__in=keys).exclude(project=project).values_list("pk", "scene"):
            scenes[scene].append(key)
        for source in Scene.objects.filter(pk__in=scenes):
            target = Scene.objects.filter(project=project, name=source.name).order_by("-pk").first()
            target = target or Scene.objects.create(project=project, name=source.name, created_by=by)
            before += to_scene(scenes[source.pk], target, by=by)
    return before


def back(before: list[Change], *, by: User) -> None:
    """Undo: into the scene that it came from, with its old number, which nobody else ever gets."""
    with transaction.atomic():
        for key, (scene_id, number) in before:
            scene = Scene.objects.select_related("project").get(pk=scene_id)
            take = Generation.objects.select_related("scene", "project").get(pk=key)
            is_free = not Generation.objects.filter(scene=scene, number=number).exclude(pk=key).exists()
            _settle([take], scene, by=by, number=number if is_free else None)


def rename(scene: Scene, name: str) -> None:
    Scene.objects.filter(pk=scene.pk).update(name=name)
    scene.name = name


def _settle(takes: list[Generation], scene: Scene, *, by: User, number: int | None = None) -> None:
    """`number` None: the next ones. Within a transaction; the update of the scene locks it."""
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
