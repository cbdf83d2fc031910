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
from screenings.visiting import Ended, Locked, Unknown, Visit, is_shown
from wanstudio import limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http.response import HttpResponseBase

    from generations.models import Generation
    from screenings.forms import Refused
    from wanstudio.http import Request


def behind_link(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For everybody with the address; robots are kept out, and whatever is in the way says so.

    Guests have no studio to be led to.
    """

    @login_not_required
    @wraps(view)
    def guarded(request: Request, token: str, **kwargs: object) -> HttpResponseBase:
        try:
            response = view(request, token, **kwargs)
            if response.status_code == 503:  # the storage's own words are for members
                response = _refused(
                    request,
                    _("The film can't be loaded right now: its file is missing, or the storage doesn't answer."),
                    status=503,
                )
        except Unknown:
            sentence = _("The link is not complete, or a newer one was made since. Ask whoever sent it for the newest.")
            context = {"title": _("There is no screening here"), "sentence": sentence}
            response = render(request, "screenings/refused.html", context, status=404)
        except Http404:
            sentence = _("The address is wrong, or the clip was taken out of this screening.")
            response = _refused(request, sentence, status=404)
        except PermissionDenied as refusal:
            response = _refused(request, str(refusal), status=403)
        except limits.TooOften as reason:
            response = _refused(request, reason.sentence, status=429, title=_("A little slower"))
            response["Retry-After"] = str(reason.seconds)
        except Ended as ended:
            response = render(request, "screenings/ended.html", {"link": ended.link}, status=410)
        except Locked as locked:
            response = render(request, "screenings/locked.html", {"link": locked.link, "token": token}, status=401)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return guarded


def _refused(request: Request, sentence: str, *, status: int, title: str = "") -> HttpResponse:
    """In a screening that goes on."""
    context = {"title": title or _("Not in this screening"), "sentence": sentence, "is_open": True}
    return render(request, "screenings/refused.html", context, status=status)


@require_safe
@never_cache
@behind_link
def show(request: Request, token: str) -> HttpResponse:
    """`clip` chooses one of the clips; else the first."""
    return _page(request, Visit(request, token), request.GET.get("clip", ""))


@require_safe
@never_cache
@behind_link
def seen(request: Request, token: str) -> HttpResponse:
    """An empty picture in the page: whoever loads it shows the page, as previews in messengers do not."""
    visit = Visit(request, token)
    response = HttpResponse('<svg xmlns="http://www.w3.org/2000/svg"/>', content_type="image/svg+xml")
    if request.method == "GET" and is_shown(request) and not visit.is_member:
        visit.count(response)
    return response


def _page(
    request: Request, visit: Visit, chosen: str, *, refused: Refused | None = None, status: int = 200
) -> TemplateResponse:
    """`refused` is a comment that was not taken."""
    clips = list(visit.link.watchable)
    clip = _chosen(chosen, clips)
    captions = [visit.link.caption(shown, number) for number, shown in enumerate(clips, start=1)]
    speaker = visit.speaker
    talk = review.Review(clip, link=visit.link) if clip and visit.link.allows_comments else None
    is_counted = talk is not None and len(clips) > 1
    context = {
        "link": visit.link,
        "token": visit.token,
        "clips": list(zip(clips, captions, map(visit.link.take_of, clips), strict=True)),
        "clip": clip,
        "caption": captions[clips.index(clip)] if clip else "",
        "recipe": Clip(clip, can_edit=False) if clip and visit.link.shows_recipe else None,
        "review": talk,
        "answered": review.answered_in(visit.link, clips) if is_counted else None,
        "is_own_verdict": bool(talk and speaker and speaker.gave(talk.verdict)),
        "speaker": speaker,
        "refused": refused,
    }
    return TemplateResponse(request, "screenings/room.html", context, status=status)


def _chosen(uuid: str, clips: list[Generation]) -> Generation | None:
    if not uuid:
        return clips[0] if clips else None
    found = [clip for clip in clips if clip.uuid == as_uuid(uuid)]
    if not found:
        raise Http404
    return found[0]


@require_POST
@behind_link
def enter(request: Request, token: str) -> HttpResponse:
    """The passcode; tries are counted by link and address. Who has entered is not asked again."""
    visit = Visit(request, token, is_entering=True)
    key = f"{visit.link.uuid} {limits.place_of(request)}"
    context = {"link": visit.link, "token": token, "sentence": _("This is not the passcode.")}
    try:
        limits.count(request, "screening_passcode", key=key)
    except limits.TooOften as reason:
        response = render(request, "screenings/locked.html", context | {"sentence": reason.sentence}, status=429)
        response["Retry-After"] = str(reason.seconds)
        return response
    given = request.POST.get("passcode", "").strip()[:64]
    if visit.link.opens_with(given):
        visit.unlock()
        visit.link.learn_strength_of(given)
        limits.forget(request, "screening_passcode", key=key)
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
    """With a `name` where nobody has said theirs; what is not taken stays in the field."""
    visit, clip = _speaking(request, token, uuid)
    form = CommentForm(request.POST, take=clip, link=visit.link)
    try:
        limits.count(request, "screening_words")
    except limits.TooOften as reason:
        response = _page(request, visit, str(uuid), refused=form.refused(reason.sentence), status=429)
        response["Retry-After"] = str(reason.seconds)
        return response
    named = NameForm(request.POST)
    speaker = visit.speaker or _named(visit, named)
    if speaker is None or not form.is_valid():
        sentence = "" if speaker else str(named.errors["name"][0])
        return _page(request, visit, str(uuid), refused=form.refused(sentence), status=422)
    said = form.cleaned_data
    try:
        review.say(clip, speaker, text=said["text"], second=said["second"], parent=said["parent"])
    except review.Gone:
        return _page(request, visit, str(uuid), refused=form.refused_as_gone(), status=422)
    return _answered(visit, speaker, uuid)


def _named(visit: Visit, form: NameForm) -> review.Speaker | None:
    if form.is_valid():
        visit.remember(name=form.cleaned_data["name"])
    return visit.speaker


@require_POST
@behind_link
def verdict(request: Request, token: str, uuid: UUID) -> HttpResponse:
    visit, clip = _speaking(request, token, uuid)
    limits.count(request, "screening_words")
    word = request.POST.get("verdict", "")
    if word not in Word.values:
        return HttpResponseBadRequest(_("There is no such verdict."), content_type="text/plain; charset=utf-8")
    speaker = visit.speaker
    if speaker is None:
        messages.warning(request, _("Say who you are first."))
        return _back(token, uuid)
    review.judge(clip, speaker, word)
    return _answered(visit, speaker, uuid)


def _answered(visit: Visit, speaker: review.Speaker, uuid: UUID) -> HttpResponse:
    """Whoever answers has opened it, though their browser may load no picture that counts."""
    response = _back(visit.token, uuid)
    if speaker.guest:
        visit.count(response)
    return response


def _speaking(request: Request, token: str, uuid: UUID) -> tuple[Visit, Generation]:
    """A visitor who may speak, and about what."""
    visit = Visit(request, token)
    clip = visit.clip(uuid)
    if not visit.link.allows_comments:
        raise PermissionDenied(_("This screening takes no comments."))
    return visit, clip


def _back(token: str, uuid: UUID | None = None) -> HttpResponse:
    clip = f"?clip={uuid}" if uuid else ""
    return HttpResponseRedirect(f"{resolve_url('screenings:room', token)}{clip}", status=303)
