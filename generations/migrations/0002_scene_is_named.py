from django.db import migrations, models

AT_ONCE = 500


def find_named(apps, schema_editor):
    """A scene whose name no prompt and no shot of its takes begins with was named by a person."""
    here = schema_editor.connection.alias
    all_scenes = apps.get_model("generations", "Scene").objects.using(here)
    all_takes = apps.get_model("generations", "Generation").objects.using(here)
    scenes = list(all_scenes.order_by("pk").values_list("pk", "name"))
    for begin in range(0, len(scenes), AT_ONCE):
        some = scenes[begin : begin + AT_ONCE]
        named = {key: " ".join(name.split()).removesuffix("…") for key, name in some}
        takes = all_takes.filter(scene__in=list(named)).values_list("scene", "prompt", "shots")
        for key, prompt, shots in takes.iterator():
            texts = [prompt, *(shot["text"] for shot in shots)]
            if any(" ".join(text.split()).startswith(named.get(key, "")) for text in texts):
                named.pop(key, None)
        all_scenes.filter(pk__in=list(named)).update(is_named=True)


class Migration(migrations.Migration):
    dependencies = [
        ("generations", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="scene",
            name="is_named",
            field=models.BooleanField(default=False, editable=False, verbose_name="named by a person"),
        ),
        migrations.RunPython(find_named, migrations.RunPython.noop),
    ]
