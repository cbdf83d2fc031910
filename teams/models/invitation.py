from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from teams.models.membership import Membership, Role

GOOD_FOR = timedelta(days=7)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> InvitationQuerySet:
        """Neither accepted nor withdrawn; those whose time is over included."""
        return self.filter(accepted_at=None, revoked_at=None)

    def by_token(self, token: str) -> Invitation | None:
        """Whatever has become of it; None for a token that was never given out."""
        return self.filter(token_hash=hash_of(token)).select_related("team", "invited_by", "accepted_by").first()


class Invitation(models.Model):
    """A letter to an address: whoever brings its token joins the team, once. Only the token's hash is kept."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey("teams.Team", on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=6, choices=Role, default=Role.EDITOR)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["team", "email"],
                name="one_pending_invitation",
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.team}"

    def renew(self) -> str:
        """A fresh token and a fresh week; the old link ends. Returns the token, which is nowhere kept. Not saved."""
        token = secrets.token_urlsafe(32)
        self.token_hash = hash_of(token)
        self.sent_at = timezone.now()
        self.expires_at = self.sent_at + GOOD_FOR
        return token

    @property
    def is_over(self) -> bool:
        """Its week has passed."""
        return self.expires_at <= timezone.now()

    @property
    def is_from_owner(self) -> bool:
        """Whoever sent it owns the team now, and can sign in."""
        return Membership.objects.filter(team=self.team_id, user=self.invited_by_id).owners().exists()

    @property
    def is_open(self) -> bool:
        """Can be accepted now."""
        is_done = self.accepted_at or self.revoked_at or self.is_over or self.team.is_deleted
        return not is_done and self.is_from_owner


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
