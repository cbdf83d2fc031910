"""A ZIP of many clips: what is in it, how it leaves, and for whom."""

import csv
import io
import json
import logging
import re
import uuid
import zipfile

import pytest

from generations import bundle, recipe_file
from generations.models import Collected, Collection
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

    def test_a_missing_object_is_listed_as_missing(self, as_alice, scene, clips, media_directory, caplog):
        (media_directory / clips[1].video_key).unlink()
        caplog.set_level(logging.CRITICAL)

        response = get(as_alice, scene=scene.uuid)

        archive = opened(response)
        assert int(response["Content-Length"]) == len(response.body)
        assert len(films(archive)) == 2
        assert [row["missing"] for row in table(archive)] == ["False", "True", "False"]
        assert "This clip is missing" in archive.read("fishing-boat/index.html").decode()

    def test_from_a_bucket_without_a_length(self, as_alice, scene, clips, bucket, tmp_path, caplog):
        keep(clips[0], tmp_path)
        ReadyFactory(scene=scene, number=9, storage="s3")
        caplog.set_level(logging.CRITICAL)

        response = get(as_alice, scene=scene.uuid)

        archive = opened(response)
        assert "Content-Length" not in response
        assert len(films(archive)) == 3
        assert [row["take"] for row in table(archive) if row["missing"] == "True"] == ["9"]

    def test_more_than_fit_are_said(self, as_alice, scene, clips, monkeypatch):
        monkeypatch.setattr(bundle, "MOST", 2)

        archive = opened(get(as_alice, scene=scene.uuid))

        assert len(films(archive)) == 2
        assert "more clips than fit" in archive.read("fishing-boat/index.html").decode()

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

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
    def test_formulas_are_text(self, as_alice, scene, clips, start):
        clips[0].sent_prompt = f"{start}cmd|' /C calc'!A0"
        clips[0].save()

        assert table(opened(get(as_alice, scene=scene.uuid)))[0]["prompt"].startswith("'")

    def test_the_data_is_json(self, as_alice, scene, clips):
        told = json.loads(opened(get(as_alice, scene=scene.uuid)).read("fishing-boat/index.json"))

        assert [clip["take"] for clip in told["clips"]] == [1, 2, 3]
        assert told["about"]["title"] == "Fishing boat"
