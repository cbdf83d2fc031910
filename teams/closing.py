"""Deleting teams and projects: at once out of sight, for 30 days one press away, then for good.

What waits in them is canceled by the sweep (free), what Wan has is watched and archived to its end. At the end of the
30 days the clips go to the trash as of the day of deletion, whose own sweep deletes their files; rows stay, because
money was booked on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts import closing as accounts
from generations import clock, nudge
from generations.lifecycle import cancel, unheard
from generations.lifecycle.reconcile import OPEN as LOOKED_FOR
from generations.lifecycle.shift import carry_on
from generations.models import (
    AudioUpload,
    Collection,
    Generation,
    Note,
    SavedSearch,
    SearchEntry,
    Status,
    SubmitAttempt,
    Tag,
    Template,
    WanAccount,
)
from screenings.models import Comment, Mention, Retake, Verdict
from teams.activity import record
from teams.models import Activity, Invitation, Project, Team
from teams.models.deletion import KEPT
from teams.people import Refused

if TYPE_CHECKING:
    from accounts.models import User

AT_ONCE = 200


def delete_project(project: Project, *, by: User) -> None:
    """Raises Refused when somebody was faster."""
    alive = Project.objects.filter(pk=project.pk, deleted_at=None)
    with transaction.atomic():
        project.hold()
        if not alive.update(deleted_at=clock.now(), deleted_by=by):
            raise Refused(_("This project is deleted already."))
        record("project_deleted", project.team, by=by, name=project.name)
        transaction.on_commit(nudge.close_down)


def restore_project(project: Project, *, by: User) -> None:
    """Raises Refused when it is too late."""
    with transaction.atomic():
        if not Project.objects.restorable().filter(pk=project.pk).update(deleted_at=None, deleted_by=None):
            raise Refused(_("It is too late: this project was deleted for good."))
        record("project_restored", project.team, by=by, name=project.name)


def delete_team(team: Team, *, by: User) -> None:
    """With all its projects. Raises Refused for a person's own space."""
    if team.is_personal:
        raise Refused(_("This is your own space. It goes with your account."))
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)  # presses that are not committed yet come first
        if not Team.objects.filter(pk=team.pk, deleted_at=None).update(deleted_at=clock.now(), deleted_by=by):
            raise Refused(_("This team is deleted already."))
        record("team_deleted", team, by=by)
        transaction.on_commit(nudge.close_down)


def restore_team(team: Team, *, by: User) -> None:
    """Raises Refused when it is too late."""
    with transaction.atomic():
        if not Team.objects.restorable().filter(pk=team.pk).update(deleted_at=None, deleted_by=None):
            raise Refused(_("It is too late: this team was deleted for good."))
        record("team_restored", team, by=by)


def sweep() -> None:
    """Cancel what waits in deleted places and of deleted people; end what was deleted 30 days ago.

    One that breaks is logged and tried again, and the others go on.
    """
    _cancel_waiting()
    border = clock.now() - KEPT
    for team in Team.objects.restorable().filter(deleted_at__lt=border):
        with carry_on():
            _end_team(team)
    for project in Project.objects.restorable().filter(deleted_at__lt=border):
        with carry_on():
            _purge(project)
    with carry_on():
        _forget_keys()
    accounts.sweep()


def _cancel_waiting() -> None:
    is_closed = Q(project__deleted_at__isnull=False) | Q(team__deleted_at__isnull=False)
    waiting = Generation.objects.unfinished().filter(status=Status.QUEUED)
    waiting = waiting.filter(is_closed | Q(owner__deleted_at__isnull=False))
    for take in waiting.select_related("owner", "project", "team").order_by("pk")[:AT_ONCE]:
        with carry_on():
            cancel.request(take, by=take.project.deleted_by or take.team.deleted_by or take.owner)


def _end_team(team: Team) -> None:
    """When its projects are gone for good. Its name stays, for the books."""
    Project.objects.filter(team=team, deleted_at=None).update(deleted_at=team.deleted_at, deleted_by=team.deleted_by)
    if not Project.objects.filter(team=team, purged_at=None).exists():
        Activity.objects.of_team(team).forget()
        for model in (Invitation, Collection, Tag):
            model.objects.filter(team=team).delete()
        Team.objects.filter(pk=team.pk).update(purged_at=clock.now())


def _forget_keys() -> None:
    """Of closed accounts and of teams that are gone for good, when nothing is on its way with them any more and no lost
    answer or clip is looked for: only their key reads Wan's list, and asks for a clip's address.
    """
    unfinished = Generation.objects.unfinished().values("account")
    looked_for = SubmitAttempt.objects.filter(outcome__in=LOOKED_FOR, next_reading_at__isnull=False).values("account")
    lost = Generation.objects.filter(status=Status.LOST, due_at__isnull=False).values("account")
    over = WanAccount.objects.filter(Q(closed_at__isnull=False) | Q(team__purged_at__isnull=False))
    over = over.exclude(encrypted_key=None).exclude(pk__in=unfinished).exclude(pk__in=looked_for).exclude(pk__in=lost)
    for account in over:
        since = account.closed_at or clock.now()
        WanAccount.objects.filter(pk=account.pk).update(encrypted_key=None, closed_at=since)


def _purge(project: Project) -> None:
    """Files go at once (audio) or by the trash's sweep (clips); recipes are emptied, what was done is forgotten."""
    takes = Generation.objects.filter(project=project)
    if takes.unfinished().exists():
        return
    with transaction.atomic():
        takes.kept().update(trashed_at=project.deleted_at)
        empty = {"prompt": "", "sent_prompt": "", "negative_prompt": "", "actual_prompt": "", "shots": []}
        takes.update(audio=None, version=F("version") + 1, **empty)
        SearchEntry.objects.filter(take__project=project).delete()
        Activity.objects.of_project(project).forget()
        _forget_words(project)
    for audio in AudioUpload.objects.filter(project=project).order_by("-pk"):
        unheard.delete(audio)  # but for what other projects use: that goes when they do not any more
    Project.objects.filter(pk=project.pk).update(purged_at=clock.now(), cover=None)


def _forget_words(project: Project) -> None:
    """What people wrote in it, and names that are the beginnings of prompts. The project's own stays, for the books.

    Drafts are their owner's alone, and so are templates once there is no project to share them with.
    """
    Mention.objects.filter(comment__generation__project=project).delete()
    Retake.objects.filter(comment__generation__project=project).delete()
    said = Comment.objects.filter(generation__project=project)
    said.exclude(parent=None).delete()  # answers first: they rest on others
    said.delete()
    Verdict.objects.filter(generation__project=project).delete()
    Note.objects.filter(generation__project=project).delete()
    Generation.objects.filter(project=project).update(verdict="", open_comments=0)
    SavedSearch.objects.filter(project=project).delete()
    shared = Template.objects.filter(project=project)
    shared.filter(owner__purged_at__isnull=False).delete()
    shared.update(project=None)
    for named in (project.scenes, project.batches, project.share_links):
        named.update(name="")
