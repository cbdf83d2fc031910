"""When Wan deletes what is not saved here: 24 hours after it ended a task, counted from its acceptance before that."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Coalesce

from generations.models import Generation, Status

if TYPE_CHECKING:
    from datetime import datetime

AT_WAN = (Status.PENDING, Status.RUNNING)
SINCE = Coalesce("rendered_at", "accepted_at")
LATELY = timedelta(hours=24)
LONGEST = timedelta(hours=3)  # Wan gives a task up after that (contract §3)
MARGIN = timedelta(minutes=10)  # for its clock


def since(generation: Generation) -> datetime | None:
    return generation.rendered_at or generation.accepted_at


def of(generation: Generation) -> datetime | None:
    """None before Wan has accepted it."""
    began = since(generation)
    return began + settings.WAN_KEEPS if began else None


def is_forgotten(created_at: datetime | None, ended_at: datetime | None, now: datetime) -> bool:
    """Whether Wan keeps a task of its list no more; False where that is not known."""
    ended = ended_at or (created_at and created_at + LONGEST)
    return ended is not None and ended + settings.WAN_KEEPS + MARGIN < now


def late(now: datetime) -> Q:
    """Takes whose time at Wan is nearly over, rendered or not; of `unfinished()` ones."""
    return Q(status__in=(*AT_WAN, Status.ARCHIVING)) & older_than(now - settings.ARCHIVE_ALARM_AFTER)


def lost_lately(now: datetime) -> Q:
    """Takes lost within the last day, which are looked for still."""
    return Q(status=Status.LOST, due_at__isnull=False, finished_at__gt=now - LATELY)


def older_than(moment: datetime) -> Q:
    return Q(rendered_at__lt=moment) | Q(rendered_at=None, accepted_at__lt=moment)


def is_late(generation: Generation, now: datetime) -> bool:
    began = since(generation)
    is_unsaved = generation.status in (*AT_WAN, Status.ARCHIVING)
    return is_unsaved and began is not None and began < now - settings.ARCHIVE_ALARM_AFTER
