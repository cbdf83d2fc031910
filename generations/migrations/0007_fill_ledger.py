from collections import defaultdict
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import migrations

MONEY = ("reserved", "cost", "possibly_charged")
ENDINGS = {"ready": "clips", "failed": "failed", "canceled": "canceled", "lost": "lost"}
BATCH = 2000


def fill(apps, schema_editor):
    """Books takes that are older than the ledger: one entry each with what they hold, and the sums of their days."""
    Generation = apps.get_model("generations", "Generation")
    LedgerEntry = apps.get_model("generations", "LedgerEntry")
    Spending = apps.get_model("generations", "Spending")
    zone = ZoneInfo(settings.TIME_ZONE)
    days = defaultdict(lambda: defaultdict(int))
    entries = []
    for take in Generation.objects.order_by("pk").iterator(chunk_size=BATCH):
        where = {
            "team_id": take.team_id,
            "project_id": take.project_id,
            "person_id": take.owner_id,
            "day": take.created_at.astimezone(zone).date(),
            "currency": take.currency,
        }
        held = {name: getattr(take, name) or Decimal(0) for name in MONEY}
        entries.append(LedgerEntry(generation=take, kind="pressed", at=take.created_at, **where, **held))
        sums = days[(*where.items(), ("resolution", take.resolution))]
        for name, amount in held.items():
            sums[name] += amount
        sums["takes"] += 1
        if take.status in ENDINGS:
            sums[ENDINGS[take.status]] += 1
        if take.status == "ready":
            sums["seconds"] += take.duration
        if len(entries) == BATCH:
            LedgerEntry.objects.bulk_create(entries)
            entries = []
    LedgerEntry.objects.bulk_create(entries)
    Spending.objects.bulk_create([Spending(**dict(key), **sums) for key, sums in days.items()], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("generations", "0006_ledger")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
