"""Wan: key and region, told apart by asking for one line of the task list, which costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.utils import timezone

from dashscope_client import REGIONS, DashScopeError, Throttled, Unreachable, catalogue
from generations.lifecycle import breakers
from generations.models import WanAccount
from generations.wan_probe import accepts, ask
from wanstudio.doctor.finding import Finding, fail, ok, warn
from wanstudio.doctor.machine import skewed

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Place:
    """Where one account's takes are sent, and with which key."""

    name: str
    key: str
    base_url: str
    region: str
    workspace: str
    is_fixed: bool = False  # the address was given as such and says nothing about regions

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc

    @property
    def city(self) -> str:
        return self.region.title()


def accounts() -> Iterator[Finding]:
    """The installation's account from the environment, then every team's."""
    own = _installation()
    if own:
        yield from _visit(own)
    teams = 0
    for account in WanAccount.objects.exclude(encrypted_key=None).order_by("pk"):
        teams += 1
        yield from _visit_team(account)
    if not own and not teams:
        yield warn("Wan", "No API key: set DASHSCOPE_API_KEY, or let a team enter its own.")
    for account in breakers.stopped().order_by("pk"):
        since = f" since {account.breaker_since:%Y-%m-%d %H:%M} UTC" if account.breaker_since else ""
        yield fail("Wan", f"{account.name}: nothing is sent{since}. {account.get_breaker_display()}.")


def _installation() -> Place | None:
    if not settings.DASHSCOPE_API_KEY:
        return None
    region, workspace, given = (
        settings.DASHSCOPE_REGION,
        settings.DASHSCOPE_WORKSPACE_ID,
        settings.DASHSCOPE_HTTP_BASE_URL,
    )
    base_url = given or catalogue.base_url(region, workspace or None)
    name = "Simulator" if settings.STUDIO_DEMO else "Installation"
    return Place(name, settings.DASHSCOPE_API_KEY, base_url, region, workspace, is_fixed=bool(given))


def _visit_team(account: WanAccount) -> Iterator[Finding]:
    try:
        key = account.api_key
    except InvalidToken:  # said where the keys are looked at
        return
    regular = catalogue.base_url(account.region, account.workspace_id or None)
    place = Place(account.name, key, account.base_url, account.region, account.workspace_id)
    yield from _visit(place if place.base_url == regular else Place(**{**place.__dict__, "is_fixed": True}))


def _visit(place: Place) -> Iterator[Finding]:
    refusal, date = ask(place.base_url, place.key)
    yield _judged(place, refusal)
    if date is not None:
        yield skewed("clock", f"Wan's at {place.host}", (date - timezone.now()).total_seconds())
    if not place.is_fixed and not place.workspace:
        word = "DASHSCOPE_WORKSPACE_ID is not set, so the older shared address is used"
        yield warn("Wan", f"{place.name}: {word} ({place.host}). The workspace's own is recommended.")


def _judged(place: Place, refusal: DashScopeError | None) -> Finding:
    city = "" if place.is_fixed else f" in {place.city}"
    if refusal is None:
        return ok("Wan", f"{place.name}: Wan accepts the key{city} ({place.host}).")
    if isinstance(refusal, Unreachable):
        return fail("Wan", f"{place.name}: Wan can't be reached at {place.host}: {refusal}")
    if isinstance(refusal, Throttled):
        return warn("Wan", f"{place.name}: Wan asks for a pause, so the key could not be checked.")
    if refusal.cause.breaker == "key":
        return fail("Wan", f"{place.name}: {_why_refused(place)}")
    return fail("Wan", f"{place.name}: Wan answers, but not as expected: {refusal}")


def _why_refused(place: Place) -> str:
    """The same key at other addresses tells a wrong key from a wrong setting."""
    if place.is_fixed:
        return f"Wan refuses the key at {place.host}."
    if place.workspace and accepts(catalogue.base_url(place.region, None), place.key):
        return f"The key is of {place.city}, but not of the workspace {place.workspace}: correct one of the two."
    for region in REGIONS:
        if region != place.region and accepts(catalogue.base_url(region, None), place.key):
            return f"The key is of {region.title()}, the studio is set to {place.city}: change the region, or the key."
    return "Wan refuses the key in every region: it is mistyped, deleted, or of another service."
