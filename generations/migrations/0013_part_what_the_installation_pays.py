from decimal import Decimal

from django.db import migrations
from django.db.models import Count, Q, Sum

WHERE = {name: f"ledger__{name}" for name in ("team_id", "project_id", "person_id", "day", "currency")}
MONEY = ("reserved", "cost", "possibly_charged")
ENDINGS = {"clips": "ready", "failed": "failed", "canceled": "canceled", "lost": "lost"}
COLUMNS = (*MONEY, "takes", *ENDINGS, "seconds")


def part(apps, schema_editor):
    """Take what takes on the installation's accounts add to a day out of its row, into one of its own."""
    Spending = apps.get_model("generations", "Spending")
    for where, amounts in _of_installation(apps):
        row = Spending.objects.filter(**where, is_installations=False).first()
        if row is None:
            continue
        Spending.objects.create(**where, is_installations=True, **amounts)
        rest = {name: getattr(row, name) - amount for name, amount in amounts.items()}
        if any(rest.values()):
            Spending.objects.filter(pk=row.pk).update(**rest)
        else:
            row.delete()


def _of_installation(apps):
    Generation = apps.get_model("generations", "Generation")
    takes = Generation.objects.filter(account__team=None, ledger__kind="pressed").order_by()
    ready = Q(status="ready")
    sums = {f"sum_{name}": Sum(name) for name in MONEY} | {"sum_takes": Count("pk")}
    sums |= {f"sum_{name}": Count("pk", filter=Q(status=status)) for name, status in ENDINGS.items()}
    sums["sum_seconds"] = Sum("duration", filter=ready)
    for found in takes.values(*WHERE.values(), "resolution").annotate(**sums):
        where = {name: found[path] for name, path in WHERE.items()} | {"resolution": found["resolution"]}
        amounts = {name: found[f"sum_{name}"] or 0 for name in COLUMNS}
        exact = {name: Decimal(amounts[name]).quantize(Decimal("0.0001")) for name in MONEY}
        yield where, amounts | exact


def join(apps, schema_editor):
    Spending = apps.get_model("generations", "Spending")
    names = ("team_id", "project_id", "person_id", "day", "currency", "resolution")
    for row in Spending.objects.filter(is_installations=True):
        where = {name: getattr(row, name) for name in names}
        own = Spending.objects.filter(**where, is_installations=False).first()
        if own is None:
            Spending.objects.filter(pk=row.pk).update(is_installations=False)
            continue
        sums = {name: getattr(own, name) + getattr(row, name) for name in COLUMNS}
        Spending.objects.filter(pk=own.pk).update(**sums)
        row.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("generations", "0012_sum_what_the_installation_pays"),
    ]

    operations = [
        migrations.RunPython(part, join),
    ]
