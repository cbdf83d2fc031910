"""The screening as its visitors see it: no sign-in, no chrome of the studio, nothing about money."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from generations.clip import Clip
from generations.forms import as_uuid
from screenings import review
from screenings.forms import CommentForm, NameForm
from screenings.models import Word
from screenings.visiting import Ended, Locked, Visit
from wanstudio import limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http.response import HttpResponseBase

    from generations.models import Generation
    from wanstudio.http import Request


def behind_link(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For everybody with the address; robots are kept out, and an ended or locked screening says so."""

    @login_not_required
    @wraps(view)
    def guarded(request: Request, token: str, **kwargs: object) -> HttpResponseBase:
        try:
            response = view(request, token, **kwargs)
        except Ended as ended:
            response = render(request, "screenings/ended.html", {"link": ended.link}, status=410)
        except Locked as locked:
            response = render(request, "screenings/locked.html", {"link": locked.link, "token": token}, status=401)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return guarded


@require_safe
@never_cache
@behind_link
def show(request: Request, token: str) -> HttpResponse:
    """`clip` chooses one of the clips; else the first."""
    visit = Visit(request, token)
    clips = list(visit.link.watchable)
    clip = _chosen(request, clips)
    is_member = visit.is_member
    if request.method == "GET" and not is_member:
        visit.link.count_view()
    context = {
        "link": visit.link,
        "token": token,
        "clips": clips,
        "clip": clip,
        "number": clips.index(clip) + 1 if clip else 0,
        "recipe": Clip(clip, can_edit=False) if clip and visit.link.shows_recipe else None,
        "review": review.Review(clip, link=visit.link) if clip and visit.link.allows_comments else None,
        "speaker": visit.speaker,
        "is_member": is_member,
    }
    return TemplateResponse(request, "screenings/room.html", context)


def _chosen(request: Request, clips: list[Generation]) -> Generation | None:
    if "clip" not in request.GET:
        return clips[0] if clips else None
    found = [clip for clip in clips if clip.uuid == as_uuid(request.GET["clip"])]
    if not found:
        raise Http404
    return found[0]


@require_POST
@behind_link
def enter(request: Request, token: str) -> HttpResponse:
    """The passcode; tries are counted per visitor and per link."""
    visit = Visit(request, token, is_entering=True)
    context = {"link": visit.link, "token": token, "sentence": _("This is not the passcode.")}
    try:
        limits.count(request, "screening_passcode", key=str(visit.link.uuid))
    except limits.TooOften as reason:
        response = render(request, "screenings/locked.html", context | {"sentence": reason.sentence}, status=429)
        response["Retry-After"] = str(reason.seconds)
        return response
    if visit.link.opens_with(request.POST.get("passcode", "")[:64]):
        visit.unlock()
        return _back(token)
    return render(request, "screenings/locked.html", context, status=401)


@require_POST
@behind_link
def name(request: Request, token: str) -> HttpResponse:
    visit = Visit(request, token)
    form = NameForm(request.POST)
    if form.is_valid():
        visit.remember(name=form.cleaned_data["name"])
    else:
        messages.warning(request, str(form.errors["name"][0]))
    return _back(token, as_uuid(request.POST.get("clip", "")))


@require_POST
@behind_link
def comment(request: Request, token: str, uuid: UUID) -> HttpResponse:
    visit, clip = _speaking(request, token, uuid)
    form = CommentForm(request.POST, take=clip, link=visit.link)
    speaker = visit.speaker
    if speaker is None or not form.is_valid():
        messages.warning(request, form.sentence if speaker else _("Say who you are first."))
        return _back(token, uuid)
    said = form.cleaned_data
    review.say(clip, speaker, text=said["text"], second=said["second"], parent=form.answered())
    return _back(token, uuid)


@require_POST
@behind_link
def verdict(request: Request, token: str, uuid: UUID) -> HttpResponse:
    visit, clip = _speaking(request, token, uuid)
    word = request.POST.get("verdict", "")
    if word not in Word.values:
        return HttpResponseBadRequest(_("There is no such verdict."), content_type="text/plain; charset=utf-8")
    speaker = visit.speaker
    if speaker is None:
        messages.warning(request, _("Say who you are first."))
    else:
        review.judge(clip, speaker, word)
    return _back(token, uuid)


def _speaking(request: Request, token: str, uuid: UUID) -> tuple[Visit, Generation]:
    """A visitor who may speak, and about what."""
    visit = Visit(request, token)
    clip = visit.clip(uuid)
    if not visit.link.allows_comments:
        raise PermissionDenied(_("This screening takes no comments."))
    limits.count(request, "screening_words")
    return visit, clip


def _back(token: str, uuid: UUID | None = None) -> HttpResponse:
    clip = f"?clip={uuid}" if uuid else ""
    return HttpResponseRedirect(f"{resolve_url('screenings:room', token)}{clip}", status=303)
