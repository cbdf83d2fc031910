from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generations", "0003_make_unfinished_last")]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="turn",
            field=models.PositiveBigIntegerField(default=0, db_default=0),
        ),
    ]
