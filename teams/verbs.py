"""The words of what people do together: one line for each verb of an Activity, with the sentence that tells it.

A sentence names `who` (the actor), `what` (takes), `person` (to whom), `links` (screenings that this person made), and
labels of the activity's own data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import Promise


class Kind(models.TextChoices):
    """What a reader filters by."""

    TAKES = "takes", _("Takes")
    TALK = "talk", _("Comments and verdicts")
    SHARING = "sharing", _("Screenings and sharing")
    PEOPLE = "people", _("People")
    SETTINGS = "settings", _("Settings")
    MONEY = "money", _("Money")


@dataclass(frozen=True)
class Verb:
    """`icon` stands where nobody's picture can; `adds_up`: neighbours about one scene are told as one."""

    kind: Kind
    icon: str
    says: str | Promise
    adds_up: bool = False


VERBS = {
    "pressed": Verb(Kind.TAKES, "clapperboard", _("%(who)s pressed Generate for %(what)s")),
    "sheet_sent": Verb(Kind.TAKES, "grid-3x3", _("%(who)s sent the call sheet %(name)s with %(what)s")),
    "retried": Verb(Kind.TAKES, "rotate-cw", _("%(who)s tried again with %(what)s"), adds_up=True),
    "printed": Verb(Kind.TAKES, "maximize", _("%(who)s had a print made, %(what)s"), adds_up=True),
    "imported": Verb(Kind.TAKES, "download", _("%(who)s brought %(what)s in from Wan's list"), adds_up=True),
    "turned_up": Verb(Kind.TAKES, "circle-help", _("A late answer of Wan turned up as %(what)s")),
    "ready": Verb(
        Kind.TAKES,
        "circle-check",
        ngettext_lazy("%(what)s is ready", "%(what)s are ready", "count"),
        adds_up=True,
    ),
    "failed": Verb(Kind.TAKES, "circle-alert", _("%(what)s failed"), adds_up=True),
    "lost": Verb(
        Kind.TAKES,
        "circle-alert",
        ngettext_lazy("%(what)s is lost", "%(what)s are lost", "count"),
        adds_up=True,
    ),
    "canceled": Verb(
        Kind.TAKES,
        "x",
        ngettext_lazy("%(what)s was canceled", "%(what)s were canceled", "count"),
        adds_up=True,
    ),
    "canceled_by": Verb(Kind.TAKES, "x", _("%(who)s canceled %(what)s"), adds_up=True),
    "asked": Verb(
        Kind.TAKES,
        "circle-help",
        ngettext_lazy(
            "%(what)s needs a decision: nobody knows whether Wan accepted it",
            "%(what)s need a decision: nobody knows whether Wan accepted them",
            "count",
        ),
        adds_up=True,
    ),
    "trashed": Verb(Kind.TAKES, "trash", _("%(who)s moved %(what)s to the trash"), adds_up=True),
    "restored": Verb(Kind.TAKES, "rotate-cw", _("%(who)s took %(what)s out of the trash"), adds_up=True),
    "purged": Verb(
        Kind.TAKES,
        "trash",
        ngettext_lazy(
            "%(what)s was deleted for good after 30 days in the trash",
            "%(what)s were deleted for good after 30 days in the trash",
            "count",
        ),
        adds_up=True,
    ),
    "purged_by": Verb(Kind.TAKES, "trash", _("%(who)s deleted %(what)s for good"), adds_up=True),
    "moved": Verb(Kind.TAKES, "arrow-left-right", _("%(who)s moved %(what)s to the scene %(name)s")),
    "moved_away": Verb(Kind.TAKES, "arrow-left-right", _("%(who)s moved %(what)s to another project")),
    "moved_here": Verb(Kind.TAKES, "arrow-left-right", _("%(who)s moved %(what)s here from another project")),
    "commented": Verb(
        Kind.TALK,
        "message-square",
        ngettext_lazy("%(who)s commented on %(what)s", "%(count)s comments on %(what)s, the last by %(who)s", "count"),
    ),
    "answered": Verb(
        Kind.TALK,
        "message-square",
        ngettext_lazy("%(who)s answered on %(what)s", "%(count)s comments on %(what)s, the last by %(who)s", "count"),
    ),
    "mentioned": Verb(Kind.TALK, "message-square", _("%(who)s mentioned you in a comment on %(what)s")),
    "comment_taken": Verb(Kind.TALK, "trash", _("%(who)s took away a comment on %(what)s")),
    "settled": Verb(Kind.TALK, "check", _("%(who)s settled a comment on %(what)s")),
    "reopened": Verb(Kind.TALK, "message-square-warning", _("%(who)s opened a comment on %(what)s again")),
    "approved": Verb(
        Kind.TALK,
        "circle-check",
        ngettext_lazy(
            "%(who)s approved %(what)s", "%(what)s was approved %(count)s times, the last by %(who)s", "count"
        ),
    ),
    "changes": Verb(
        Kind.TALK,
        "message-square-warning",
        ngettext_lazy(
            "%(who)s asked for changes to %(what)s",
            "Changes to %(what)s were asked for %(count)s times, the last by %(who)s",
            "count",
        ),
    ),
    "link_made": Verb(Kind.SHARING, "link", _("%(who)s made the screening link %(name)s")),
    "link_updated": Verb(
        Kind.SHARING,
        "link",
        ngettext_lazy(
            "%(who)s added %(count)s clip to the screening %(name)s",
            "%(who)s added %(count)s clips to the screening %(name)s",
            "count",
        ),
    ),
    "link_changed": Verb(Kind.SHARING, "link", _("%(who)s changed the screening link %(name)s")),
    "link_renewed": Verb(Kind.SHARING, "link", _("%(who)s gave the screening %(name)s a new address")),
    "link_revoked": Verb(Kind.SHARING, "link-2-off", _("%(who)s revoked the screening link %(name)s")),
    "link_seen": Verb(Kind.SHARING, "eye", _("The screening %(name)s was opened for the first time")),
    "links_stay": Verb(
        Kind.SHARING,
        "link",
        ngettext_lazy("%(links)s that %(person)s made stays open", "%(links)s that %(person)s made stay open", "count"),
    ),
    "template_shared": Verb(Kind.SHARING, "copy", _("%(who)s shared the template %(name)s")),
    "collection_made": Verb(Kind.SHARING, "layers", _("%(who)s made the collection %(name)s")),
    "collection_deleted": Verb(Kind.SHARING, "layers", _("%(who)s deleted the collection %(name)s")),
    "team_made": Verb(Kind.PEOPLE, "users", _("%(who)s made the team")),
    "invited": Verb(Kind.PEOPLE, "mail", _("%(who)s invited somebody as %(role)s")),
    "invited_again": Verb(Kind.PEOPLE, "mail", _("%(who)s sent an invitation again")),
    "withdrawn": Verb(Kind.PEOPLE, "mail", _("%(who)s withdrew an invitation")),
    "joined": Verb(Kind.PEOPLE, "users", _("%(who)s joined as %(role)s")),
    "left": Verb(Kind.PEOPLE, "user-minus", _("%(who)s left the team")),
    "removed": Verb(Kind.PEOPLE, "user-minus", _("%(who)s took %(person)s out of the team")),
    "role": Verb(Kind.PEOPLE, "users", _("%(who)s changed the role of %(person)s to %(role)s")),
    "handed_over": Verb(Kind.PEOPLE, "key-round", _("%(who)s handed the team over to %(person)s")),
    "team_renamed": Verb(Kind.SETTINGS, "pencil", _("%(who)s renamed the team from %(name)s to %(to)s")),
    "team_deleted": Verb(Kind.SETTINGS, "trash", _("%(who)s deleted the team")),
    "team_restored": Verb(Kind.SETTINGS, "rotate-cw", _("%(who)s brought the team back")),
    "project_made": Verb(Kind.SETTINGS, "plus", _("%(who)s made the project %(name)s")),
    "project_renamed": Verb(Kind.SETTINGS, "pencil", _("%(who)s renamed the project from %(name)s to %(to)s")),
    "project_archived": Verb(Kind.SETTINGS, "archive", _("%(who)s put the project into the archive")),
    "project_unarchived": Verb(Kind.SETTINGS, "archive", _("%(who)s took the project out of the archive")),
    "project_left": Verb(Kind.SETTINGS, "arrow-left-right", _("%(who)s moved the project %(name)s to another team")),
    "project_came": Verb(Kind.SETTINGS, "arrow-left-right", _("%(who)s moved the project %(name)s to this team")),
    "project_deleted": Verb(Kind.SETTINGS, "trash", _("%(who)s deleted the project %(name)s")),
    "project_restored": Verb(Kind.SETTINGS, "rotate-cw", _("%(who)s brought the project %(name)s back")),
    "account_chosen": Verb(Kind.SETTINGS, "key-round", _("%(who)s chose another Wan account for the project")),
    "account_added": Verb(Kind.SETTINGS, "key-round", _("%(who)s added the Wan account %(name)s")),
    "account_changed": Verb(Kind.SETTINGS, "key-round", _("%(who)s changed the Wan account %(name)s")),
    "account_rekeyed": Verb(Kind.SETTINGS, "key-round", _("%(who)s gave the Wan account %(name)s a new key")),
    "account_closed": Verb(Kind.SETTINGS, "lock", _("%(who)s closed the Wan account %(name)s")),
    "account_reopened": Verb(Kind.SETTINGS, "key-round", _("%(who)s took the Wan account %(name)s into use again")),
    "account_priced": Verb(
        Kind.MONEY, "pencil", _("%(who)s changed the prices of the Wan account %(name)s: %(prices)s")
    ),
    "budget_set": Verb(Kind.MONEY, "sliders-horizontal", _("%(who)s set the budget of %(scope)s to %(amount)s")),
    "budget_freed": Verb(Kind.MONEY, "sliders-horizontal", _("%(who)s took the limit off the budget of %(scope)s")),
    "budget_set_from": Verb(
        Kind.MONEY, "sliders-horizontal", _("%(who)s set the budget of %(scope)s to %(amount)s from %(month)s on")
    ),
    "budget_freed_from": Verb(
        Kind.MONEY, "sliders-horizontal", _("%(who)s took the limit off the budget of %(scope)s from %(month)s on")
    ),
    "budget_dropped": Verb(
        Kind.MONEY, "sliders-horizontal", _("%(who)s took back the budget of %(scope)s from %(month)s on")
    ),
    "budget_near": Verb(Kind.MONEY, "circle-alert", _("The budget of %(scope)s is nearly used up")),
    "budget_stops": Verb(Kind.MONEY, "circle-alert", _("The budget of %(scope)s has stopped a press")),
    "budget_out": Verb(Kind.MONEY, "circle-alert", _("The budget of %(scope)s is used up")),
}
