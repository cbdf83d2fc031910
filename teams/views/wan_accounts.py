"""A team's Wan accounts: for its owners only. Whether a key works is asked by a worker; the page waits for it."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import clock, unbound
from generations.lifecycle import account_checks, breakers
from generations.models import AccountCheck, Generation, WanAccount
from generations.typed import plain
from teams.access import owned_team
from teams.activity import record, record_prices
from teams.views.answers import done
from teams.wan_forms import AccountForm, KeyForm, PricesForm

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
        _warn(request, team)
        return done(request, _url(account), _("Saved. The key is being tried; this costs nothing."))
    context = {
        "team": team,
        "accounts": WanAccount.objects.filter(team=team).select_related("check_row").order_by("closed_at", "-pk"),
        "fallback": WanAccount.objects.allowed_installation(team),
        "form": form,
        "key": key,
        "unbound": unbound.warnings(team),
    }
    return TemplateResponse(
        request, "teams/wan_accounts.html", context, status=422 if form.errors or key.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: AuthenticatedRequest, uuid: UUID, account: UUID) -> HttpResponse:
    """One account; a post saves name and limits."""
    team, row = _account(request, uuid, account)
    before = copy(row)  # the form writes to the row
    form = AccountForm(request.POST or None, instance=row, is_used=_is_used(row))
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            if form.has_changed():
                record("account_changed", team, by=request.user, name=row.name)
            record_prices(before, row, by=request.user)
        if "region" in form.changed_data:
            _warn(request, team)
            if before.has_own_prices:
                messages.warning(request, _("The own prices were of another currency. The list prices hold now."))
        return done(request, _url(row), _("Saved"))
    return _page(request, team, row, form=form)


@require_POST
def prices(request: AuthenticatedRequest, uuid: UUID, account: UUID) -> HttpResponse:
    """For takes pressed from now on; those that are made keep theirs. `region` is the one that the page spoke of."""
    team, row = _account(request, uuid, account)
    form = PricesForm(request.POST, instance=row)
    if not form.is_valid():
        return _page(request, team, row, prices=form)
    with transaction.atomic():
        before = WanAccount.objects.select_for_update().get(pk=row.pk)
        there = WanAccount.objects.filter(pk=row.pk, region=plain(request.POST.get("region", row.region)))
        if not there.update(**form.cleaned_data):
            form.add_error(None, _("The account has another region now, which bills in the currency shown here."))
            return _page(request, team, row, prices=form)
        record_prices(before, row, by=request.user)
    return done(request, _url(row), _("Saved. These prices hold for takes from now on."))


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
    if row.closed_at is not None or not row.has_key:
        return done(request, _url(row), _("There is nothing to try: it is closed, or has no key."))
    account_checks.request(row, by=request.user)
    return done(request, _url(row), _("Being tried. This costs nothing."))


@require_safe
def checked(request: AuthenticatedRequest, uuid: UUID, account: UUID) -> TemplateResponse:
    """The verdict, or that it is still being looked at."""
    team, row = _account(request, uuid, account)
    context = {"team": team, "account": row, "check": AccountCheck.objects.filter(account=row).first()}
    return TemplateResponse(request, "teams/_check.html", context)


@require_POST
def again(request: AuthenticatedRequest, uuid: UUID, account: UUID) -> HttpResponse:
    """What Wan wanted was done: it is asked about at once, where it would be in minutes."""
    _team, row = _account(request, uuid, account)
    if breakers.try_now(WanAccount.objects.filter(pk=row.pk)):
        return done(request, _url(row), _("Being tried now. Where Wan wanted payment, one waiting take is sent first."))
    return done(request, _url(row), _("Nothing is stopped on this account any more."))


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
    _warn(request, team)
    sentence = _("%(account)s is in use again.") if is_back else _("%(account)s is closed. What is on its way goes on.")
    return done(request, _url(row), sentence % {"account": row})


def _account(request: AuthenticatedRequest, uuid: UUID, account: UUID) -> tuple[Team, WanAccount]:
    team = owned_team(request.user, uuid)
    return team, get_object_or_404(WanAccount, team=team, uuid=account)


def _warn(request: AuthenticatedRequest, team: Team) -> None:
    """Budgets that don't bind the account that pays now."""
    if sentence := unbound.warning(team, WanAccount.objects.for_team(team)):
        messages.warning(request, sentence)


def _is_used(account: WanAccount) -> bool:
    return Generation.objects.filter(account=account).exists()


def _page(
    request: AuthenticatedRequest,
    team: Team,
    account: WanAccount,
    *,
    form: AccountForm | None = None,
    key: KeyForm | None = None,
    prices: PricesForm | None = None,
) -> TemplateResponse:
    is_used = _is_used(account)
    context = {
        "team": team,
        "account": account,
        "is_used": is_used,
        "check": AccountCheck.objects.filter(account=account).first(),
        "same": WanAccount.objects.beside(account),
        "form": form or AccountForm(instance=account, is_used=is_used),
        "key": key or KeyForm(),
        "prices": prices or PricesForm(instance=account),
    }
    others = {other.currency for other in WanAccount.objects.open_to(team)} - {account.currency}
    context["unbound"] = unbound.warnings(team, others if is_used else unbound.CURRENCIES)
    has_errors = any(sent and sent.errors for sent in (form, key, prices))
    return TemplateResponse(request, "teams/wan_account.html", context, status=422 if has_errors else 200)


def _url(account: WanAccount) -> str:
    return reverse("teams:wan_account", args=[account.team.uuid, account.uuid]) if account.team else ""
