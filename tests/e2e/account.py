"""A Wan account of one's own with a team budget: `python -m tests.e2e.account EMAIL REGION AMOUNT`. Nothing answers at
its address: prices and budgets are seen with it, no take is sent."""

from __future__ import annotations

import os
import sys
from decimal import Decimal

import django


def main(email: str, region: str, amount: str) -> None:
    from teams.models import Team
    from tests.factories import AccountFactory, BudgetFactory

    team = Team.objects.get(personal_of__email=email)
    AccountFactory(team=team, region=region)
    BudgetFactory(team=team, currency="CNY" if region == "beijing" else "USD", amount=Decimal(amount))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wanstudio.settings")
    django.setup()
    main(*sys.argv[1:])
