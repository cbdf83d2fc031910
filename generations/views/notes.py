"""What stands beside a take: tags and notes, changed one take at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from generations import labels
from generations.access import editable_take, visible_take
from generations.bulk_form import BulkForm
from generations.models import Generation, Note
from generations.models.note import NOTE_LENGTH
from generations.views.answers import done, not_done
from generations.views.clip import with_everything

if TYPE_CHECKING:
    from uuid import UUID

    from wanstudio.http import AuthenticatedRequest


class NoteForm(forms.Form):
    text = forms.CharField(
        max_length=NOTE_LENGTH,
        error_messages={
            "required": gettext_lazy("Write the note first."),
            "max_length": gettext_lazy("A note has at most %s characters.") % f"{NOTE_LENGTH:,}",
        },
    )


@require_POST
def tag(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """`tags`, with commas between them; `do` is `tag` or `untag`."""
    take = editable_take(request.user, uuid, with_everything())
    form = BulkForm(request.POST, user=request.user)
    if not form.is_valid() or "tags" not in form.cleaned_data["values"]:
        return not_done(request, take, form.complaint)
    names = form.cleaned_data["values"]["tags"]
    if form.cleaned_data["verb"] == "tag":
        labels.tag([take.pk], names, by=request.user)
        return done(request, take, _("Tagged."))
    labels.untag([take.pk], names)
    return done(request, take, _("The tag is off."))


@require_POST
def note_create(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    take = editable_take(request.user, uuid, with_everything())
    form = NoteForm(request.POST)
    if not form.is_valid():
        return not_done(request, take, str(form.errors["text"][0]))
    labels.write_note(take, form.cleaned_data["text"], by=request.user)
    return done(request, take, _("Noted."))


@require_POST
def note_delete(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Its author may, as long as the take is visible; and who may edit the take."""
    visible = Generation.objects.visible_to(request.user)
    gone = get_object_or_404(Note.objects.filter(generation__in=visible).select_related("generation"), uuid=uuid)
    fetch = visible_take if gone.author_id == request.user.pk else editable_take
    take = fetch(request.user, gone.generation.uuid, with_everything())
    labels.delete_note(gone)
    return done(request, take, _("The note is gone."))
