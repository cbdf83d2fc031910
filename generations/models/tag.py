from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from generations.models.generation import Generation
    from teams.models import Team

TAG_LENGTH = 40
KEY_LENGTH = 120  # a compatibility form may be longer than what it stands for


class TagManager(models.Manager["Tag"]):
    def named(self, team: Team | int, names: list[str]) -> list[Tag]:
        """The team's tags of these names, made where there are none; without those that are blank or too long."""
        team_id = team if isinstance(team, int) else team.pk
        wanted = {tag_key(name): tag_name(name) for name in names}
        wanted = {key: name for key, name in wanted.items() if key and len(name) <= TAG_LENGTH}
        self.bulk_create(
            [Tag(team_id=team_id, key=key, name=name) for key, name in wanted.items()], ignore_conflicts=True
        )
        return list(self.filter(team=team_id, key__in=list(wanted)).order_by("key"))


class Tag(models.Model):
    """A team's word for takes. `key` is what is compared: without case, width and spaces of the name as written."""

    team = models.ForeignKey("teams.Team", on_delete=models.PROTECT, related_name="tags")
    name = models.CharField(_("name"), max_length=TAG_LENGTH)
    key = models.CharField(max_length=KEY_LENGTH, editable=False)
    takes: models.ManyToManyField[Generation, Tagging] = models.ManyToManyField(
        "Generation", through="Tagging", related_name="tags"
    )

    objects = TagManager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [models.UniqueConstraint(fields=["team", "key"], name="one_tag_per_name")]

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    """A tag on a take."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="taggings")
    generation = models.ForeignKey("Generation", on_delete=models.CASCADE, related_name="taggings")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "tag of a take"
        constraints = [models.UniqueConstraint(fields=["tag", "generation"], name="one_tagging_per_take")]
        indexes = [models.Index(fields=["tag", "-generation"], name="takes_of_tag")]

    def __str__(self) -> str:
        return f"{self.tag} · {self.generation_id}"


def tag_name(text: str) -> str:
    """As it is shown: composed, with single spaces, without a leading #."""
    return " ".join(unicodedata.normalize("NFC", text.replace("\0", "")).split()).lstrip("# ")


def tag_key(text: str) -> str:
    """As it is compared."""
    folded = unicodedata.normalize("NFKC", tag_name(text)).casefold()
    return unicodedata.normalize("NFKC", folded).replace(" ", "")[:KEY_LENGTH]
