"""The call sheet: rows are written, checked and sent as one batch, which has a page of its own."""

from __future__ import annotations

import uuid as uuids
from collections import Counter
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import drafts, endings, scheduling, sheet_drafts
from generations import sheet as sheets
from generations.call_sheet import CallSheet
from generations.cards import Deck
from generations.forms import as_uuid
from generations.lifecycle import batches
from generations.lifecycle.cancel import Answer
from generations.lifecycle.refused import MadeBefore, PriceChanged, Refused
from generations.models import Batch
from generations.models.draft import Kind
from generations.progress import Progress
from generations.queue import Queue
from generations.views.answers import see_other
from teams.access import no_takes_in
from wanstudio.context import studio_of
from wanstudio.limits import limited_uploads

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from accounts.models import User
    from generations.models import Generation
    from wanstudio.context import Studio
    from wanstudio.http import AuthenticatedRequest

SHELF_STEPS = ("open-sheet", "new-draft", "discard-draft", "restore-draft", "put-back-draft")


@require_http_methods(["GET", "HEAD", "POST"])
@limited_uploads
def sheet(request: AuthenticatedRequest) -> HttpResponse:
    """`do` is what a button does to the rows; "send" sends all of them or, with 422 and words, none.

    To htmx, which asks while somebody writes, only the rows; to "reckon", which asks while the page stands open, what
    is promised for them (with the rows where prices have changed), and nothing is saved.
    """
    here = _editable(request)
    sent = request.POST if request.method == "POST" else None
    call_sheet = CallSheet(here.here, here.account, sent, user=request.user, purse=here.purse)
    step = "" if sent is None else sent.get("do", "open")
    sheet_drafts.take_up(call_sheet, step, sent, request.user, asked=request.GET.get("draft", ""))
    if sent is not None:
        call_sheet.take_row(step, sent)
        if step.partition(":")[0] in SHELF_STEPS and (left := _shelved(request, step, call_sheet)):
            return left
    if step == "send" and call_sheet.can_send and (batch := _send(request, call_sheet)):
        drafts.end(call_sheet.hold, request.user)
        return HttpResponseRedirect(batch.get_absolute_url(), status=303)
    if sent is not None:
        call_sheet.do(step, sent, request.FILES)
    if step == "reckon" and request.htmx:
        is_same = request.POST.get("quoted") in (None, here.quoted)
        part = "generations/_sheet_send.html" if is_same else "generations/_sheet_rows.html"
        return TemplateResponse(request, part, {"call_sheet": call_sheet})
    if sent is not None:
        sheet_drafts.keep(call_sheet, step, request.user)
    if sent is not None and request.htmx:
        return TemplateResponse(request, "generations/_sheet_checked.html", {"call_sheet": call_sheet})
    context = {"project": here.here, "call_sheet": call_sheet, "most": sheets.MOST, "columns": sheets.COLUMNS}
    context["discarded"] = drafts.discarded(request.GET, request.user)
    context["shelf"] = drafts.shelf(request.user, here.here, [Kind.SHEET])
    context["is_refused"] = step == "send"
    return TemplateResponse(request, "generations/sheet.html", context, status=422 if step == "send" else 200)


def _shelved(request: AuthenticatedRequest, step: str, call_sheet: CallSheet) -> HttpResponse | None:
    """A button of the kept sheets: what stands here is kept before another one is shown.

    None when another window has changed it: the page says so, and a person decides.
    """
    act, _sep, name = step.partition(":")
    seen, query = call_sheet.hold, {"project": str(call_sheet.project.uuid)}
    if act == "discard-draft" and name in ("", str(seen.uuid)):
        drafts.discard(seen, request.user)
        query |= {"draft": "new", "discarded": str(seen.uuid)}
    elif not sheet_drafts.keep(call_sheet, step, request.user):
        return None
    elif act == "discard-draft":
        drafts.discard(seen.of_another(as_uuid(name)), request.user)
        query |= {"draft": _stays(call_sheet), "discarded": name, "beside": ""}
    elif act == "put-back-draft":
        if back := drafts.bring_back(as_uuid(name), request.user):
            messages.success(request, drafts.put_back_words(back))
        query["draft"] = _stays(call_sheet)
    else:
        if act == "restore-draft":
            drafts.bring_back(as_uuid(name), request.user)
        query["draft"] = name or "new"
    return see_other(f"{reverse('generations:sheet')}?{urlencode(query)}")


def _stays(call_sheet: CallSheet) -> str:
    return str(call_sheet.hold.uuid) if call_sheet.hold.version else "new"


def _editable(request: AuthenticatedRequest) -> Studio:
    """In the project that the page or the form names. Others' projects don't exist, watched ones are refused."""
    here = studio_of(request)
    named = request.POST.get("project") or request.GET.get("project")
    if named:
        project = here.find(as_uuid(named))
        if project is None:
            raise Http404
        here.choose(project)
    if not here.can_edit:
        raise no_takes_in(here.here)
    return here


def _send(request: AuthenticatedRequest, call_sheet: CallSheet) -> Batch | None:
    """None when it was refused; the sheet says why."""
    try:
        return batches.send(
            call_sheet.to_send,
            user=request.user,
            project=call_sheet.project,
            name=request.POST.get("name", ""),
            token=call_sheet.press,
            quoted=request.POST.get("quoted", ""),
        )
    except PriceChanged as refusal:
        call_sheet.notice = refusal.sentence
    except MadeBefore as refusal:
        call_sheet.notice, call_sheet.press = refusal.sentence, uuids.uuid4()
    except Refused as refusal:
        call_sheet.problems.append(refusal.sentence)
    return None


@require_safe
def template(request: AuthenticatedRequest) -> HttpResponse:
    """A CSV file to fill in: every column, and two rows as an example."""
    text = "\ufeff" + sheets.write([{**dict.fromkeys(sheets.COLUMNS, ""), **row} for row in sheets.EXAMPLE])
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="call-sheet.csv"'
    return response


@require_safe
def batch(request: AuthenticatedRequest, uuid: UUID) -> TemplateResponse:
    """The takes of one call sheet; to htmx only how far it is."""
    batch = _visible(request.user, uuid)
    here = studio_of(request)
    here.choose(here.find(batch.project.uuid) or batch.project)
    progress = Progress.of(batch)
    context = {"batch": batch, "progress": progress, "can_edit": here.can_edit, "is_editor": here.is_editor}
    if request.htmx:
        return TemplateResponse(request, "generations/_batch_head.html", context)
    takes = batch.takes.kept().with_favourite_of(request.user).with_prints().select_related("account", "scene")
    takes = takes.order_by("scene", "number")
    summary = scheduling.queue_summary(request.user, batch.project)
    deck = Deck([*takes, *summary.rows], can_edit=here.is_editor, payers=here.payers)
    here.queue = Queue(summary, deck)
    cards = [deck.card(take) for take in takes]
    context |= {"cards": cards, "project": batch.project, "is_polling": any(card.is_live for card in cards)}
    return TemplateResponse(request, "generations/batch.html", context)


@require_POST
def line(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """`do` is pause, resume or cancel, for all takes of the batch."""
    batch = _visible(request.user, uuid)
    if not Batch.objects.editable_by(request.user).filter(pk=batch.pk).exists():
        raise no_takes_in(batch.project)
    act = ACTS.get(request.POST.get("do", ""))
    if act is None:
        return HttpResponseBadRequest(_("There is no such choice."), content_type="text/plain; charset=utf-8")
    sentence = act(batch, request.user)
    if request.htmx:
        response = TemplateResponse(request, "generations/_toast.html", {"sentence": sentence})
        response["HX-Trigger"] = "batch-changed"
        return response
    messages.success(request, sentence)
    return see_other(batch.get_absolute_url())


def _visible(user: User, uuid: UUID) -> Batch:
    batches = Batch.objects.visible_to(user).select_related("project__team", "created_by")
    return get_object_or_404(batches, uuid=uuid)


GOES_ON = {
    Answer.ASKED: gettext_lazy("Wan is asked to cancel %(count)s more."),
    Answer.REMEMBERED: gettext_lazy(
        "%(count)s more will be canceled if Wan, once it has answered, has not started them."
    ),
    Answer.TOO_LATE: gettext_lazy("%(count)s are rendering already and will be finished and charged."),
    Answer.RENDERED: gettext_lazy("%(count)s are rendered already and stay."),
}


def _pause(batch: Batch, by: User) -> str:
    kept = batches.pause(batch, by=by)
    words = ngettext("Paused: %(count)s take waits here.", "Paused: %(count)s takes wait here.", kept)
    return words % {"count": kept}


def _resume(batch: Batch, by: User) -> str:
    resumed = batches.resume(batch, by=by)
    words = ngettext("Resumed: %(count)s take takes its turn.", "Resumed: %(count)s takes take their turns.", resumed)
    return words % {"count": resumed}


def _cancel(batch: Batch, by: User) -> str:
    answers = batches.cancel(batch, by=by)
    counts = Counter(answer for answer, _take in answers)
    canceled = [take for answer, take in answers if answer == Answer.CANCELED]
    goes_on = [str(said) % {"count": counts[answer]} for answer, said in GOES_ON.items() if counts[answer]]
    return " ".join([_canceled(canceled), *goes_on])


def _canceled(takes: list[Generation]) -> str:
    if possibly := endings.doubt(takes):
        words = ngettext("%(count)s take canceled.", "%(count)s takes canceled.", len(takes))
        return f"{words % {'count': len(takes)}} {possibly}"
    words = ngettext(
        "%(count)s take canceled, free of charge.", "%(count)s takes canceled, free of charge.", len(takes)
    )
    return words % {"count": len(takes)}


ACTS: dict[str, Callable[[Batch, User], str]] = {"pause": _pause, "resume": _resume, "cancel": _cancel}
