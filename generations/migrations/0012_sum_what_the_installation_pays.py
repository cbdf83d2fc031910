from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generations", "0011_prove_the_environments_key"),
    ]

    operations = [
        migrations.AddField(
            model_name="spending",
            name="is_installations",
            field=models.BooleanField(default=False, help_text="Billed to the installation's Wan account."),
        ),
        migrations.RemoveConstraint(
            model_name="spending",
            name="one_spending_per_day",
        ),
        migrations.AddConstraint(
            model_name="spending",
            constraint=models.UniqueConstraint(
                fields=("team", "project", "person", "day", "currency", "resolution", "is_installations"),
                name="one_spending_per_day",
            ),
        ),
    ]
