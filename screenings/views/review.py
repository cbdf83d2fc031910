"""What members say of a clip on its own page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from generations.access import visible_take
from generations.models import Generation
from generations.views.answers import conflict
from generations.views.clip import page_of
from screenings import review
from screenings.forms import CommentForm
from screenings.models import Comment, Word

if TYPE_CHECKING:
    from uuid import UUID

    from wanstudio.http import AuthenticatedRequest


@require_POST
def comment(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    take = visible_take(request.user, uuid)
    if not take.is_ready:
        return conflict(request, _("There is no clip to talk about yet."))
    form = CommentForm(request.POST, take=take)
    if not form.is_valid():
        return page_of(request, uuid, refused=form.refused(), status=422)
    said, speaker = form.cleaned_data, review.Speaker(person=request.user)
    try:
        written = review.say(take, speaker, text=said["text"], second=said["second"], parent=said["parent"])
    except review.Gone:
        return page_of(request, uuid, refused=form.refused_as_gone(), status=422)
    if written.nobody:
        names = ", ".join(f"@{name}" for name in written.nobody)
        messages.warning(
            request, _("Nobody in this team is called %(names)s, so that name told nobody.") % {"names": names}
        )
    return _back(take)


@require_POST
def verdict(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    take = visible_take(request.user, uuid)
    word = request.POST.get("verdict", "")
    if word not in Word.values:
        return HttpResponseBadRequest(_("There is no such verdict."), content_type="text/plain; charset=utf-8")
    if not take.is_ready:
        return conflict(request, _("There is no clip to talk about yet."))
    review.judge(take, review.Speaker(person=request.user), word)
    return _back(take)


@require_POST
def settle(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """`open` opens a settled one again."""
    visible = Comment.objects.filter(generation__in=Generation.objects.visible_to(request.user), parent=None)
    found = get_object_or_404(visible.select_related("generation"), uuid=uuid)
    review.settle(found, by=request.user, is_settled="open" not in request.POST)
    return _back(found.generation)


@require_POST
def take_away(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    visible = Comment.objects.filter(generation__in=Generation.objects.visible_to(request.user))
    found = get_object_or_404(visible.select_related("generation", "parent"), uuid=uuid)
    if not review.may_take_away(found, request.user):
        raise PermissionDenied(
            _(
                "Members take away what they wrote themselves, editors what guests wrote, owners what people wrote who "
                "left."
            )
        )
    review.take_away(found, by=request.user)
    messages.success(request, _("The comment is gone."))
    return _back(found.generation)


def _back(take: Generation) -> HttpResponse:
    return HttpResponseRedirect(f"{take.get_absolute_url()}#comments", status=303)
