"""Moving a project to another team, with its scenes, clips and audio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from generations.models import Collected, Generation, Tag, Tagging
from teams.activity import record
from teams.models import Budget, Membership, Project, Role, Team
from teams.people import Refused
from wanstudio.locks import hold

if TYPE_CHECKING:
    from accounts.models import User


def move(project: Project, to: Team, *, by: User) -> None:
    """Whoever owns both teams may. Money stays booked where it was; new takes are the new team's. Raises Refused.

    The project's budgets go along: they are its own, and what was spent of them is not, so they begin at nothing there.

    A press that comes later looks at the team again.
    """
    with transaction.atomic():
        hold(Project.objects.filter(pk=project.pk))
        hold(Generation.objects.filter(project=project))
        held = project.hold()  # and now who writes what points to it, with its takes in hand perhaps, has finished
        if held.team_id == to.pk:
            raise Refused(_("The project is in this team already."))
        owned = Membership.objects.current(by).filter(role=Role.OWNER, team__in=(held.team_id, to.pk))
        if owned.count() != 2:
            raise Refused(_("You must own both teams."))
        record("project_left", held.team, by=by, name=held.name)
        record("project_came", to, by=by, name=held.name)
        held.team, held.account = to, None
        held.save(update_fields=["team", "account"])
        Budget.objects.filter(project=held).update(team=to)
        Generation.objects.filter(project=held).update(team=to)
        _retag(held, to)
        Collected.objects.filter(generation__project=held).delete()


def _retag(project: Project, to: Team) -> None:
    """Tags are words of a team: the takes get the new team's of the same names."""
    here = Tagging.objects.filter(generation__project=project)
    for tag in Tag.objects.filter(pk__in=here.values("tag")).exclude(team=to):
        for twin in Tag.objects.named(to, [tag.name]):
            here.filter(tag=tag).update(tag=twin)
