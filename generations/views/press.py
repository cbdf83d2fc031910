from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.views.decorators.http import require_POST

if TYPE_CHECKING:
    from wanstudio.http import AuthenticatedRequest


@require_POST
def create(request: AuthenticatedRequest) -> HttpResponse:
    return HttpResponse(status=501)
