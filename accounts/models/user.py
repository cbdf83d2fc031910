from __future__ import annotations

import uuid
import zoneinfo
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from teams.models import Team


class UserQuerySet(models.QuerySet["User"]):
    def administrators(self) -> UserQuerySet:
        """Who can open all of administration now."""
        return self.filter(is_active=True, is_staff=True, is_superuser=True)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Theme(models.TextChoices):
    DARK = "dark", _("Dark")
    LIGHT = "light", _("Light")
    AUTO = "auto", _("System")


class Digest(models.TextChoices):
    OFF = "off", _("Never")
    HOUR = "hour", _("Each hour")
    DAY = "day", _("Each morning")


def is_time_zone(value: str) -> None:
    from django.core.exceptions import ValidationError

    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("This is not a time zone name like Asia/Taipei."))


class User(AbstractBaseUser, PermissionsMixin):
    """A person, signed in by e-mail. Nobody exists without a personal team and a first project."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, blank=True)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.DARK)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[is_time_zone])
    uses_keys = models.BooleanField(
        _("keyboard shortcuts"),
        default=True,
        help_text=_("Single keys rate, pick and play. Off: only Tab, Enter and the keys of your browser."),
    )
    digest = models.CharField(
        _("mail about what is new"),
        max_length=4,
        choices=Digest,
        default=Digest.OFF,
        help_text=_("What the bell tells and you have not seen yet. Nothing is sent when there is nothing."),
    )
    digested_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_project = models.ForeignKey(
        "teams.Project", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("administers the installation"), default=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    purged_at = models.DateTimeField(null=True, blank=True, editable=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager.from_queryset(UserQuerySet)()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.display_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Whatever path makes a person (sign-up, invitation, command line, admin) also makes the personal team."""
        from teams.models import Team

        if not self._state.adding:
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            super().save(*args, **kwargs)
            Team.objects.create_personal(self)

    @property
    def display_name(self) -> str:
        if self.purged_at:
            return gettext("Somebody who left")
        return self.name or self.email.partition("@")[0]

    @property
    def public_name(self) -> str:
        """For guests of a screening, who read no part of an address."""
        return self.display_name if self.name or self.purged_at else gettext("Team member")

    @property
    def mail_language(self) -> str:
        """What the studio writes to this person in."""
        return self.language if self.language in settings.STUDIO_LANGUAGES else settings.LANGUAGE_CODE

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Where this person's days begin, as far as it is known."""
        return zoneinfo.ZoneInfo(self.time_zone or settings.TIME_ZONE)

    @property
    def initial(self) -> str:
        return self.display_name[:1].upper()

    @property
    def hue(self) -> int:
        """Degrees: the colour of this person's avatar, the same everywhere."""
        return self.uuid.int % 360

    @property
    def personal_team(self) -> Team:
        from teams.models import Team

        return Team.objects.get(personal_of=self)
