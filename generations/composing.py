"""How a composer is made: empty, from a take, a sample or a draft, from what was sent, or as a button arranged it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from generations import blanks, drafts, keep_out, recall, typed
from generations.arranging import Arrangement
from generations.composer import Composer
from generations.drafts import Hold
from generations.forms import CONSECUTIVE, DEFAULTS, FRESH, MODEL, ComposerForm, as_uuid, complete
from generations.lifecycle.press import ALONE
from generations.models import AudioUpload, Scene
from generations.shot_forms import ShotFormSet
from generations.sound_steps import Sounding
from wanstudio.http import whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from accounts.models import User
    from generations.models import Draft, Generation, WanAccount
    from generations.samples import Sample
    from teams.models import Project


def empty(project: Project, user: User, account: WanAccount | None, **values: Any) -> Composer:
    """`values` are initial values of fields, and scene, audio, kin and shots (None: no board)."""
    scene, audio, shots = values.pop("scene", None), values.pop("audio", None), values.pop("shots", None)
    kin = values.pop("kin", ALONE)
    initial = {**DEFAULTS, "prompt_extend": True, "watermark": False, "press": uuid.uuid4()}
    initial |= {**project.defaults, **values}
    if "seeds" not in values:
        initial["seeds"] = FRESH if initial.get("seed") is None else CONSECUTIVE
    if audio:
        initial["audio_id"] = audio.uuid
    form = ComposerForm(initial=initial, project=project, user=user)
    formset = ShotFormSet(initial=shots or [], prefix="shots")
    context = {"project": project, "account": account, "scene": scene, "audio": audio, "kin": kin}
    return Composer(form, formset, board_open=shots is not None, **context)


def from_take(
    take: Generation,
    project: Project,
    user: User,
    account: WanAccount | None,
    *,
    use: str = "remix",
    shot: int = 0,
    comment: str = "",
    fields: Mapping[str, str] | None = None,
) -> Composer:
    """Of another project's take everything but its scene; `fields` hold before what the take says."""
    values = recall.values(take, user, use, shot=shot, comment=comment) | dict(fields or {})
    if take.project_id != project.pk:
        values["scene"] = None
    return empty(project, user, account, **values)


def with_seed(composer: Composer, take: Generation) -> Composer:
    """What is in it goes on, with the take's seed."""
    composer.form.initial.update({"seed": take.seed, "seeds": CONSECUTIVE})
    return composer


def from_sample(sample: Sample, project: Project, user: User, account: WanAccount | None) -> Composer:
    shots = [{"text": shot.text, "seconds": shot.seconds} for shot in sample.shot_list] or None
    values = {"prompt": str(sample.prompt), "duration": sample.duration, "resolution": sample.resolution}
    return empty(project, user, account, shots=shots, **values)


def from_recipe(
    recipe: Mapping[str, Any], project: Project, user: User, account: WanAccount | None, *, scene: Scene | None
) -> Composer:
    """Of a template, filled in as far as it was."""
    composer = empty(project, user, account, scene=scene, **recipe)
    left = blanks.left_words(recipe)
    composer.warnings = (left,) if left else ()
    return composer


def from_draft(draft: Draft, project: Project, user: User, account: WanAccount | None) -> Composer:
    """A draft of another project (it is gone, or closed to the person) is filled in as a new one."""
    data = dict(draft.data)
    values: dict[str, Any] = {name: data.get(name, "") for name in typed.KEPT} | {
        name: bool(data.get(name)) for name in typed.CHECKBOXES
    }
    values |= {"shots": data.get("shots"), "kin": recall.named_kin(data, user)}
    values["audio"] = AudioUpload.objects.known(data.get("audio_id"), project, user)
    scene = Scene.objects.filter(project=project, uuid__in=[as_uuid(data.get("scene", ""))]).first()
    values["scene"] = scene.led if scene else None
    composer = empty(project, user, account, **values)
    if draft.project_id == project.pk:
        composer.hold, composer.draft_said = Hold.of(draft), drafts.saved_words(draft)
    else:
        composer.warnings = (_("This draft comes from a project where you can't write any more. It goes on here."),)
    if data.get("audio_id") and values["audio"] is None:
        composer.warnings += (_("The audio of this draft is not here any more. Choose the file again."),)
    return composer


def sent(
    request: HttpRequest, project: Project, user: User, account: WanAccount | None, scene: Scene | None
) -> Composer:
    data = complete(request.POST)
    form = ComposerForm(data, request.FILES, project=project, user=user)
    formset = ShotFormSet(data, prefix="shots")
    board_open = any(name.startswith("shots-") and name.endswith("-text") for name in request.POST)
    kin = recall.named_kin(request.POST, user)
    made = Composer(form, formset, project=project, account=account, scene=scene, board_open=board_open, kin=kin)
    made.hold = Hold.read(request.POST)
    return made


def rearranged(
    request: HttpRequest, project: Project, user: User, account: WanAccount | None, scene: Scene | None
) -> Composer:
    """A button of board or lane was pressed without script: what was typed stays, only the arrangement changes."""
    data = complete(request.POST)
    step, _sep, argument = request.POST.get("do", "").partition(":")
    seconds = whole_number(data.get("duration", ""), digits=3)
    arranged = Arrangement(data.get("prompt", ""), typed.shots(data), seconds)
    arranged.do(step, whole_number(argument, digits=3, otherwise=-1))
    if step == "put-words":
        arranged.put_words(data)
    data["negative_prompt"], said = keep_out.do(
        step, argument, data.get("negative_prompt", ""), project=project, user=user
    )
    sounding = Sounding(data, project, user)
    sounding.take(request.FILES.get("audio"))
    sounding.do(step, argument, arranged)
    values = typed.fields(data) | {"prompt": arranged.prompt, "shots": arranged.shots, "audio": sounding.audio}
    if arranged.length != arranged.seconds:
        values["duration"] = str(min(max(arranged.length, MODEL.duration_min), MODEL.duration_max))
    values["scene"] = None if step == "new-scene" else scene
    values["kin"] = ALONE if step == "forget-kin" else recall.named_kin(data, user)
    composer = empty(project, user, account, **values)
    composer.warnings = (*arranged.warnings, *sounding.warnings)
    composer.earlier_audio = sounding.earlier
    composer.hold = Hold.read(request.POST)
    composer.keep_out_said, composer.presets_open = said, step in keep_out.STEPS
    composer.words_open = step == "words"
    return composer
