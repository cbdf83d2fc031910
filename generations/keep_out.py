"""Presets of what to keep out of a clip, beside the field: put into it, or kept from what it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from generations.forms import as_uuid
from generations.models import Scene, Template
from generations.models.template import Kind
from generations.shots import language

if TYPE_CHECKING:
    from accounts.models import User
    from generations.models.template import TemplateQuerySet
    from teams.models import Project

SHOW, PUT_IN, SAVE = "presets", "keep-out", "save-keep-out"
STEPS = {SHOW, PUT_IN, SAVE}
BETWEEN = ",;.，、；。\n"  # the things that are kept out
MOST = 12  # stand beside the field; all of them are on the templates' page


def presets(project: Project, user: User) -> TemplateQuerySet:
    return Template.objects.visible_to(user).offered_in(project).filter(kind=Kind.NEGATIVE)[:MOST]


def do(step: str, argument: str, text: str, *, project: Project, user: User) -> tuple[str, str]:
    """What the field says after the button, and a sentence; any other step changes nothing."""
    if step == SAVE:
        return text, _save(text.strip(), project, user)
    chosen = _found(argument, user) if step == PUT_IN else None
    if chosen is None:
        return text, _("This preset is not here any more.") if step == PUT_IN else ""
    return joined(text, chosen.recipe["negative_prompt"]), ""


def joined(text: str, preset: str) -> str:
    """What is typed stays; what stands there already is not said twice."""
    typed, preset = text.rstrip(" ,，\r\n"), preset.strip()
    stands = re.search(f"(^|[{BETWEEN}])\\s*{re.escape(preset)}\\s*([{BETWEEN}]|$)", typed)
    if not typed or stands:
        return typed or preset
    return typed + ("，" if language(typed) == "zh" else ", ") + preset


def _found(argument: str, user: User) -> Template | None:
    uuid = as_uuid(argument)
    return Template.objects.visible_to(user).filter(kind=Kind.NEGATIVE, uuid=uuid).first() if uuid else None


def _save(text: str, project: Project, user: User) -> str:
    if not text:
        return _("Write what to keep out first.")
    known = Template.objects.visible_to(user).offered_in(project).filter(recipe={"negative_prompt": text}).first()
    if known:
        return _("Kept already as “%(name)s”.") % {"name": known.name}
    name = Scene.name_from(text)
    Template.objects.create(owner=user, kind=Kind.NEGATIVE, name=name, recipe={"negative_prompt": text})
    return _("Kept as “%(name)s”, for you. Rename or share it under Templates and presets.") % {"name": name}
