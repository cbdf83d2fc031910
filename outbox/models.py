from __future__ import annotations

from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import datetime


class MailQuerySet(models.QuerySet["Mail"]):
    def waiting(self) -> MailQuerySet:
        return self.filter(due_at__isnull=False)

    def failed(self) -> MailQuerySet:
        return self.filter(failed_at__isnull=False)


class MailManager(models.Manager.from_queryset(MailQuerySet)):  # type: ignore[misc]
    def enqueue(self, message: EmailMessage, now: datetime) -> Mail:
        """A row for the worker. Files are not taken: they would swell the database, a link does better."""
        if message.attachments:
            raise ValueError("Mail with attachments is not sent; put a link into it.")
        mail: Mail = self.create(
            recipients=", ".join(message.recipients())[:500], content=_content(message), created_at=now, due_at=now
        )
        return mail


def _content(message: EmailMessage) -> dict[str, Any]:
    pages = [page for page in getattr(message, "alternatives", []) if page[1] == "text/html"]
    return {
        "subject": str(message.subject),
        "body": str(message.body),
        "html": str(pages[0][0]) if pages else "",
        "from_email": message.from_email,
        "to": list(message.to),
        "cc": list(message.cc),
        "bcc": list(message.bcc),
        "reply_to": list(message.reply_to),
        "headers": {"Message-ID": make_msgid(domain=settings.HOST)}  # the same for every try: one mail stays one
        | {name: str(value) for name, value in message.extra_headers.items()},
    }


class Mail(models.Model):
    """One message on its way. Waiting while `due_at` is set; then sent, or failed for good.

    `content` may hold links that let somebody in: it is removed with the sending, and never shown.
    """

    recipients = models.CharField(_("to"), max_length=500)
    content = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(_("written"))
    due_at = models.DateTimeField(_("next try"), null=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True)
    failed_at = models.DateTimeField(_("given up"), null=True)
    error = models.CharField(_("last error"), max_length=200, blank=True)

    objects = MailManager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mail")
        indexes = [
            models.Index(fields=["due_at"], name="mail_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["created_at"], name="mail_created"),
            models.Index(fields=["failed_at"], name="mail_failed", condition=Q(failed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.recipients

    def message(self) -> EmailMessage:
        """As it was handed over; it goes out with the date of its writing."""
        content = dict(self.content)
        html = content.pop("html")
        message = EmailMultiAlternatives(**content)
        message.extra_headers.setdefault("Date", format_datetime(self.created_at))
        if html:
            message.attach_alternative(html, "text/html")
        return message
