"""The composer filled from a clip's file: its values go through the form like anything that is typed."""

from __future__ import annotations

import uuid
from typing import IO, TYPE_CHECKING, Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from generations import recipe_file
from generations.composer import Composer
from generations.forms import CONSECUTIVE, DEFAULTS, ComposerForm, complete
from generations.models import AudioUpload
from generations.recall import named_kin
from generations.shot_forms import ShotFormSet
from generations.typed import plain

if TYPE_CHECKING:
    from accounts.models import User
    from generations.models import WanAccount
    from teams.models import Project

FIELDS = ("prompt", "negative_prompt", "resolution", "ratio", "duration", "seed")
SWITCHES = ("prompt_extend", "watermark")
CHARACTERS_MOST = 20_000  # of one field: more than Wan takes, so that the form says by how much


def from_file(file: IO[Any], project: Project, user: User, account: WanAccount | None, *, film: str = "") -> Composer:
    """A composer with the file's recipe, and with what the form has against it. `film` as in recipe_file.read, which
    also says when NoRecipe is raised."""
    found = recipe_file.read(file, film)
    data = _posted(found.recipe)
    audio, audio_note = _audio(found.recipe.get("audio"), project, user)
    if audio:
        data["audio_id"] = str(audio.uuid)
    shots = ShotFormSet(data, prefix="shots")
    composer = Composer(
        ComposerForm(data, project=project, user=user),
        shots,
        project=project,
        account=account,
        board_open="shots-0-text" in data,
        kin=named_kin({"parent": _text(found.recipe.get("take")), "origin": "remix"}, user),
    )
    composer.is_valid()
    is_fine = found.seal in (recipe_file.Seal.OWN, recipe_file.Seal.UNSEEN)
    composer.good_news = str(found.seal.value) if is_fine else ""
    composer.warnings = tuple(audio_note) if is_fine else (str(found.seal.value), *audio_note)
    return composer


def _posted(recipe: dict[str, Any]) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update(DEFAULTS)
    for name in FIELDS:
        if recipe.get(name) is not None:
            data[name] = _text(recipe[name])
    for name in SWITCHES:
        if recipe.get(name) is True:
            data[name] = "on"
    shots = recipe.get("shots")
    for index, shot in enumerate(shots[: ShotFormSet.absolute_max] if isinstance(shots, list) else ()):
        known = shot if isinstance(shot, dict) else {}
        data[f"shots-{index}-text"] = _text(known.get("text"))
        data[f"shots-{index}-seconds"] = _text(known.get("seconds"))
    data["press"], data["seeds"] = str(uuid.uuid4()), CONSECUTIVE
    return complete(data)


def _text(value: Any) -> str:
    """Numbers and texts as a form would send them; anything else is left out."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return plain(str(value))[:CHARACTERS_MOST]


def _audio(told: Any, project: Project, user: User) -> tuple[AudioUpload | None, list[str]]:
    """The same sound, if the team has it: the file holds only its name and checksum."""
    if not isinstance(told, dict):
        return None, []
    checksum = _text(told.get("sha256"))
    mine = AudioUpload.objects.visible_to(user).filter(project__team=project.team_id)
    audio = mine.filter(sha256=checksum).order_by("-pk").first() if checksum else None
    if audio:
        return audio, []
    name = _text(told.get("name"))[:120]
    return None, [_("Its sound, %(name)s, is not in the file. Add it again.") % {"name": name}]
