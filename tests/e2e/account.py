"""A Wan account of one's own with a team budget, for which nothing is sent, as nothing answers at its address.

`python -m tests.e2e.account make EMAIL REGION AMOUNT`, then `… budget EMAIL AMOUNT` and `… price EMAIL OF_A_SECOND`.
"""

from __future__ import annotations

import os
import sys
from decimal import Decimal

import django


def make(team, region: str, amount: str) -> None:
    from tests.factories import AccountFactory, BudgetFactory

    AccountFactory(team=team, region=region)
    BudgetFactory(team=team, currency="CNY" if region == "beijing" else "USD", amount=Decimal(amount))


def budget(team, amount: str) -> None:
    from teams.models import Budget

    Budget.objects.filter(team=team).update(amount=Decimal(amount))


def price(team, of_a_second: str) -> None:
    from generations.models import WanAccount

    prices = {"own_price_720p": Decimal(of_a_second), "own_price_1080p": Decimal(of_a_second)}
    WanAccount.objects.filter(team=team).update(**prices)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wanstudio.settings")
    django.setup()
    from teams.models import Team

    verb, email, *values = sys.argv[1:]
    {"make": make, "budget": budget, "price": price}[verb](Team.objects.get(personal_of__email=email), *values)
