"""A lost answer of which reading can't tell yet: who is asked, and what they decide (design, Ambiguity is settled by
reading). The reading goes on meanwhile.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.notifying import tell
from generations import clock, ledger, nudge, pricing, purse
from generations.lifecycle.moves import locked, move, note
from generations.lifecycle.press import afford
from generations.lifecycle.refused import Refused, telling_of_stops
from generations.models import Candidate, Generation, Outcome, Status, SubmitAttempt, WanAccount
from teams.activity import record
from teams.models import EDITS, Activity, Membership, Role

if TYPE_CHECKING:
    from accounts.models import User

CHOICES = ("check", "again", "discard")
AFTER_RELEASE_EVERY = timedelta(minutes=30)  # the list is read for what a person has given up


def ask_people() -> None:
    """After ten minutes a person is asked as well; the reading goes on and the account is free again. Whose take it is
    may leave while it waits: then the owners are asked.
    """
    since = clock.now() - timedelta(seconds=settings.RECONCILE_ASK_AFTER)
    unknown = SubmitAttempt.objects.filter(outcome=Outcome.UNKNOWN, started_at__lt=since)
    for attempt in unknown.filter(Q(person_asked_at=None) | _asked_in_vain()).select_related("generation")[:50]:
        with transaction.atomic():
            asked = SubmitAttempt.objects.filter(pk=attempt.pk, person_asked_at=None)
            is_first = asked.update(person_asked_at=clock.now())
            if attempt.generation.status == Status.UNCERTAIN:
                _tell_of(attempt, is_first=bool(is_first))


def _asked_in_vain() -> Q:
    """Attempts whose person may not decide any more, in a team with owners who have not been told of it."""
    members = Membership.objects.filter(team=OuterRef("generation__team"), user__is_active=True)
    owners = members.filter(role=Role.OWNER)
    about = {"verb": "asked", "generation": OuterRef("generation")}
    told = {f"user__notifications__activity__{name}": value for name, value in about.items()}
    decides = members.filter(user=OuterRef("generation__owner"), role__in=EDITS)
    return Q(~Exists(decides), ~Exists(owners.filter(**told)), Exists(owners), generation__status=Status.UNCERTAIN)


def _tell_of(attempt: SubmitAttempt, *, is_first: bool) -> None:
    take = attempt.generation
    if is_first:
        note(take, "person_asked", attempt=attempt.pk)
    known = None if is_first else Activity.objects.filter(verb="asked", generation=take).order_by("pk").last()
    tell(known or record("asked", take), _who_decides(take))


def _who_decides(generation: Generation) -> list[int]:
    """Whose take it is; owners of the team where that person may not decide any more."""
    members = Membership.objects.filter(team=generation.team_id, user__is_active=True)
    if members.filter(user=generation.owner_id, role__in=EDITS).exists():
        return [generation.owner_id]
    return list(members.filter(role=Role.OWNER).values_list("user", flat=True))


def decide(generation: Generation, *, choice: str, by: User) -> bool:
    """What a person says of a take nobody can tell of: check, again or discard. False when it was settled meanwhile.

    "Again" reserves once more and keeps the first attempt as possibly charged; both keep looking for its video.
    Raises Refused when no budget allows that.
    """
    if choice not in CHOICES:
        raise ValueError(choice)
    attempt = SubmitAttempt.objects.filter(generation=generation, outcome=Outcome.UNKNOWN).order_by("-pk").first()
    if generation.status != Status.UNCERTAIN or attempt is None:
        return False
    if choice == "check":
        now = clock.now()
        Candidate.objects.filter(attempt=attempt).update(ask_at=now)
        SubmitAttempt.objects.filter(pk=attempt.pk).update(next_reading_at=now)
        note(generation, "checked_again", actor=by)
        return True
    with telling_of_stops(), transaction.atomic():
        is_decided = _release(locked(generation.pk), attempt, again=choice == "again", by=by)
    generation.refresh_from_db()
    return is_decided


def _release(generation: Generation, attempt: SubmitAttempt, *, again: bool, by: User) -> bool:
    """Give an attempt up: its money is possibly gone, and its video is looked for in the list for 24 hours."""
    now = clock.now()
    lost = SubmitAttempt.objects.filter(pk=attempt.pk, outcome=Outcome.UNKNOWN)
    if generation.status != Status.UNCERTAIN or not lost.update(
        outcome=Outcome.RELEASED, next_reading_at=now + AFTER_RELEASE_EVERY
    ):
        return False
    charged = pricing.possibly_charged(generation)
    if not again:
        return move(generation, Status.CANCELED, "discarded", actor=by, **charged)
    _afford_again(generation, by)
    charged |= {"reserved": generation.price, "due_at": now, "cancel_requested_at": None}
    transaction.on_commit(partial(nudge.submit, generation.account_id))
    return move(generation, Status.QUEUED, "sent_again", actor=by, **charged)


def _afford_again(generation: Generation, by: User) -> None:
    """By the month and the budgets that paid for it first. Raises Refused, also when those are another team's now, or
    the account is not this team's to spend on any more.
    """
    first = ledger.first_entry(generation)
    if first is None:
        return
    if first.team_id != generation.team_id:
        raise Refused(_("The project has moved to another team since. Discard this take, and press for a new one."))
    paid_in, account = purse.month_of(first.day), generation.account
    if account not in WanAccount.objects.open_to(first.team):
        raise Refused(_("Its Wan account takes no new takes any more. Discard this take, and press for a new one."))
    paying: dict[str, Any] = {"user": first.person, "project": first.project, "account": account}
    afford(generation.price, **paying, month=paid_in, reader=by)
