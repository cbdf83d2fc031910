"""EMAIL_BACKEND of the studio: every mail, django-allauth's too, becomes a row first; no request speaks SMTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from generations import clock
from outbox.models import Mail
from wanstudio.celery import nudge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.mail import EmailMessage


class OutboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Returns how many will be sent. With the rows of the caller's transaction, or not at all."""
        now = clock.now()
        wanted = [message for message in email_messages if message.recipients()]
        with transaction.atomic():
            for message in wanted:
                Mail.objects.enqueue(message, now)
            transaction.on_commit(lambda: nudge("outbox.tasks.send_due", "watch"))
        return len(wanted)
