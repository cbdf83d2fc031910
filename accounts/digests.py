"""What is new, by mail, for those who asked for it: each hour, or each morning of their own zone.

A turn is taken by moving `digested_at` on, in the transaction that writes the mail: whoever comes second finds it
taken, and what was mailed is marked with it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from accounts.bell import told
from accounts.models import Digest, Notification, User
from generations import clock
from generations.lifecycle.shift import carry_on

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.bell import Told

MORNING = 8  # o'clock
SHOWN = 30  # of one mail
SALT = "digest-off"


def sweep() -> None:
    """Everybody whose turn has come and who has something new."""
    now = clock.now()
    new = Notification.objects.filter(person=OuterRef("pk"), mailed_at=None).unseen()
    people = User.objects.filter(Exists(new), is_active=True, deleted_at=None).exclude(digest=Digest.OFF)
    for person in people.order_by("pk").iterator(chunk_size=200):
        if person.digested_at is None or person.digested_at < turn_of(person, now):
            with carry_on():
                _send(person, now)


def turn_of(person: User, now: datetime) -> datetime:
    """When the latest turn was: the full hour, or eight in the morning."""
    if person.digest == Digest.HOUR:
        return now.replace(minute=0, second=0, microsecond=0)
    here = now.astimezone(person.zone)
    morning = here.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    return morning if morning <= here else morning - timedelta(days=1)


def _send(person: User, now: datetime) -> None:
    with transaction.atomic():
        if not User.objects.filter(pk=person.pk, digested_at=person.digested_at).update(digested_at=now):
            return
        new = Notification.objects.of(person).unseen().filter(mailed_at=None)
        found = told(new, SHOWN)
        if found:
            newest = found[0].notification.pk
            _letter(person, found, new.order_by().values("group").distinct().count()).send()
            Notification.objects.filter(person=person, mailed_at=None, pk__lte=newest).update(mailed_at=now)


def _letter(person: User, found: list[Told], many: int) -> EmailMessage:
    """The newest of `many`, in the person's language and zone; of the prompts nothing but the names of their scenes."""
    off = settings.STUDIO_BASE_URL + reverse("accounts:digest_off", args=[token_of(person)])
    with translation.override(person.mail_language), timezone.override(person.zone):
        subject = ngettext("%(count)s thing new in Wan Studio", "%(count)s things new in Wan Studio", many)
        context = {
            "found": found,
            "more": many - len(found),
            "base": settings.STUDIO_BASE_URL,
            "off": off,
            "person": person,
        }
        body = render_to_string("accounts/digest.txt", context)
        headers = {"List-Unsubscribe": f"<{off}>"}
        return EmailMessage(subject % {"count": many}, body, None, [person.email], headers=headers)


def choose(person: User, digest: str) -> None:
    """From now on; what came before is not sent any more."""
    now = clock.now()
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(digest=digest, digested_at=now)
        Notification.objects.filter(person=person, mailed_at=None).update(mailed_at=now)


def token_of(person: User) -> str:
    """For the link in the mail: it ends the mail, without sign-in, and nothing else."""
    return signing.dumps(str(person.uuid), salt=SALT)


def person_of(token: str) -> User | None:
    """None for a token that was never given out."""
    try:
        return User.objects.filter(uuid=signing.loads(token, salt=SALT)).first()
    except signing.BadSignature:
        return None
