from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.views.decorators.http import require_safe

if TYPE_CHECKING:
    from wanstudio.http import AuthenticatedRequest


@require_safe
def status(request: AuthenticatedRequest) -> HttpResponse:
    return HttpResponse(status=204)
