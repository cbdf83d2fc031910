from django.db import migrations


def doubt(apps, schema_editor):
    """Weak ones were taken; their hashes do not tell."""
    links = apps.get_model("screenings", "ShareLink").objects.using(schema_editor.connection.alias)
    links.exclude(passcode="").update(passcode_may_be_weak=True)


class Migration(migrations.Migration):
    dependencies = [
        ("screenings", "0002_passcode_may_be_weak"),
    ]

    operations = [
        migrations.RunPython(doubt, migrations.RunPython.noop),
    ]
