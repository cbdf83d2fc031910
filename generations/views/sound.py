"""The composer's audio: uploading it, listening to it, cutting a part out of it, using an earlier one again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from generations.forms import MODEL, as_uuid
from generations.lane import Lane
from generations.models import AudioUpload
from generations.sound_steps import EARLIER
from generations.uploads import NotKept, keep_audio, trim_audio
from generations.views.files import File, send
from teams.access import no_takes_in
from wanstudio.context import studio_of
from wanstudio.limits import limited_uploads

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from teams.models import Project
    from wanstudio.http import AuthenticatedRequest


@require_POST
@limited_uploads
def upload(request: AuthenticatedRequest) -> HttpResponse:
    """The lane of the file in `audio`; 422 with a sentence when it can't be used."""
    project = _editable_project(request, request.POST.get("project"))
    file = request.FILES.get("audio")
    if file is None:
        return _refused(request, _("The file did not arrive. Choose it again."))
    try:
        audio = keep_audio(file, project=project, user=request.user, model=MODEL)
    except NotKept as refusal:
        return _refused(request, refusal.sentence)
    return _lane(request, audio)


@require_POST
def trim(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """The lane of the part from `trim-from` to `trim-to`, seconds of the whole file."""
    audio = _visible(request, uuid)
    _editable_project(request, request.POST.get("project"))
    try:
        part = trim_audio(audio, request.POST, user=request.user, model=MODEL)
    except NotKept as refusal:
        return _refused(request, refusal.sentence)
    return _lane(request, part)


@require_safe
def lane(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """The lane as it is now; asked for while the waveform is being drawn, and when an earlier upload is chosen."""
    return _lane(request, _visible(request, uuid))


@require_safe
def earlier(request: AuthenticatedRequest) -> TemplateResponse:
    """The project's last uploads, to be used again."""
    project = _editable_project(request, request.GET.get("project"))
    uploads = AudioUpload.objects.reusable(project)[:EARLIER]
    return TemplateResponse(request, "generations/_sounds.html", {"uploads": uploads})


@require_GET
def play(request: AuthenticatedRequest, uuid: UUID) -> HttpResponseBase:
    audio = _visible(request, uuid)
    file = File(audio.storage, audio.key, audio.content_type, audio.sha256, audio.created_at, audio.size)
    return send(request, file)


def _visible(request: AuthenticatedRequest, uuid: UUID) -> AudioUpload:
    return get_object_or_404(AudioUpload.objects.visible_to(request.user).with_waveform(), uuid=uuid)


def _editable_project(request: AuthenticatedRequest, name: str | None) -> Project:
    here = studio_of(request)
    project = here.find(as_uuid(name or ""))
    if project is None:
        raise Http404
    if not here.may_edit(project):
        raise no_takes_in(project)
    return project


def _lane(request: AuthenticatedRequest, audio: AudioUpload) -> HttpResponse:
    return TemplateResponse(request, "generations/_sound.html", {"lane": Lane(audio, MODEL)})


def _refused(request: AuthenticatedRequest, sentence: str) -> HttpResponse:
    return TemplateResponse(request, "generations/_sound_refused.html", {"sentence": sentence}, status=422)
