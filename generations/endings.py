"""How a take ended, in words: what went wrong, what was charged and what possibly was. Nothing else says these."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from dashscope_client.causes import Cause
from generations import phrases, words
from generations.models import Status
from generations.models.generation import CAUSES, OWN_CAUSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generations.models import Generation


def charge(take: Generation) -> str:
    """A sentence on its money. A failed try is free, whatever an earlier one of the same take may have cost."""
    figures = {"price": _money(take, take.cost or Decimal(0)), "possibly": _money(take, take.possibly_charged)}
    if take.possibly_charged and take.cost:
        said = _("Charged: %(price)s. Possibly charged for an earlier try: %(possibly)s.")
    elif take.possibly_charged and take.status == Status.FAILED:
        said = _("This try was free. Possibly charged for an earlier one: %(possibly)s.")
    elif take.possibly_charged:
        said = _("Possibly charged: %(possibly)s.")
    else:
        said = _("Charged: %(price)s.") if take.cost else _("Nothing was charged.")
    return said % figures


def cost(take: Generation) -> str:
    """The same as a figure; what is held for it while it is unfinished."""
    if take.is_demo:
        return _("Nothing, it is a demo")
    if take.cost:
        known = _money(take, take.cost)
    else:
        known = (
            "" if take.is_finished else _("%(money)s reserved") % {"money": _money(take, take.reserved or take.price)}
        )
    if not take.possibly_charged:
        return known or _("Nothing")
    possibly = _money(take, take.possibly_charged)
    if not known:
        return _("Possibly %(money)s") % {"money": possibly}
    return _("%(money)s, possibly %(more)s more") % {"money": known, "more": possibly}


def doubt(takes: Sequence[Generation]) -> str:
    """What takes of one account that were canceled here are possibly charged, together; "" for nothing."""
    possibly = sum((take.possibly_charged for take in takes), Decimal(0))
    if not possibly:
        return ""
    return _("Possibly charged for earlier tries: %(possibly)s.") % {"possibly": _money(takes[0], possibly)}


def failure(take: Generation) -> str:
    """What went wrong, what it cost and what to do; "" when nothing went wrong."""
    cause = CAUSES.get(take.failure_cause)
    if cause is Cause.INVALID_PARAMETER and (setting := words.setting_in(take.failure_message)):
        said = _("Wan did not accept a setting: %(setting)s. %(charge)s Change it and try again.")
        return said % {"setting": setting, "charge": charge(take)}
    sentence = _(cause.sentence) if cause else str(OWN_CAUSES.get(take.failure_cause, ""))
    if "%(charge)s" in sentence:
        return sentence % {"charge": charge(take)}
    return f"{sentence} {charge(take)}" if sentence and take.possibly_charged else sentence


def _money(take: Generation, amount: Decimal) -> str:
    return phrases.money(phrases.Price(amount, take.currency))
