"""The files of a screening: each fetch asks whether the link still lives and shows the clip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations import clip_names
from generations.views.files import MP4, WEBP, send_derived, send_video
from screenings.views.room import behind_link
from screenings.visiting import Visit

if TYPE_CHECKING:
    from uuid import UUID

    from django.http.response import HttpResponseBase

    from generations.models import Generation
    from screenings.models import ShareLink
    from wanstudio.http import Request


@require_safe
@behind_link
def video(request: Request, token: str, uuid: UUID) -> HttpResponseBase:
    return send_video(request, Visit(request, token).clip(uuid))


@require_safe
@behind_link
def poster(request: Request, token: str, uuid: UUID) -> HttpResponseBase:
    name = "poster-small.webp" if request.GET.get("size") == "small" else "poster.webp"
    return send_derived(request, Visit(request, token).clip(uuid), name, WEBP)


@require_safe
@behind_link
def preview(request: Request, token: str, uuid: UUID) -> HttpResponseBase:
    return send_derived(request, Visit(request, token).clip(uuid), "preview.mp4", MP4)


@require_safe
@behind_link
def download(request: Request, token: str, uuid: UUID) -> HttpResponseBase:
    """The clean file; the recipe does not travel with it."""
    visit = Visit(request, token)
    clip = visit.clip(uuid)
    if not visit.link.allows_download:
        raise PermissionDenied(_("This screening is for watching. Ask whoever sent it for the file."))
    return send_video(request, clip, download_name=_name(visit.link, clip))


def _name(link: ShareLink, clip: Generation) -> str:
    """As the page calls it: an unnamed scene would carry the prompt's words, another project its client's name."""
    shown = list(link.watchable.values_list("pk", flat=True))
    if clip.pk not in shown:  # it went since it was found
        raise Http404
    return clip_names.of_words(link.project.name, link.caption(clip, shown.index(clip.pk) + 1))
