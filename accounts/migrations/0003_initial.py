import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_initial"),
        ("teams", "0002_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notifications", to="teams.activity"
                    ),
                ),
                (
                    "verb",
                    models.CharField(
                        blank=True, help_text="A word of teams.verbs; empty: the activity's.", max_length=24
                    ),
                ),
                ("group", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(null=True)),
                ("mailed_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "notification",
                "verbose_name_plural": "notifications",
                "indexes": [
                    models.Index(
                        condition=models.Q(("seen_at__isnull", True)),
                        fields=["person", "-id"],
                        name="notification_unseen",
                    ),
                    models.Index(
                        condition=models.Q(("seen_at__isnull", False)), fields=["seen_at"], name="notification_seen"
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("person", "activity"), name="told_once")],
            },
        ),
    ]
