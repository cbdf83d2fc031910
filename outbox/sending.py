"""Sending what waits in the outbox. A worker that is killed between sending and saying so sends one mail twice."""

from __future__ import annotations

import logging
import sys
import time
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import get_connection
from django.db import connection, transaction
from django.db.models import F

from generations import clock
from outbox.models import Mail

if TYPE_CHECKING:
    from typing import Any

    from django.core.mail.backends.base import BaseEmailBackend

logger = logging.getLogger(__name__)
SWEEP_SECONDS = 20.0
LEASE = timedelta(seconds=60)  # of a claimed row; longer than settings.EMAIL_TIMEOUT
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 3600.0  # seconds
GIVE_UP_AFTER = timedelta(hours=24)
KEPT = timedelta(days=30)
FORGET_AT_ONCE = 1000


def sweep() -> None:
    """Send due mail one by one, for at most SWEEP_SECONDS (the one in hand is finished)."""
    ends = time.monotonic() + SWEEP_SECONDS
    while time.monotonic() < ends and (mail := _claim()):
        send(mail)


def _claim() -> Mail | None:
    """The mail that has waited longest, held under a lease: whoever pushes its time on has it."""
    now = clock.now()
    due = Mail.objects.filter(due_at__lte=now).order_by("due_at")
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        mail = due.first()
        if mail:
            mail.due_at = now + LEASE
            mail.save(update_fields=["due_at"])
    return mail


def send(mail: Mail) -> None:
    """One try. Whatever hinders it is tried again for a day, unless the recipients are refused for good."""
    try:
        with transport() as open_connection:
            open_connection.send_messages([mail.message()])
    except SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        _failed(mail, f"Recipient refused: {min(codes)}", for_good=min(codes) >= 500)
    except (SMTPException, OSError) as error:
        _failed(mail, _said(error), for_good=False)
    except Exception as error:  # a mail that can't even be put together must not hold up the others
        logger.exception("Mail %s can't be sent", mail.pk)
        _failed(mail, type(error).__name__, for_good=True)
    else:
        Mail.objects.filter(pk=mail.pk).update(sent_at=clock.now(), due_at=None, content={}, error="")
        logger.info("Mail %s is sent", mail.pk)


def transport() -> BaseEmailBackend:
    """What EMAIL_URL names. A console is standard error, where the log goes: workers' standard output isn't shown."""
    is_console = settings.MAIL_TRANSPORT.endswith("console.EmailBackend")
    options: dict[str, Any] = {"stream": sys.stderr} if is_console else {}
    return get_connection(settings.MAIL_TRANSPORT, **options)


def _said(error: Exception) -> str:
    """Type and code; what the server says besides may repeat addresses."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def _failed(mail: Mail, reason: str, *, for_good: bool) -> None:
    now = clock.now()
    over = for_good or now > mail.created_at + GIVE_UP_AFTER
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 3.0 ** min(mail.tries, 6))
    Mail.objects.filter(pk=mail.pk).update(
        due_at=None if over else now + timedelta(seconds=pause),
        failed_at=now if over else None,
        tries=F("tries") + 1,
        error=reason[:200],
    )
    level = logging.ERROR if over else logging.WARNING
    logger.log(level, "Mail %s: %s, %s", mail.pk, reason, "given up" if over else f"again in {pause:.0f} s")


def forget() -> None:
    """Once an hour: rows of mail that ended a month ago go."""
    old = Mail.objects.filter(created_at__lt=clock.now() - KEPT, due_at=None).order_by("created_at")
    while keys := list(old.values_list("pk", flat=True)[:FORGET_AT_ONCE]):
        Mail.objects.filter(pk__in=keys).delete()
