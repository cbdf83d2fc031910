"""One thing done to many takes: those selected, or all that a view shows. A few are done within the request; more,
and what touches the storage, by a worker, a part at a time. Takes of others are counted and left alone."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import number_format

from generations import clock, storage
from generations.bundle import IN_ORDER
from generations.collection_page import ORDER
from generations.deeds import DEEDS
from generations.forms import as_uuid
from generations.lens import Lens
from generations.lifecycle import purge
from generations.models import BulkAction, Collection, Generation
from teams.models import Project, Team

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User
    from generations.deeds import Do
    from generations.models.generation import GenerationQuerySet

NIL = UUID(int=0)  # nobody's
AT_ONCE = 100  # within a request
PART = 100
PARTS = 20  # of one sweep
PURGES = 10
MOST = 10_000
LEASE = timedelta(minutes=2)
KEPT_FOR = timedelta(days=30)


def start(
    verb: str, values: dict[str, Any], *, by: User, takes: Sequence[int] | None, view: str = "", ignored: int = 0
) -> BulkAction:
    """`takes` None: all that `view` shows now, in its order, for a worker. Of those selected what is few is done when
    this returns."""
    keys = list(shown_by(view, by).values_list("pk", flat=True)[:MOST]) if takes is None else takes
    action = BulkAction.objects.create(
        person=by, verb=verb, values=values, takes=keys, view=view, ignored=ignored, due_at=clock.now()
    )
    if takes is not None and len(takes) <= AT_ONCE and not DEEDS[verb].needs_storage:
        _turn(action)
    return action


def undo(action: BulkAction) -> bool:
    """False when there is nothing to undo (any more)."""
    unused = BulkAction.objects.filter(pk=action.pk, is_undo=False, finished_at__isnull=False)
    again = {"is_undo": True, "ignored": 0, "finished_at": None, "due_at": clock.now()}
    if DEEDS[action.verb].undo is None or not unused.update(**again):
        return False
    action.refresh_from_db()
    if action.changed <= AT_ONCE:
        _turn(action)
    return True


def shown_by(view: str, user: User) -> GenerationQuerySet:
    """All that the grid, a collection or the trash at this address shows, in its order; nothing for one that makes no
    sense."""
    query = QueryDict(view)
    takes = Generation.objects.visible_to(user)
    if "trash" in query:
        trashed = takes.in_trash().filter(team__in=Team.objects.filter(uuid=as_uuid(query["trash"]) or NIL))
        return trashed.order_by("-trashed_at", "-pk")
    if "scene" in query:
        return takes.kept().filter(scene__uuid=as_uuid(query["scene"]) or NIL).order_by("number")
    if "collection" in query:
        collection = Collection.objects.visible_to(user).filter(uuid=as_uuid(query["collection"]) or NIL)
        return takes.kept().filter(collected__collection__in=collection).order_by(*ORDER)
    project = Project.objects.visible_to(user).filter(uuid=as_uuid(query.get("project", "")) or NIL).first()
    if project is None:
        return takes.none()
    lens = Lens.read(query, project)
    return lens.queryset(user).order_by(*(IN_ORDER if lens.is_plain else lens.order))


def page_of(view: str, project: Project) -> str:
    """The address of the page that shows it, seen from the project; the project's takes for none."""
    query, seen_from = QueryDict(view), f"project={project.uuid}"
    collection = as_uuid(query.get("collection", ""))
    if "trash" in query:
        return f"{reverse('generations:trash_list')}?{seen_from}"
    if collection and "scene" not in query:
        return f"{reverse('generations:collection', args=[collection])}?{seen_from}"
    return f"{reverse('generations:studio')}?{query.urlencode(safe=':') or seen_from}"


def words(many: int) -> str:
    """A number that was counted up to one more than an action does."""
    return number_format(min(many, MOST), force_grouping=True) + ("+" if many > MOST else "")


def changeable(verb: str, user: User) -> GenerationQuerySet:
    """Takes of which this person may, be they in the trash or not."""
    takes = Generation.objects
    return takes.visible_to(user) if DEEDS[verb].for_viewers else takes.editable_by(user)


def allowed(verb: str, user: User) -> GenerationQuerySet:
    """Takes that this person may do it to."""
    takes = changeable(verb, user)
    return takes.in_trash() if DEEDS[verb].in_trash else takes.kept()


def sweep() -> None:
    """A few parts of what is due; the rest in the next one."""
    for _part in range(PARTS):
        action = _claim()
        if action is None:
            return
        _turn(action)


def forget() -> None:
    """Actions that nobody will undo any more."""
    BulkAction.objects.filter(created_at__lt=clock.now() - KEPT_FOR, finished_at__isnull=False).delete()


def _claim() -> BulkAction | None:
    now = clock.now()
    with transaction.atomic():
        due = BulkAction.objects.filter(due_at__lte=now).order_by("due_at")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        action = due.first()
        if action is not None:
            BulkAction.objects.filter(pk=action.pk).update(due_at=now + LEASE)
    return action


def _turn(action: BulkAction) -> None:
    """One part, and the action due again at once, or finished."""
    try:
        if action.is_undo:
            _undo_part(action)
        elif do := DEEDS[action.verb].do:
            _do_part(action, do)
        else:
            _purge_part(action)
    except ObjectDoesNotExist:  # where they were to go was deleted meanwhile, or is not this person's any more
        _leave_the_rest(action)


def _do_part(action: BulkAction, do: Do) -> None:
    with transaction.atomic():
        held = _held(action)
        part = (held.takes or [])[held.handled : held.handled + PART]
        may = set(allowed(held.verb, held.person).filter(pk__in=part).values_list("pk", flat=True))
        held.before += do(held, [key for key in part if key in may])
        held.ignored += len(part) - len(may)
        held.handled += len(part)
        _save(held, is_finished=held.handled >= held.total)
    action.refresh_from_db()


def _undo_part(action: BulkAction) -> None:
    """What was done last is undone first. Takes that the person may not change any more stay as they are."""
    with transaction.atomic():
        held = _held(action)
        part, held.before = held.before[-PART:], held.before[:-PART]
        keys = [change[0] for change in part]
        may = set(changeable(held.verb, held.person).filter(pk__in=keys).values_list("pk", flat=True))
        back = DEEDS[held.verb].undo
        if back is not None:
            back(held, [change for change in part if change[0] in may])
        held.ignored += len(part) - len(may)
        held.undone += len(part)
        _save(held, is_finished=not held.before)
    action.refresh_from_db()


def _purge_part(action: BulkAction) -> None:
    """One by one, because each is a talk with the storage; one that it refuses is counted and tried by the sweep."""
    part = (action.takes or [])[action.handled : action.handled + PURGES]
    takes = allowed(action.verb, action.person).in_bulk(part)
    for key in part:
        freed = None
        if key in takes:
            with contextlib.suppress(storage.StorageError):
                freed = purge.purge(takes[key], by=action.person)
        action.ignored += freed is None
        action.freed_bytes += freed or 0
        action.before += [] if freed is None else [[key, None]]
        action.handled += 1
    _save(action, is_finished=action.handled >= action.total)


def _leave_the_rest(action: BulkAction) -> None:
    if action.is_undo:
        action.ignored += action.changed
        action.undone += action.changed
        action.before = []
    else:
        action.ignored += action.total - action.handled
    _save(action, is_finished=True)


def _held(action: BulkAction) -> BulkAction:
    return BulkAction.objects.select_for_update(of=("self",)).select_related("person").get(pk=action.pk)


def _save(action: BulkAction, *, is_finished: bool) -> None:
    """Due again at once, or done."""
    now = clock.now()
    action.finished_at, action.due_at = (now, None) if is_finished else (None, now)
    action.save()
