"""A clip carries its recipe out and fills the composer again; hostile files get a sentence and nothing else."""

import hashlib
import io
import json
import struct

import av
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from generations import recipe_file
from generations.recipe_file import KIND, NoRecipe, Seal
from tests.factories import AudioFactory, ReadyFactory, SceneFactory
from tests.generations.pressing import press_once
from tests.generations.test_files import VIDEO, fetch, keep

SHOTS = [{"text": "The harbour wakes", "seconds": 2}, {"text": "绳子松开了", "seconds": 3}]
FTYP = struct.pack(">I4s", 16, b"ftyp") + b"isom\0\0\0\0"


def wrapped(body, kind=KIND):
    return struct.pack(">I4s", 24 + len(body), b"uuid") + kind + body


def content(data):
    """What the box at the end of a downloaded file holds."""
    return json.loads(data[data.rindex(KIND) + 16 :])


@pytest.fixture
def clip(project, alice, media_directory, tmp_path):
    scene = SceneFactory(project=project, created_by=alice, name="Fishing boat")
    audio = AudioFactory(project=project, uploaded_by=alice, sha256="a" * 64)
    return keep(ReadyFactory(scene=scene, number=4, shots=SHOTS, audio=audio, seed=77, ratio="9:16"), tmp_path)


@pytest.fixture
def downloaded(as_alice, clip):
    return fetch(as_alice, "download", clip).body


def refill(client, project, data, headers=None, **values):
    file = {"clip": SimpleUploadedFile("clip.mp4", data, "video/mp4")} if data is not None else {}
    return client.post(
        "/generations/", {"do": "refill", "project": str(project.uuid), **file, **values}, headers=headers
    )


class TestDownload:
    def test_is_the_original_with_one_box_behind_it(self, downloaded):
        assert downloaded.startswith(VIDEO)
        size, kind = struct.unpack_from(">I4s", downloaded, len(VIDEO))
        assert (size, kind) == (len(downloaded) - len(VIDEO), b"uuid")

    def test_the_clean_copy_is_the_original(self, as_alice, clip):
        assert fetch(as_alice, "download", clip, {"clean": "1"}).body == VIDEO

    def test_length_and_ranges_reach_across_the_seam(self, as_alice, clip, downloaded):
        size, seam = len(downloaded), len(VIDEO)

        for first, last in [(0, 9), (seam - 3, seam + 5), (seam, size - 1), (seam + 7, seam + 8), (0, size - 1)]:
            part = fetch(as_alice, "download", clip, **{"Range": f"bytes={first}-{last}"})
            assert (part.status_code, part["Content-Length"]) == (206, str(last + 1 - first))
            assert part.body == downloaded[first : last + 1]
        assert fetch(as_alice, "download", clip, method="head")["Content-Length"] == str(size)

    def test_has_a_sensible_name(self, as_alice, clip):
        disposition = fetch(as_alice, "download", clip)["Content-Disposition"]

        assert 'filename="harbour-film_fishing-boat_take-4.mp4"' in disposition

    def test_says_nothing_of_people_or_money(self, downloaded):
        told = json.dumps(content(downloaded))

        assert "alice" not in told.lower()
        assert "price" not in told

    def test_a_missing_object_is_404(self, as_alice, clip, media_directory):
        (media_directory / clip.video_key).unlink()

        assert fetch(as_alice, "download", clip).status_code == 404

    def test_from_a_bucket_too(self, as_alice, clip, bucket, tmp_path, downloaded):
        keep(clip, tmp_path)
        assert clip.storage == "s3"

        assert fetch(as_alice, "download", clip).body == downloaded
        part = fetch(as_alice, "download", clip, **{"Range": f"bytes=4-{len(VIDEO) + 3}"})
        assert part.body == downloaded[4 : len(VIDEO) + 4]

    def test_still_is_a_film(self, simulator, way, as_alice, alice, project):
        take = way.until(press_once(user=alice, project=project), "ready")

        data = fetch(as_alice, "download", take).body

        with av.open(io.BytesIO(data)) as film:
            assert sum(1 for _frame in film.decode(video=0)) > 0
        assert recipe_file.read(io.BytesIO(data)).seal is Seal.OWN


class TestRefill:
    def test_fills_everything(self, as_alice, clip, project, downloaded):
        composer = refill(as_alice, project, downloaded).context["composer"]

        values = {name: composer.form[name].value() for name in ("prompt", "seed", "ratio", "duration")}
        assert values == {"prompt": clip.prompt, "seed": "77", "ratio": "9:16", "duration": "5"}
        assert [form["text"].value() for form in composer.shots] == [shot["text"] for shot in SHOTS]
        assert (composer.kin.parent, composer.audio) == (clip, clip.audio)
        assert "unaltered" in composer.good_news
        assert composer.errors == []

    def test_htmx_gets_the_composer(self, as_alice, project, downloaded):
        response = refill(as_alice, project, downloaded, headers={"HX-Request": "true"})

        assert response["HX-Retarget"] == "#composer"
        assert response.content.decode().lstrip().startswith("<form")

    @pytest.mark.parametrize("headers", [None, {"HX-Request": "true"}])
    def test_a_file_that_no_clip_has_is_let_go_in_words(self, as_alice, project, downloaded, settings, headers):
        settings.UPLOAD_BYTES_MOST = 100

        response = refill(as_alice, project, downloaded, headers=headers)

        assert response.status_code == 413
        assert "larger, so nothing was done" in response.content.decode()

    def test_the_box_alone_fills_it_too_but_says_nothing_of_the_film(self, as_alice, clip, project):
        composer = refill(as_alice, project, recipe_file.box(clip)).context["composer"]

        assert "its film was not looked at" in composer.good_news

    def test_the_box_with_the_films_checksum_is_as_good_as_the_file(self, as_alice, clip, project):
        checksum = hashlib.sha256(VIDEO).hexdigest()

        composer = refill(as_alice, project, recipe_file.box(clip), clip_film=checksum).context["composer"]

        assert "film and its recipe are unaltered" in composer.good_news

    def test_an_altered_recipe_is_told(self, as_alice, project, downloaded):
        altered = downloaded.replace(b'"seed": 77', b'"seed": 78')

        composer = refill(as_alice, project, altered).context["composer"]

        assert "was altered" in composer.warnings[0]
        assert composer.form["seed"].value() == "78"

    @pytest.mark.parametrize("film", [FTYP, VIDEO[:-1] + b"?"], ids=["another", "altered"])
    def test_a_recipe_behind_another_film_is_told(self, as_alice, clip, project, film):
        box, checksum = recipe_file.box(clip), hashlib.sha256(film).hexdigest()
        whole = refill(as_alice, project, film + box)
        in_parts = refill(as_alice, project, box, clip_film=checksum)

        for response in (whole, in_parts):
            assert "is not the one that was made by it" in response.context["composer"].warnings[0]
            assert response.context["composer"].form["prompt"].value() == clip.prompt

    def test_a_film_with_more_behind_the_recipe_is_another_film(self, as_alice, project, downloaded):
        longer = downloaded + struct.pack(">I4s", 12, b"free") + b"more"

        assert "is not the one" in refill(as_alice, project, longer).context["composer"].warnings[0]

    @pytest.mark.parametrize("checksum", ["", "0", "é" * 400, "\0"])
    def test_a_checksum_that_is_none_is_no_error(self, as_alice, clip, project, checksum):
        response = refill(as_alice, project, recipe_file.box(clip), clip_film=checksum)

        assert response.status_code == 200

    def test_another_studios_recipe_is_told(self, as_alice, project, downloaded, settings):
        settings.STUDIO_SIGNING_KEY = "of another installation"

        assert "another studio" in refill(as_alice, project, downloaded).context["composer"].warnings[0]

    def test_unsigned_is_told(self, as_alice, project):
        composer = refill(as_alice, project, wrapped(b'{"recipe": {"prompt": "A kite"}}')).context["composer"]

        assert "not signed" in composer.warnings[0]
        assert composer.form["prompt"].value() == "A kite"

    def test_values_are_checked_like_typed_ones(self, as_alice, project):
        recipe = {"prompt": "x" * 6000, "duration": 99, "ratio": "7:3", "seed": -1, "shots": [None, {"text": 4}]}

        page = refill(as_alice, project, wrapped(json.dumps({"recipe": recipe}).encode())).content.decode()

        for words in ["1,024 characters too many", "Wan renders in", "from 2 to 15"]:  # the shots' marks are sent, too
            assert words in page

    @pytest.mark.parametrize(
        "strange",
        [True, None, 10**30, 1.5, [], {}, [[["x"]]], "\0", "\ud800", "x" * 300_000],
        ids=["yes", "null", "huge", "half", "list", "object", "nested", "nul", "half a sign", "long"],
    )
    def test_strange_values_are_no_error(self, as_alice, project, strange):
        recipe = dict.fromkeys(["prompt", "duration", "seed", "ratio", "shots", "audio", "take", "watermark"], strange)
        body = json.dumps({"recipe": recipe, "key": strange, "hmac": strange}).encode()

        assert refill(as_alice, project, wrapped(body)).status_code == 200

    def test_sound_that_is_not_here_is_told(self, as_alice, project, clip):
        data = recipe_file.box(clip).replace(b"a" * 64, b"b" * 64)

        assert "harbour-theme.mp3" in refill(as_alice, project, data).context["composer"].warnings[1]

    def test_a_take_of_others_is_not_linked(self, as_alice, project):
        foreign = ReadyFactory()
        body = json.dumps({"recipe": {"prompt": "A kite", "take": str(foreign.uuid)}}).encode()

        assert refill(as_alice, project, wrapped(body)).context["composer"].kin.parent is None

    def test_viewer_is_refused_and_stranger_finds_nothing(self, client, vera, charlie, project, downloaded):
        for user, status in [(vera, 403), (charlie, 404)]:
            client.force_login(user)
            assert refill(client, project, downloaded).status_code == status


class TestHostileFiles:
    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"", "empty"),
            (b"\0\0", "cut off"),
            (b"GIF89a" + bytes(40), "no mp4"),
            (FTYP, "carries no recipe"),
            (FTYP + wrapped(b"{}", kind=bytes(range(16))), "carries no recipe"),
            (VIDEO[:-1], "cut off"),
            (FTYP + struct.pack(">I4sQ", 1, b"mdat", 10 << 30), "cut off"),
            (FTYP + struct.pack(">I4sQ", 1, b"mdat", 0), "no mp4"),
            (FTYP + struct.pack(">I4s", 3, b"free"), "no mp4"),
            (FTYP + struct.pack(">I4s", 2**32 - 1, b"uuid") + KIND + b"{}", "cut off"),
            (FTYP + struct.pack(">I4s", 10, b"uuid") + KIND[:2], "carries no recipe"),
            (FTYP * 20_001, "carries no recipe"),
            (FTYP + wrapped(b"\xff\xfe{}"), "damaged"),
            (FTYP + wrapped(b"[" * 100_000), "damaged"),
            (FTYP + wrapped(b"[1]"), "damaged"),
            (FTYP + wrapped(b'{"recipe": 7}'), "damaged"),
            (FTYP + wrapped(b'{"recipe": {"seed": ' + b"9" * 5000 + b"}}"), "damaged"),
            (FTYP + wrapped(b" " * (recipe_file.MOST + 1)), "damaged"),
        ],
        ids=[
            "nothing",
            "two-bytes",
            "gif",
            "no-box",
            "foreign-box",
            "truncated",
            "10-gigabytes",
            "zero-large",
            "size-3",
            "4-gigabytes",
            "short-uuid",
            "many-boxes",
            "no-utf8",
            "nested",
            "list",
            "number",
            "huge-number",
            "huge-json",
        ],
    )
    def test_get_a_sentence(self, data, words):
        with pytest.raises(NoRecipe, match=words):
            recipe_file.read(io.BytesIO(data))

    def test_what_was_typed_stays(self, as_alice, project):
        for data in (None, b"", b"GIF89a" + bytes(40)):
            response = refill(as_alice, project, data, prompt="Typed before", duration="7")

            composer = response.context["composer"]
            assert response.status_code == 200
            assert (composer.form["prompt"].value(), composer.form["duration"].value()) == ("Typed before", "7")
            assert composer.warnings
