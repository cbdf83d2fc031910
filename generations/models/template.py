from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

NAME_LENGTH = 80


class Kind(models.TextChoices):
    RECIPE = "recipe", _("Whole recipe")
    NEGATIVE = "negative", _("Only what to keep out")


class TemplateQuerySet(models.QuerySet["Template"]):
    def visible_to(self, user: User | AnonymousUser) -> TemplateQuerySet:
        """One's own that are not shared, and those that are shared with one's projects, by whomever."""
        from teams.models import Project

        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(owner=user, project=None) | Q(project__in=Project.objects.visible_to(user)))

    def changeable_by(self, user: User | AnonymousUser) -> TemplateQuerySet:
        """One's own as long as one sees it, and what is shared with a team that one owns."""
        from teams.models import Project

        if not user.is_authenticated:
            return self.none()
        return self.visible_to(user).filter(Q(owner=user) | Q(project__in=Project.objects.owned_by(user)))

    def offered_in(self, project: models.Model) -> TemplateQuerySet:
        """Of those one sees: one's own, and what is shared with this project."""
        return self.filter(Q(project=None) | Q(project=project)).order_by("name", "pk")


class Template(models.Model):
    """A recipe to start from. Names in braces are blanks, asked for when it is used."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="templates")
    project = models.ForeignKey(
        "teams.Project",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="templates",
        help_text="Whose members may use it; empty: only its owner.",
    )
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.RECIPE)
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    recipe = models.JSONField(_("recipe"), help_text="Fields of the composer; shots as a list of text and seconds.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        indexes = [models.Index(fields=["owner", "name"], name="template_of_owner")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any) -> Template:
        """Without halves of signs, which some kept before they were left out: no page can be sent with them."""
        found = super().from_db(db, field_names, values, **more)
        if "recipe" in found.__dict__:
            found.recipe = json.loads(json.dumps(found.recipe, ensure_ascii=False).encode(errors="ignore"))
        return found

    @property
    def is_shared(self) -> bool:
        return self.project_id is not None
