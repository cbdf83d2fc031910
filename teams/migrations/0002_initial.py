import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("generations", "0001_initial"),
        ("teams", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="project",
            name="account",
            field=models.ForeignKey(
                blank=True,
                help_text="None: the team's.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="generations.wanaccount",
                verbose_name="Wan account",
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="cover",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="generations.generation",
            ),
        ),
        migrations.CreateModel(
            name="Activity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="teams.team",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="teams.project",
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        help_text="None: the studio.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("verb", models.CharField(help_text="A word of teams.verbs.", max_length=24)),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        help_text="To whom it was done.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "generation",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="generations.generation",
                    ),
                ),
                ("count", models.PositiveIntegerField(default=1, help_text="Of what was done at once.")),
                ("data", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "activity",
                "verbose_name_plural": "activities",
                "indexes": [
                    models.Index(fields=["project", "-id"], name="activity_of_project"),
                    models.Index(
                        condition=models.Q(("project__isnull", True)), fields=["team", "-id"], name="activity_of_team"
                    ),
                ],
                "constraints": [],
            },
        ),
    ]
