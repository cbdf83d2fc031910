"""Where the money goes: a month of a project or a team, the same as CSV, and the budgets."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dashscope_client import catalogue
from generations import books_csv, phrases, purse, unbound
from generations.budgeting import Budgeting
from generations.forms import as_uuid
from generations.pace import Paces
from generations.report import Report
from generations.views.answers import asked_for
from teams.models import Role, Scope
from wanstudio.context import studio_of

if TYPE_CHECKING:
    from generations.purse import Purse
    from generations.unbound import Unbound
    from teams.models import Project
    from wanstudio.http import AuthenticatedRequest

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


@require_safe
def usage(request: AuthenticatedRequest) -> TemplateResponse:
    """`project`, `scope` (project or team), `month` (2026-11) and `currency` choose what is told."""
    project = _choose_project(request)
    report = _report(request, project)
    held = _held(request, project, report)
    report.bind(held)
    paces = Paces(project, request.user, month=report.month, today=report.today)
    context = {
        "report": report,
        "project": project,
        "currencies": sorted({report.currency, *paces.currencies}),
        "budgets": [paces.prospect(line, held) for line in held.lines if line.limit is not None],
        "purse": held,
        "previous": report.month - timedelta(days=1),
        "next": None if report.end > report.today else report.end,
        "may_set": _owns_team(project),
        "unbound": _unbound(request, project, held) if report.is_current else [],
        "unbound_sign": phrases.currency_sign(held.currency),
    }
    return TemplateResponse(request, "generations/usage.html", context)


@require_safe
def usage_csv(request: AuthenticatedRequest) -> StreamingHttpResponse:
    """One line per take, however it ended; the columns of money add up to the page's totals."""
    report = _report(request, _choose_project(request))
    response = StreamingHttpResponse(books_csv.lines(report), content_type="text/csv; charset=utf-8")
    name = f"usage-{report.month:%Y-%m}-{report.currency}.csv"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def budgets(request: AuthenticatedRequest) -> HttpResponse:
    """Owners set what team, project and persons may spend each month."""
    project = _choose_project(request)
    if not _owns_team(project):
        raise PermissionDenied(_("Only owners of the team set budgets."))
    budgeting = Budgeting(project, request.user, studio_of(request).account, request.POST or None)
    if request.method == "POST" and (sentence := budgeting.save()):
        messages.success(request, sentence)
        here = f"{resolve_url('generations:budgets')}?project={project.uuid}"
        return HttpResponseRedirect(asked_for(request) or here, status=303)
    if request.method == "POST" and budgeting.is_of_nobody:
        messages.warning(request, _("Whoever this budget was for is not in the team any more. Nothing was changed."))
    context = {"project": project, "budgeting": budgeting}
    context["unbound"] = unbound.shown(project, budgeting.currency, None)
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "generations/budgets.html", context, status=status)


def _held(request: AuthenticatedRequest, project: Project, report: Report) -> Purse:
    """Of the running month it is the one in the top bar."""
    here = studio_of(request)
    if report.is_current and here.purse:
        return here.purse
    return purse.purse_of(project, request.user, here.account, month=report.month)


def _unbound(request: AuthenticatedRequest, project: Project, held: Purse) -> list[Unbound]:
    reader = None if _owns_team(project) else request.user
    return unbound.shown(project, held.currency, reader) if held.has_other_currencies else []


def _owns_team(project: Project) -> bool:
    return getattr(project, "role", None) == Role.OWNER


def _choose_project(request: AuthenticatedRequest) -> Project:
    """What the address names, else where the person works; others' don't exist."""
    here = studio_of(request)
    if "project" in request.GET:
        project = here.find(as_uuid(request.GET["project"]))
        if project is None:
            raise Http404
        here.choose(project)
    return here.here


def _report(request: AuthenticatedRequest, project: Project) -> Report:
    """Of a month that began; anything else is this month."""
    given = MONTH.fullmatch(request.GET.get("month", ""))
    this_month = purse.this_month(project.team)
    month = min(this_month, date(int(given[1]), int(given[2]), 1)) if given else this_month
    account = studio_of(request).account
    known = {region.currency for region in catalogue.REGIONS.values()}
    asked = request.GET.get("currency", "")
    currency = asked if asked in known else (account.currency if account else "USD")
    is_team = request.GET.get("scope") == Scope.TEAM
    return Report(project.team, None if is_team else project, month=month, currency=currency)
