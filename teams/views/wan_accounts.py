"""A team's Wan accounts: for its owners only. Whether a key works is asked by a worker; the page waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import clock
from generations.lifecycle import account_checks
from generations.models import AccountCheck, Generation, WanAccount
from teams.access import owned_team
from teams.activity import record
from teams.views.answers import done
from teams.wan_forms import AccountForm, KeyForm

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from teams.models import Team
    from wanstudio.http import AuthenticatedRequest


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """The list; a post adds one and has it looked at."""
    team = owned_team(request.user, uuid)
    form, key = AccountForm(request.POST or None), KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and key.is_valid():
        account = form.save(commit=False)
        account.team = team
        account.set_api_key(key.cleaned_data["key"])
        with transaction.atomic():
            account.save()
            record("account_added", team, by=request.user, name=account.name)
        account_checks.request(account, by=request.user)
        return done(request, _url(account), _("Saved. The key is being tried; this costs nothing."))
    context = {
        "team": team,
        "accounts": WanAccount.objects.filter(team=team).order_by("closed_at", "-pk"),
        "fallback": WanAccount.objects.allowed_installation(team),
        "form": form,
        "key": key,
    }
    return TemplateResponse(
        request, "teams/wan_accounts.html", context, status=422 if form.errors or key.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: AuthenticatedRequest, uuid: UUID, account: UUID) -> HttpResponse:
    """One account; a post saves name and limits."""
    team, row = _account(request, uuid, account)
    form = AccountForm(request.POST or None, instance=row, is_used=_is_used(row))
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            if form.has_changed():
                record("account_changed", team, by=request.user, name=row.name)
        return done(request, _url(row), _("Saved"))
    return _page(request, team, row, form=form)


@require_POST
def new_key(request: AuthenticatedRequest, uuid: UUID, account: UUID) -> HttpResponse:
    """The old key stays until a worker has found the new one right."""
    team, row = _account(request, uuid, account)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, team, row, key=form)
    account_checks.request(row, by=request.user, new_key=form.cleaned_data["key"])
    return done(request, _url(row), _("The new key is being tried. Until Wan accepts it the old one stays."))


@require_POST
def check(request: AuthenticatedRequest, uuid: UUID, account: UUID) -> HttpResponse:
    _team, row = _account(request, uuid, account)
    account_checks.request(row, by=request.user)
    return done(request, _url(row), _("Being tried. This costs nothing."))


@require_safe
def checked(request: AuthenticatedRequest, uuid: UUID, account: UUID) -> TemplateResponse:
    """The verdict, or that it is still being looked at."""
    team, row = _account(request, uuid, account)
    context = {"team": team, "account": row, "check": AccountCheck.objects.filter(account=row).first()}
    return TemplateResponse(request, "teams/_check.html", context)


@require_POST
def close(request: AuthenticatedRequest, uuid: UUID, account: UUID) -> HttpResponse:
    """No new takes on it, or with `back` again; those on their way go on."""
    team, row = _account(request, uuid, account)
    is_back = bool(request.POST.get("back"))
    with transaction.atomic():
        if WanAccount.objects.filter(pk=row.pk, closed_at__isnull=not is_back).update(
            closed_at=None if is_back else clock.now()
        ):
            record("account_reopened" if is_back else "account_closed", team, by=request.user, name=row.name)
    sentence = _("%(account)s is in use again.") if is_back else _("%(account)s is closed. What is on its way goes on.")
    return done(request, _url(row), sentence % {"account": row})


def _account(request: AuthenticatedRequest, uuid: UUID, account: UUID) -> tuple[Team, WanAccount]:
    team = owned_team(request.user, uuid)
    return team, get_object_or_404(WanAccount, team=team, uuid=account)


def _is_used(account: WanAccount) -> bool:
    return Generation.objects.filter(account=account).exists()


def _page(
    request: AuthenticatedRequest,
    team: Team,
    account: WanAccount,
    *,
    form: AccountForm | None = None,
    key: KeyForm | None = None,
) -> TemplateResponse:
    is_used = _is_used(account)
    context = {
        "team": team,
        "account": account,
        "is_used": is_used,
        "check": AccountCheck.objects.filter(account=account).first(),
        "form": form or AccountForm(instance=account, is_used=is_used),
        "key": key or KeyForm(),
    }
    has_errors = bool((form and form.errors) or (key and key.errors))
    return TemplateResponse(request, "teams/wan_account.html", context, status=422 if has_errors else 200)


def _url(account: WanAccount) -> str:
    return reverse("teams:wan_account", args=[account.team.uuid, account.uuid]) if account.team else ""
