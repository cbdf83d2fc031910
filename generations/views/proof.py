"""Print at 1080P was pressed."""

from __future__ import annotations

import uuid as uuids
from typing import TYPE_CHECKING

from django.http import HttpResponseBadRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from generations.access import editable_take
from generations.lifecycle import printing
from generations.lifecycle.refused import PriceChanged, Refused
from generations.views.answers import done, not_done, other_price
from generations.views.clip import with_everything

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from wanstudio.http import AuthenticatedRequest


@require_POST
def print_take(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """409 when there is a print already, or nothing to print from; the page anew when it showed another price."""
    take = editable_take(request.user, uuid, with_everything().with_favourite_of(request.user))
    try:
        token = uuids.UUID(request.POST.get("token", ""))
    except ValueError:
        return HttpResponseBadRequest(_("The form's token is missing."), content_type="text/plain; charset=utf-8")
    try:
        made = printing.print_take(take, by=request.user, token=token, quoted=request.POST.get("quoted", ""))
    except PriceChanged as refusal:
        return other_price(request, take, refusal.sentence)
    except Refused as refusal:
        return not_done(request, take, refusal.sentence)
    return done(request, take, _("Take %(number)s will be its print.") % {"number": made.number}, made=made)
