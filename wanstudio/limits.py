"""How often somebody may do a thing. ACCOUNT_RATE_LIMITS says it, for django-allauth's own pages and for ours."""

from __future__ import annotations

import logging
import math
import time
from functools import wraps
from typing import TYPE_CHECKING

from allauth.account import app_settings
from allauth.core import ratelimit
from allauth.core.internal.ratelimit import apply_rate, get_cache_key, get_ip, parse_rates
from django.core.cache import cache
from django.utils.translation import gettext as _

from generations import phrases
from wanstudio.upload import TooLarge, was_too_large

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase

    from wanstudio.http import Request

logger = logging.getLogger(__name__)


class TooOften(Exception):
    """More than is let through, for `seconds` more. Becomes a 429 unless a view has a better place for the words."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    @property
    def sentence(self) -> str:
        wait = phrases.about(self.seconds)
        return _("That was a lot at once, and this last time was not done. Go on in %(wait)s.") % {"wait": wait}


def count(request: Request, action: str, *, key: str = "") -> None:
    """One more time of `action`; raises TooOften when that is one too many for the person, the address or the key."""
    if ratelimit.consume(request, action=action, key=key):
        return
    logger.warning("Too often: %s by %s", action, request.META.get("REMOTE_ADDR", ""))
    raise TooOften(_seconds_left(request, action, key))


def place_of(request: Request) -> str:
    """Where somebody asks from: the address, of IPv6 the network, which is one household's."""
    return get_ip(request)


def forget(request: Request, action: str, *, key: str) -> None:
    """It was done rightly at last: what was tried before counts no more."""
    ratelimit.clear(request, action=action, key=key)


def _seconds_left(request: Request, action: str, key: str) -> int:
    """Until the oldest of the times that count is forgotten."""
    now, longest = time.time(), 1.0
    for rate in parse_rates(app_settings.RATE_LIMITS[action]):
        found = cache.get(get_cache_key(request, app="allauth.account", action=action, rate=rate, key=key), [])
        is_allowed, times = apply_rate(found, now, rate, dry_run=True)
        longest = longest if is_allowed else max(longest, times[-1] + rate.duration - now)
    return math.ceil(longest)


def limited_uploads(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Counts requests that bring a file, and raises TooLarge for one that was let go."""

    @wraps(view)
    def guarded(request: Request, *args: object, **kwargs: object) -> HttpResponseBase:
        is_too_large = was_too_large(request)
        if request.FILES or is_too_large:
            count(request, "upload")
        if is_too_large:
            raise TooLarge
        return view(request, *args, **kwargs)

    return guarded
