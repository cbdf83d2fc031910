import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generations", "0013_part_what_the_installation_pays"),
    ]

    operations = [
        migrations.AddField(
            model_name="scene",
            name="merged_into",
            field=models.ForeignKey(
                editable=False,
                help_text="Of the same project: where its takes went, and where what is meant for it goes.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="generations.scene",
            ),
        ),
    ]
