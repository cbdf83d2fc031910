from django.db import migrations


def make_due(apps, schema_editor):
    """Uploads from before get their waveform from the next sweeps."""
    audio, waveform = apps.get_model("generations", "AudioUpload"), apps.get_model("generations", "Waveform")
    without = audio.objects.filter(waveform=None).values_list("pk", flat=True)
    waveform.objects.bulk_create([waveform(audio_id=pk) for pk in without.iterator()], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("generations", "0011_hear_what_is_uploaded")]

    operations = [migrations.RunPython(make_due, migrations.RunPython.noop, elidable=True)]
