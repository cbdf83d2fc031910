from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AlarmKind(models.TextChoices):
    AT_RISK = "at_risk", _("Clips are not saved after 18 hours")
    REFUSED = "refused", _("A result's host or file is refused")
    LOST = "lost", _("Clips are lost")
    UNRECOGNISED = "unrecognised", _("Wan does not recognise tasks")
    KEY = "key", _("Wan refuses the key")
    BILLING = "billing", _("Wan asks for payment or activation")
    UNPROVED = "unproved", _("The environment's key may be of another Wan account")
    STORAGE = "storage", _("The storage does not accept files")


class Alarm(models.Model):
    """One incident, from the moment when it was noticed until it is over; it and its clips are told once to everybody
    whom they concern."""

    kind = models.CharField(_("kind"), max_length=12, choices=AlarmKind)
    account = models.ForeignKey(
        "WanAccount", on_delete=models.PROTECT, null=True, related_name="+", help_text="Empty: the installation's."
    )
    began_at = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("over since"), null=True)
    told = models.ManyToManyField(settings.AUTH_USER_MODEL, through="AlarmNotice", related_name="+")

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        indexes = [
            models.Index(fields=["kind", "account", "-ended_at"], name="alarm_latest"),
            models.Index(fields=["began_at"], name="alarm_open", condition=Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class AlarmNotice(models.Model):
    """This person has been written to. Committed together with the mail, so there are neither two nor none."""

    alarm = models.ForeignKey(Alarm, on_delete=models.CASCADE, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(help_text="The last time.")
    clips = models.JSONField(default=list, help_text="Primary keys of those that this person has been told of.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alarm", "user"], name="one_notice_per_person")]

    def __str__(self) -> str:
        return f"{self.alarm}: {self.user}"
