"""A ZIP of many clips: what is in it, how it leaves, and for whom."""

import csv
import io
import json
import logging
import re
import tempfile
import tracemalloc
import uuid
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations import bundle, recipe_file, storage
from generations.models import Collected, Collection, Generation, Scene
from tests.factories import GenerationFactory, ReadyFactory, SceneFactory
from tests.generations.test_files import VIDEO, keep

URL = "/generations/zip"


@pytest.fixture
def scene(project, alice):
    return SceneFactory(project=project, created_by=alice, name="Fishing boat")


@pytest.fixture
def clips(scene, media_directory, tmp_path):
    return [keep(ReadyFactory(scene=scene, number=number, seed=number), tmp_path) for number in (1, 2, 3)]


def get(client, method="get", **query):
    response = getattr(client, method)(URL, query)
    response.body = b"".join(response.streaming_content) if response.streaming else response.content
    return response


def opened(response):
    assert response.status_code == 200, response.body[:500]
    archive = zipfile.ZipFile(io.BytesIO(response.body))
    assert archive.testzip() is None
    return archive


def films(archive):
    return [name for name in archive.namelist() if name.endswith(".mp4")]


def table(archive):
    (name,) = [name for name in archive.namelist() if name.endswith("index.csv")]
    return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


class TestWhat:
    def test_a_scene(self, as_alice, scene, clips):
        ReadyFactory(scene__project=scene.project)

        archive = opened(get(as_alice, scene=scene.uuid))

        names = [f"fishing-boat_take-{clip.number}_{clip.uuid.hex[:8]}" for clip in clips]
        assert films(archive) == [f"fishing-boat/clips/{name}.mp4" for name in names]
        assert archive.read(films(archive)[0]) == VIDEO + recipe_file.box(clips[0])
        recipe = json.loads(archive.read(f"fishing-boat/clips/{names[1]}.recipe.json"))
        assert (recipe["prompt"], recipe["seed"]) == (clips[1].prompt, 2)
        assert archive.read(f"fishing-boat/posters/{names[0]}.webp") == b"poster-small.webp"

    def test_a_selection_leaves_out_what_is_others_or_no_clip(self, as_alice, scene, clips):
        foreign, waiting = ReadyFactory(), GenerationFactory(scene=scene)
        takes = [clips[2].uuid, foreign.uuid, waiting.uuid, uuid.uuid4(), "nonsense", clips[2].uuid]

        archive = opened(get(as_alice, "post", take=takes, here=str(scene.project.uuid)))

        assert [row["take"] for row in table(archive)] == ["3"]

    def test_a_collection_in_its_order(self, as_alice, alice, clips):
        for other in (False, True):
            collection = Collection.objects.create(team=clips[0].team, name="The best", created_by=alice)
            for place, clip in enumerate(clips if other else clips[::-1]):
                Collected.objects.create(collection=collection, generation=clip, place=place, by=alice)
        first = Collection.objects.earliest("pk")

        archive = opened(get(as_alice, collection=first.uuid))

        assert [row["take"] for row in table(archive)] == ["3", "2", "1"]

    def test_a_view(self, as_alice, project, clips):
        clips[0].ratio = "9:16"
        clips[0].save()

        for query in ({"project": project.uuid, "ratio": "9:16"}, {"view": f"project={project.uuid}&ratio=9:16"}):
            assert [row["take"] for row in table(opened(get(as_alice, **query)))] == ["1"]

    def test_all_that_match_rather_than_the_ticked_ones(self, as_alice, project, clips):
        archive = opened(get(as_alice, "post", take=[clips[0].uuid], all="1", view=f"project={project.uuid}"))

        assert len(films(archive)) == 3

    def test_all_of_a_collection_and_of_a_scene(self, as_alice, alice, clips):
        collection = Collection.objects.create(team=clips[0].team, name="The best", created_by=alice)
        for place, clip in enumerate(clips[:2]):
            Collected.objects.create(collection=collection, generation=clip, place=place, by=alice)

        for view, count in ((f"collection={collection.uuid}", 2), (f"scene={clips[0].scene.uuid}", 3)):
            archive = opened(get(as_alice, "post", take=[clips[0].uuid], all="1", view=view))
            assert len(films(archive)) == count

    def test_the_trash_stays_where_it_is(self, as_alice, scene, clips):
        clips[0].trashed_at = clips[0].created_at
        clips[0].save()

        assert len(films(opened(get(as_alice, scene=scene.uuid)))) == 2

    @pytest.mark.parametrize("query", [{"take": ["x"]}, {"take": []}])
    def test_nothing_to_download_is_said(self, as_alice, project, query):
        response = get(as_alice, **query, project=project.uuid)

        assert response.status_code == 409
        assert "no clip to download" in response.body.decode()


class TestWho:
    def test_viewer_may(self, client, vera, scene, clips):
        client.force_login(vera)

        assert len(films(opened(get(client, scene=scene.uuid)))) == 3

    def test_stranger_gets_404(self, client, charlie, alice, scene, clips):
        collection = Collection.objects.create(team=scene.project.team, name="The best", created_by=alice)
        client.force_login(charlie)

        for query in ({"scene": scene.uuid}, {"collection": collection.uuid}, {"project": scene.project.uuid}, {}):
            assert get(client, **query).status_code == 404
        assert get(client, take=[clips[0].uuid]).status_code == 409

    def test_guest_signs_in(self, client, scene):
        assert "login" in get(client, scene=scene.uuid)["Location"]


class TestHow:
    def test_the_length_is_told_and_true(self, as_alice, scene, clips):
        head, response = get(as_alice, "head", scene=scene.uuid), get(as_alice, scene=scene.uuid)

        assert int(head["Content-Length"]) == int(response["Content-Length"]) == len(response.body)
        assert 'filename="fishing-boat.zip"' in response["Content-Disposition"]

    @pytest.mark.parametrize("most", [2, 10_000])
    def test_what_is_renamed_meanwhile_keeps_its_name(self, as_alice, scene, clips, monkeypatch, most):
        monkeypatch.setattr(bundle, "MOST_MEASURED", most)
        response = as_alice.get(URL, {"scene": scene.uuid})
        chunks = iter(response.streaming_content)
        response.body = next(chunks)
        Scene.objects.filter(pk=scene.pk).update(name="Another, much longer name of it")
        Generation.objects.filter(pk=clips[2].pk).update(number=4711)

        response.body += b"".join(chunks)

        archive = opened(response)
        assert int(response.headers.get("Content-Length", len(response.body))) == len(response.body)
        assert [f"fishing-boat/{row['file']}" for row in table(archive)] == films(archive)
        assert [row["take"] for row in table(archive)] == ["1", "2", "3"]

    def test_a_missing_object_is_listed_as_missing(self, as_alice, scene, clips, media_directory, caplog):
        (media_directory / clips[1].video_key).unlink()
        caplog.set_level(logging.CRITICAL)

        response = get(as_alice, scene=scene.uuid)

        archive = opened(response)
        assert int(response["Content-Length"]) == len(response.body)
        assert len(films(archive)) == 2
        assert [row["missing"] for row in table(archive)] == ["false", "true", "false"]
        assert "This clip is missing" in archive.read("fishing-boat/index.html").decode()

    def test_from_a_bucket_without_a_length(self, as_alice, scene, clips, bucket, tmp_path, caplog):
        keep(clips[0], tmp_path)
        ReadyFactory(scene=scene, number=9, storage="s3")
        caplog.set_level(logging.CRITICAL)

        response = get(as_alice, scene=scene.uuid)

        archive = opened(response)
        assert "Content-Length" not in response
        assert len(films(archive)) == 3
        assert [row["take"] for row in table(archive) if row["missing"] == "true"] == ["9"]

    def test_very_many_come_whole_without_a_length(self, as_alice, scene, clips, monkeypatch):
        monkeypatch.setattr(bundle, "MOST_MEASURED", 2)
        monkeypatch.setattr(bundle, "BATCH", 2)

        response = get(as_alice, scene=scene.uuid)

        archive = opened(response)
        assert "Content-Length" not in response
        assert len(films(archive)) == 3
        assert [row["take"] for row in table(archive)] == ["1", "2", "3"]

    def test_too_many_get_words_before_the_first_byte(self, as_alice, project, scene, clips, monkeypatch):
        monkeypatch.setattr(bundle, "MOST", 2)

        for method in ("get", "head"):
            assert get(as_alice, method, scene=scene.uuid).status_code == 409
        page = get(as_alice, scene=scene.uuid).body.decode()
        assert "more than 2 clips" in page
        assert f'href="/studio/?scene={scene.uuid}"' in page
        for shown in (f"/studio/?project={project.uuid}", f"/studio/?scene={scene.uuid}", project.get_absolute_url()):
            links = re.findall(r'<a[^>]*href="/generations/zip[^>]*>', as_alice.get(shown).content.decode())
            assert links
            assert not [link for link in links if " download" in link]  # words would become a download that failed
        assert "up to 2" in as_alice.get("/studio/", {"project": project.uuid}).content.decode()
        assert "up to 2" in as_alice.get(project.get_absolute_url()).content.decode()
        monkeypatch.setattr(bundle, "MOST", 3)
        assert len(films(opened(get(as_alice, scene=scene.uuid)))) == 3

    def test_without_a_length_each_index_is_made_once(self, as_alice, scene, clips, monkeypatch):
        monkeypatch.setattr(bundle, "MOST_MEASURED", 2)

        with CaptureQueriesContext(connection) as asked:
            opened(get(as_alice, scene=scene.uuid))

        of_clips = [query for query in asked if '"generations_generation"."id" IN (' in query["sql"]]
        assert len(of_clips) == 4  # of the films, the page, the table and the data

    @pytest.mark.parametrize("most", [2, 10_000])
    def test_leaves_without_a_copy_on_disk_or_in_memory(
        self, as_alice, scene, clips, media_directory, monkeypatch, most
    ):
        monkeypatch.setattr(bundle, "MOST_MEASURED", most)
        film = VIDEO + bytes(8 << 20)
        for clip in clips:
            (media_directory / clip.video_key).write_bytes(film)
        Generation.objects.update(video_size=len(film))
        monkeypatch.setattr(tempfile, "tempdir", str(media_directory / "none"))
        monkeypatch.setattr(storage, "workspace", None)

        tracemalloc.start()
        sent = sum(len(chunk) for chunk in as_alice.get(URL, {"scene": scene.uuid}).streaming_content)
        _left, most_held = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert sent > 3 * len(film)
        assert most_held < len(film)

    def test_takes_few_queries(self, as_alice, scene, clips, django_assert_max_num_queries):
        with django_assert_max_num_queries(20):
            opened(get(as_alice, scene=scene.uuid))


class TestIndex:
    def test_opens_everywhere_and_runs_nothing(self, as_alice, scene, clips):
        clips[0].sent_prompt = "<script>alert(1)</script>"
        clips[0].save()

        page = opened(get(as_alice, scene=scene.uuid)).read("fishing-boat/index.html").decode()

        assert "<script" not in page
        assert not re.search(r"(src|href|poster)=\"(https?:|/)", page)
        assert page.count("<video") == 3

    def test_names_are_safe_whatever_people_write(self, as_alice, scene, clips):
        scene.name = "../../etc/passwd\\ 海边 \u202e CON:*?"
        scene.save()

        for name in opened(get(as_alice, scene=scene.uuid)).namelist():
            assert re.fullmatch(r"[\w-]+/((clips|posters)/)?[\w-]+(\.[a-z0-9]+)+", name)

    @pytest.mark.parametrize("name", ["CON", "nul", "Aux", "com1", "LPT9"])
    def test_no_folder_is_a_device_of_windows(self, as_alice, scene, clips, name):
        Scene.objects.filter(pk=scene.pk).update(name=name)

        response = get(as_alice, scene=scene.uuid)

        assert {path.partition("/")[0] for path in opened(response).namelist()} == {f"{name.lower()}_"}
        assert f'filename="{name.lower()}_.zip"' in response["Content-Disposition"]

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
    def test_formulas_are_text(self, as_alice, scene, clips, start):
        clips[0].sent_prompt = f"{start}cmd|' /C calc'!A0"
        clips[0].save()

        assert table(opened(get(as_alice, scene=scene.uuid)))[0]["prompt"].startswith("'")

    def test_the_data_is_json(self, as_alice, scene, clips):
        told = json.loads(opened(get(as_alice, scene=scene.uuid)).read("fishing-boat/index.json"))

        assert [clip["take"] for clip in told["clips"]] == [1, 2, 3]
        assert told["about"]["title"] == "Fishing boat"
