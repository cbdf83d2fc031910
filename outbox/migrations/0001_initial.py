from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recipients", models.CharField(max_length=500, verbose_name="to")),
                ("content", models.JSONField(default=dict, editable=False)),
                ("created_at", models.DateTimeField(verbose_name="written")),
                ("due_at", models.DateTimeField(null=True, verbose_name="next try")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent")),
                ("failed_at", models.DateTimeField(null=True, verbose_name="given up")),
                ("error", models.CharField(blank=True, max_length=200, verbose_name="last error")),
            ],
            options={
                "verbose_name": "mail",
                "verbose_name_plural": "mail",
                "indexes": [
                    models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="mail_due"),
                    models.Index(fields=["created_at"], name="mail_created"),
                    models.Index(
                        condition=models.Q(("failed_at__isnull", False)), fields=["failed_at"], name="mail_failed"
                    ),
                ],
                "constraints": [],
            },
        ),
    ]
