"""What a person does to a take: checked, done by one call, answered by 303 or 409 in words."""

from __future__ import annotations

import uuid as uuids
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from generations import words
from generations.access import editable_take
from generations.forms import as_uuid
from generations.lens import Lens
from generations.lifecycle import cancel as canceling
from generations.lifecycle import decision
from generations.lifecycle import retry as retrying
from generations.lifecycle import trash as trashing
from generations.lifecycle.refused import PriceChanged, Refused
from generations.views.answers import Undo, conflict, done, is_from_tray, not_done, other_price, see_other, tray
from generations.views.clip import with_everything
from teams.models import Project
from wanstudio.http import whole_number

if TYPE_CHECKING:
    from uuid import UUID

    from generations.models import Generation
    from wanstudio.http import AuthenticatedRequest

DECISIONS = {
    "check": gettext_lazy("Wan's list is read again now."),
    "again": gettext_lazy("It is sent again. The first try may be billed too."),
    "discard": gettext_lazy("Discarded. If Wan accepted it, it is billed."),
}


@require_POST
def cancel(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    take = editable_take(request.user, uuid, with_everything().with_favourite_of(request.user))
    answer = canceling.request(take, by=request.user)
    take.refresh_from_db()
    if is_from_tray(request):
        return tray(request, take.project, answer.sentence(take), status=200 if answer.is_heard else 409)
    return (done if answer.is_heard else not_done)(request, take, answer.sentence(take))


@require_POST
def retry(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """A new take from this one's recipe; `seed=new` leaves the seed out."""
    take = editable_take(request.user, uuid, with_everything().with_favourite_of(request.user))
    try:
        token = uuids.UUID(request.POST.get("token", ""))
    except ValueError:
        return HttpResponseBadRequest(_("The form's token is missing."), content_type="text/plain; charset=utf-8")
    if not take.is_finished:
        return not_done(request, take, _("This take is not finished yet."))
    try:
        is_new, quoted = request.POST.get("seed") == "new", request.POST.get("quoted", "")
        made = retrying.again(take, by=request.user, new_seed=is_new, token=token, quoted=quoted)
    except PriceChanged as refusal:
        return other_price(request, take, refusal.sentence)
    except Refused as refusal:
        return not_done(request, take, refusal.sentence)
    return done(request, take, _("Take %(number)s is on its way.") % {"number": made.number}, made=made)


@require_POST
def retry_failed(request: AuthenticatedRequest) -> HttpResponse:
    """New takes for all failed ones that `view` shows of a project (at most 50 at once)."""
    project = get_object_or_404(Project.objects.visible_to(request.user), uuid=as_uuid(request.POST.get("project", "")))
    if not Project.objects.editable_by(request.user).filter(pk=project.pk).exists():
        raise PermissionDenied
    token = as_uuid(request.POST.get("token", ""))
    if token is None:
        return HttpResponseBadRequest(_("The form's token is missing."), content_type="text/plain; charset=utf-8")
    lens = Lens.read(request.POST.get("view", ""), project)
    shown = lens.queryset(request.user)
    left_out = retrying.left_out_among(shown, by=request.user).count()
    try:
        made = retrying.all_failed(shown, by=request.user, token=token, quoted=request.POST.get("quoted", ""))
    except PriceChanged as refusal:
        messages.warning(request, refusal.sentence)
        return see_other(f"{resolve_url('generations:studio')}?{lens.query}")
    except Refused as refusal:
        return conflict(request, refusal.sentence)
    sentence = ngettext("%(count)s take is on its way again.", "%(count)s takes are on their way again.", len(made))
    if made:
        messages.success(request, sentence % {"count": len(made)})
    if left_out:
        messages.info(request, words.left_out(left_out))
    return HttpResponseRedirect(f"{resolve_url('generations:studio')}?project={project.uuid}", status=303)


@require_POST
def decide(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """A person settles what nobody could find out: check again, send again, discard."""
    take = editable_take(request.user, uuid, with_everything().with_favourite_of(request.user))
    choice = request.POST.get("choice", "")
    if choice not in DECISIONS:
        return HttpResponseBadRequest(_("There is no such choice."), content_type="text/plain; charset=utf-8")
    try:
        is_settled = decision.decide(take, choice=choice, by=request.user)
    except Refused as refusal:
        return not_done(request, take, refusal.sentence)
    take.refresh_from_db()
    if not is_settled:
        return not_done(request, take, _("It was settled meanwhile. Nothing was done."))
    return done(request, take, str(DECISIONS[choice]))


@require_POST
def trash(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """`since`, of an undo, is the event that it takes back; so of `restore`."""
    take = editable_take(request.user, uuid, with_everything().with_favourite_of(request.user))
    if not trashing.trash(take, by=request.user, since=_since(request)):
        words = _("It is in the trash already.") if take.trashed_at else _("Somebody has restored it since. It stays.")
        return not_done(request, take, words)
    return done(request, take, _("Moved to trash."), undo=_undo("generations:restore", take))


@require_POST
def restore(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    take = editable_take(request.user, uuid, with_everything().with_favourite_of(request.user))
    if not trashing.restore(take, by=request.user, since=_since(request)):
        is_there = take.trashed_at and not take.purged_at
        words = (
            _("Somebody has moved it to the trash since. It stays there.") if is_there else _("It is not in the trash.")
        )
        return not_done(request, take, words)
    return done(request, take, _("Restored."), undo=_undo("generations:trash", take))


def _since(request: AuthenticatedRequest) -> int | None:
    return whole_number(request.POST.get("since", ""), digits=18) or None


def _undo(name: str, take: Generation) -> Undo:
    return Undo(name, {"since": trashing.last_turns([take.pk])[take.pk]})
