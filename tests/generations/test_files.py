import uuid
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from generations import storage
from generations.clip_names import of_file as file_name
from tests.factories import GenerationFactory, ProjectFactory, ReadyFactory, SceneFactory

VIDEO = b"\x00\x00\x00\x18ftypisom" + bytes(12) + b"\x00\x00\x08\x08mdat" + bytes(range(256)) * 8
FILES = ["video", "download", "poster", "preview", "strip"]


def keep(take, tmp_path, *, derived=True):
    """Put the objects of a clip into the default storage and their facts on the row."""
    source = tmp_path / "source"
    names = ["poster.webp", "poster-small.webp", "preview.mp4", "strip.webp"] if derived else []
    for name in names:
        source.write_bytes(name.encode())
        storage.put_file(source, storage.generation_key(take.uuid, name), content_type="image/webp")
    source.write_bytes(VIDEO)
    stored = storage.put_file(source, storage.generation_key(take.uuid, "video.mp4"), content_type="video/mp4")
    take.storage, take.video_key, take.video_size = stored.storage, stored.key, stored.size
    take.video_sha256 = stored.sha256
    take.derived_at = datetime(2026, 11, 22, 12, tzinfo=UTC) if derived else None
    take.save()
    return take


def url(name, take):
    return reverse(f"generations:{name}", args=[take.uuid])


def fetch(client, name, take, data=None, method="get", **headers):
    """The response with its `body`; the client closes it when it has been read."""
    response = getattr(client, method)(url(name, take), data, headers=headers)
    response.body = b"".join(response.streaming_content) if response.streaming else response.content
    return response


@pytest.fixture
def clip(project, alice, media_directory, tmp_path):
    scene = SceneFactory(project=project, created_by=alice, name="Fishing boat")
    return keep(ReadyFactory(scene=scene, number=4), tmp_path)


@pytest.fixture
def as_vera(client, vera):
    client.force_login(vera)
    return client


class TestWho:
    @pytest.mark.parametrize("name", FILES)
    def test_member_gets_the_file(self, as_vera, clip, name):
        response = fetch(as_vera, name, clip)

        assert response.status_code == 200
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response.body

    @pytest.mark.parametrize("name", FILES)
    def test_stranger_gets_404(self, client, charlie, clip, name):
        client.force_login(charlie)

        assert client.get(url(name, clip)).status_code == 404

    @pytest.mark.parametrize("name", FILES)
    def test_guest_is_sent_to_sign_in_for_any_id(self, client, clip, name):
        for known in (clip.uuid, uuid.uuid4()):
            response = client.get(reverse(f"generations:{name}", args=[known]))

            assert response.status_code == 302
            assert response["Location"].startswith(reverse("account_login"))

    @pytest.mark.parametrize("name", FILES)
    def test_only_reading(self, as_vera, clip, name):
        assert as_vera.post(url(name, clip)).status_code == 405


class TestVideo:
    def test_range(self, as_vera, clip):
        response = fetch(as_vera, "video", clip, **{"Range": "bytes=4-7"})

        assert response.status_code == 206
        assert response["Content-Range"] == f"bytes 4-7/{len(VIDEO)}"
        assert response.body == b"ftyp"

    def test_range_beyond_the_end(self, as_vera, clip):
        response = fetch(as_vera, "video", clip, **{"Range": "bytes=999999-"})

        assert response.status_code == 416

    def test_head_tells_size_and_type(self, as_vera, clip):
        response = fetch(as_vera, "video", clip, method="head")

        assert response["Content-Length"] == str(len(VIDEO))
        assert response["Content-Type"] == "video/mp4"

    def test_is_known_by_its_checksum(self, as_vera, clip):
        response = fetch(as_vera, "video", clip)

        assert response["ETag"] == f'"{clip.video_sha256}"'
        assert fetch(as_vera, "video", clip, **{"If-None-Match": response["ETag"]}).status_code == 304

    def test_other_bytes_since_are_sent_whole(self, as_vera, clip):
        response = fetch(as_vera, "video", clip, **{"Range": "bytes=4-7", "If-Range": '"other"'})

        assert response.status_code == 200

    def test_stays_private(self, as_vera, clip):
        response = fetch(as_vera, "video", clip)

        assert "private" in response["Cache-Control"]
        assert "Cookie" in response["Vary"]

    @pytest.mark.parametrize("name", ["video", "download"])
    @pytest.mark.parametrize("status", ["queued", "running", "failed"])
    def test_before_ready_a_member_is_told_why_not(self, as_vera, project, name, status):
        take = GenerationFactory(scene__project=project, status=status)

        response = fetch(as_vera, name, take)

        assert response.status_code == 409
        assert "This video is not there yet" in response.body.decode() or status == "failed"

    def test_file_gone_from_the_disk_is_404(self, as_vera, project, media_directory):
        assert fetch(as_vera, "video", ReadyFactory(scene__project=project)).status_code == 404

    def test_storage_that_is_not_set_up_says_so(self, as_vera, project):
        take = ReadyFactory(scene__project=project, storage="s3")

        response = fetch(as_vera, "video", take)

        assert response.status_code == 503
        assert "not set up" in response.body.decode()


class TestDerived:
    def test_small_poster(self, as_vera, clip):
        small, large = fetch(as_vera, "poster", clip, {"size": "small"}), fetch(as_vera, "poster", clip)

        assert (small.body, large.body) == (b"poster-small.webp", b"poster.webp")
        assert small["Content-Type"] == "image/webp"

    @pytest.mark.parametrize("name", ["poster", "preview", "strip"])
    def test_missing_until_it_is_made(self, as_vera, project, media_directory, tmp_path, name):
        take = keep(ReadyFactory(scene__project=project), tmp_path, derived=False)

        assert fetch(as_vera, name, take).status_code == 404


class TestDownload:
    def test_is_an_attachment_with_a_telling_name(self, as_vera, clip):
        response = fetch(as_vera, "download", clip)

        assert response["Content-Disposition"] == 'attachment; filename="harbour-film_fishing-boat_take-4.mp4"'
        assert response.body.startswith(VIDEO)

    def test_chinese_names_are_kept(self, as_vera, project, alice, media_directory, tmp_path):
        scene = SceneFactory(project=project, created_by=alice, name="漁船出港")
        take = keep(ReadyFactory(scene=scene, number=1), tmp_path)

        disposition = fetch(as_vera, "download", take)["Content-Disposition"]

        assert disposition.startswith("attachment; filename*=utf-8''harbour-film_%E6%BC%81")

    @pytest.mark.parametrize("name", ['../"x"\r\n', "///", "🎬", "\u202egnp.exe", "a" * 80])
    def test_nothing_but_letters_digits_and_hyphens(self, db, name):
        scene = SceneFactory.build(name=name, project=ProjectFactory.build(name=name))
        take = ReadyFactory.build(scene=scene, project=scene.project, number=3, owner=None, account=None)

        made = file_name(take)

        assert made.endswith("take-3.mp4")
        assert made.removesuffix(".mp4").replace("-", "").replace("_", "").isalnum()
        assert len(made) < 100


class TestBucket:
    @pytest.fixture
    def clip(self, project, alice, bucket, tmp_path):
        scene = SceneFactory(project=project, created_by=alice, name="Fishing boat")
        return keep(ReadyFactory(scene=scene, number=4), tmp_path)

    @pytest.mark.parametrize("name", FILES)
    def test_redirects_to_a_signed_url_for_half_of_its_life(self, as_vera, clip, name):
        response = fetch(as_vera, name, clip, {"clean": "1"})

        assert response.status_code == 302
        assert "Signature=" in response["Location"]
        assert response["Cache-Control"] == "private, max-age=1800"
        assert "Cookie" in response["Vary"]

    def test_head_is_answered_from_the_row(self, as_vera, clip, wire):
        response = fetch(as_vera, "video", clip, method="head")

        assert response.status_code == 200
        assert response["Content-Length"] == str(len(VIDEO))
        assert not wire

    def test_download_names_the_file_in_the_signed_url(self, as_vera, clip):
        response = fetch(as_vera, "download", clip, {"clean": "1"})

        assert "harbour-film_fishing-boat_take-4.mp4" in response["Location"]

    def test_stranger_gets_no_signed_url(self, client, charlie, clip):
        client.force_login(charlie)

        assert client.get(url("video", clip)).status_code == 404
