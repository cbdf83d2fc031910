from __future__ import annotations

from typing import TYPE_CHECKING

from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

if TYPE_CHECKING:
    from wanstudio.http import AuthenticatedRequest


@require_safe
def studio(request: AuthenticatedRequest) -> TemplateResponse:
    return TemplateResponse(request, "generations/studio.html")
