from django.db import migrations, models
from django.db.models import Q

INDEX = models.Index(
    fields=["team", "created_at", "id"], name="take_unfinished", condition=Q(("finished_at__isnull", True))
)


class Migration(migrations.Migration):
    """Made anew, so that it is the one that SQLite takes."""

    dependencies = [("generations", "0002_scene_is_named")]

    operations = [
        migrations.RemoveIndex(model_name="generation", name="take_unfinished"),
        migrations.AddIndex(model_name="generation", index=INDEX),
    ]
