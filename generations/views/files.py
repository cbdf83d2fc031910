"""The files of a take at URLs that stay the same; each fetch is a permission check. The bytes come from the disk, or
from the bucket by a signed URL that a browser may remember for half of its life."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations import clip_names, packed_clip, storage
from generations.access import visible_take
from generations.models import Generation
from generations.ranges import redirect_to_object, serve_file, serve_parts
from generations.views.answers import conflict

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from django.http.response import HttpResponseBase

    from wanstudio.http import AuthenticatedRequest, Request

logger = logging.getLogger(__name__)
MAX_AGE = storage.SIGNED_MOST // 2
MP4, WEBP = "video/mp4", "image/webp"


@require_safe
def video(request: AuthenticatedRequest, uuid: UUID) -> HttpResponseBase:
    take = visible_take(request.user, uuid)
    if not take.is_ready:
        return _not_there(request, take)
    return send_video(request, take)


@require_safe
def download(request: AuthenticatedRequest, uuid: UUID) -> HttpResponseBase:
    """The clip with its recipe in it, by this server; `?clean=1` the original alone, straight from the storage."""
    take = visible_take(request.user, uuid, Generation.objects.select_related("project", "scene", "audio"))
    if not take.is_ready:
        return _not_there(request, take)
    if request.GET.get("clean"):
        return send_video(request, take, download_name=clip_names.of_file(take))
    return _told(lambda: _with_recipe(request, take), take.video_key)


@require_safe
def poster(request: AuthenticatedRequest, uuid: UUID) -> HttpResponseBase:
    name = "poster-small.webp" if request.GET.get("size") == "small" else "poster.webp"
    return send_derived(request, visible_take(request.user, uuid), name, WEBP)


@require_safe
def preview(request: AuthenticatedRequest, uuid: UUID) -> HttpResponseBase:
    return send_derived(request, visible_take(request.user, uuid), "preview.mp4", MP4)


@require_safe
def strip(request: AuthenticatedRequest, uuid: UUID) -> HttpResponseBase:
    return send_derived(request, visible_take(request.user, uuid), "strip.webp", WEBP)


@dataclass(frozen=True)
class File:
    """`size` None: nobody wrote it down, so a HEAD of an object in a bucket asks the bucket."""

    storage: str
    key: str
    content_type: str
    etag: str
    last_modified: datetime
    size: int | None = None
    download_name: str | None = None


def send_video(request: Request, take: Generation, download_name: str | None = None) -> HttpResponseBase:
    etag = take.video_sha256 or f"video-{take.uuid}"
    file = File(take.storage, take.video_key, MP4, etag, _last_modified(take), take.video_size, download_name)
    return send(request, file)


def send_derived(request: Request, take: Generation, name: str, content_type: str) -> HttpResponseBase:
    if take.derived_at is None or not take.storage:
        raise Http404
    etag = f"{name}-{take.derived_at.timestamp():.0f}"
    key = storage.generation_key(take.uuid, name)
    return send(request, File(take.storage, key, content_type, etag, _last_modified(take)))


def _last_modified(take: Generation) -> datetime:
    return take.ready_at or take.created_at


def send(request: Request, file: File) -> HttpResponseBase:
    """To somebody who may have it."""
    from_where = _from_disk if file.storage == "local" else _from_bucket
    return _told(lambda: from_where(request, file), file.key)


def _with_recipe(request: AuthenticatedRequest, take: Generation) -> HttpResponseBase:
    packed = packed_clip.PackedClip(take)
    return serve_parts(
        request,
        packed.open_part,
        size=packed.size,
        content_type=MP4,
        etag=packed.etag,
        last_modified=_last_modified(take),
        download_name=clip_names.of_file(take),
        max_age=0,  # nothing plays from here, and a copy in a cache is of no use
    )


def _told(send: Callable[[], HttpResponseBase], key: str) -> HttpResponseBase:
    """What went wrong with the storage becomes an answer."""
    try:
        return send()
    except (FileNotFoundError, storage.ObjectMissing) as error:
        logger.error("%s is not in the storage", key)
        raise Http404 from error
    except storage.StorageError as error:
        return HttpResponse(str(error.sentence), status=503, content_type="text/plain; charset=utf-8")


def _from_disk(request: Request, file: File) -> HttpResponseBase:
    path = storage.local_path(file.storage, file.key)
    if path is None:
        raise FileNotFoundError(file.key)
    return serve_file(
        request,
        path,
        content_type=file.content_type,
        etag=file.etag,
        last_modified=file.last_modified,
        download_name=file.download_name,
        max_age=MAX_AGE,
    )


def _from_bucket(request: Request, file: File) -> HttpResponseBase:
    size = file.size
    if size is None and request.method == "HEAD":
        size = storage.size(file.storage, file.key)
        if size is None:
            raise FileNotFoundError(file.key)
    url = storage.signed_url(
        file.storage,
        file.key,
        download_name=file.download_name,
        content_type=file.content_type,
    )
    return redirect_to_object(
        request, url=url, size=size or 0, content_type=file.content_type, etag=file.etag, max_age=MAX_AGE
    )


def _not_there(request: AuthenticatedRequest, take: Generation) -> HttpResponse:
    if take.is_finished:
        return conflict(request, _("This take ended without a video. Its page says why."))
    return conflict(request, _("This video is not there yet. Its take goes on by itself."))
