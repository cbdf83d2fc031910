"""The composer's audio: uploaded, trimmed, played and used again by those who may, with words for what cannot be."""

import re
import uuid
from collections import deque

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from generations import storage
from generations.models import AudioUpload, Generation, Waveform
from tests.factories import AudioFactory, ProjectFactory, WaveformFactory
from tests.generations.media_files import write_audio

pytestmark = pytest.mark.usefixtures("media_directory")
URL = "/audio/upload"


@pytest.fixture
def song(tmp_path):
    """Bytes of an mp3 of 12 seconds."""
    return write_audio(tmp_path / "song.mp3", 12, silences=[(3, 4)]).read_bytes()


@pytest.fixture
def upload(as_alice, project):
    def upload(body, name="song.mp3", **values):
        form = {"project": str(project.uuid), "audio": SimpleUploadedFile(name, body), **values}
        return as_alice.post(URL, form)

    return upload


@pytest.fixture
def kept(upload, song):
    upload(song)
    return AudioUpload.objects.get()


class TestUpload:
    def test_keeps_the_file_and_answers_its_lane(self, upload, song, project, alice):
        response = upload(song)

        audio = AudioUpload.objects.get()
        assert (audio.project, audio.uploaded_by, audio.name, audio.original) == (project, alice, "song.mp3", None)
        assert Waveform.objects.get().audio == audio
        html = response.content.decode()
        assert f'name="audio_id" value="{audio.uuid}"' in html
        assert "data-due" in html
        assert "its waveform comes in a moment" in html

    def test_is_stored_under_a_key_of_chance_and_sent_as_what_it_is(self, upload, song, as_alice):
        """The name decides nothing: an upload without a type gets that of its ending, here text/html."""
        upload(song, name="../../page.html")

        audio = AudioUpload.objects.get()
        played = as_alice.get(f"/audio/{audio.uuid}/file")
        deque(played, maxlen=0)
        assert re.fullmatch(rf"[\w/-]*{audio.uuid}[\w/-]*\.mp3", audio.key)
        assert played["Content-Type"] == "audio/mpeg"
        assert played["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize(
        ("body", "words"), [(b"MZ" + bytes(4000), "not an mp3 or wav"), (b"", "empty"), (b"ID3", "damaged")]
    )
    def test_what_cannot_be_used_gets_words(self, upload, body, words):
        response = upload(body)

        assert response.status_code == 422
        assert words in response.content.decode() or "no audio" in response.content.decode()
        assert not AudioUpload.objects.exists()

    def test_nothing_at_all_gets_words(self, as_alice, project):
        response = as_alice.post(URL, {"project": str(project.uuid)})

        assert (response.status_code, response.content.decode().strip()) == (
            422,
            "The file did not arrive. Choose it again.",
        )

    def test_a_long_file_is_kept_and_to_be_trimmed(self, upload, tmp_path):
        response = upload(write_audio(tmp_path / "long.mp3", 41).read_bytes())

        html = response.content.decode()
        assert response.status_code == 200
        assert "Wan takes 2 to 30 s. Trim it here." in html
        assert '<details class="trim"' in html

    def test_a_file_name_is_text(self, upload, song):
        upload(song, "<b>مرحبا 🐈" + "x" * 200 + ".mp3")

        assert len(AudioUpload.objects.get().name) == 120

    @pytest.mark.parametrize(("who", "status"), [("bob", 200), ("vera", 403), ("charlie", 404)])
    def test_is_for_editors(self, client, project, song, who, status, request):
        client.force_login(request.getfixturevalue(who))

        response = client.post(URL, {"project": str(project.uuid), "audio": SimpleUploadedFile("a.mp3", song)})

        assert response.status_code == status
        assert AudioUpload.objects.exists() == (status == 200)

    def test_an_archived_project_says_that_it_is(self, upload, song, project):
        type(project).objects.filter(pk=project.pk).update(archived_at=timezone.now())

        answer = upload(song)

        assert answer.status_code == 403
        assert "data-denied>This project is archived" in answer.content.decode()

    def test_guests_sign_in(self, client, project):
        assert client.post(URL, {"project": str(project.uuid)}).status_code == 302


class TestTrim:
    def trim(self, client, audio, start, end, project=None):
        form = {"project": str((project or audio.project).uuid), "trim-from": start, "trim-to": end}
        return client.post(f"/audio/{audio.uuid}/trim", form)

    def test_makes_a_part_that_points_to_the_whole(self, as_alice, kept):
        response = self.trim(as_alice, kept, "2", "7.5")

        part = AudioUpload.objects.get(original=kept)
        assert (part.seconds, part.original_start, part.name, part.kind) == (5.5, 2, "song.mp3", "wav")
        assert storage.size(part.storage, part.key) == part.size
        assert storage.exists(kept.storage, kept.key)
        assert f'name="audio_id" value="{part.uuid}"' in response.content.decode()
        assert "from 2.0 to 7.5 s of the file" in response.content.decode()

    def test_a_part_is_trimmed_anew_from_the_whole(self, as_alice, kept):
        self.trim(as_alice, kept, "2", "7")
        part = AudioUpload.objects.get(original=kept)

        self.trim(as_alice, part, "0", "11")

        assert sorted(AudioUpload.objects.filter(original=kept).values_list("seconds", flat=True)) == [5, 11]

    def test_a_part_stays_in_the_project_of_its_file(self, as_alice, kept, team):
        self.trim(as_alice, kept, "2", "7", project=ProjectFactory(team=team))

        assert AudioUpload.objects.get(original=kept).project == kept.project

    def test_the_same_part_is_stored_once_and_all_of_it_is_the_file(self, as_alice, kept):
        for end in ("7", "7", "12.2"):
            self.trim(as_alice, kept, "0" if end != "7" else "2", end)

        assert AudioUpload.objects.filter(original=kept).count() == 1

    @pytest.mark.parametrize(
        ("start", "end", "words"),
        [
            ("3", "4", "Choose a part of 2 to 30 s."),
            ("9", "2", "Choose a part of 2 to 30 s."),
            ("50", "60", "Choose a part of 2 to 30 s."),
            ("nan", "nan", "Type from which second to which"),
            ("-inf", "inf", "Type from which second to which"),
            ("two", "", "Type from which second to which"),
        ],
    )
    def test_what_is_no_part_gets_words(self, as_alice, kept, start, end, words):
        response = self.trim(as_alice, kept, start, end)

        assert words in response.content.decode()
        assert not AudioUpload.objects.exclude(original=None).exists()

    def test_a_lost_file_gets_words(self, as_alice, project):
        response = self.trim(as_alice, AudioFactory(project=project), "0", "4")

        assert response.status_code == 422
        assert "not here any more" in response.content.decode()

    @pytest.mark.parametrize(("who", "status"), [("vera", 403), ("charlie", 404)])
    def test_is_for_editors(self, client, kept, who, status, request):
        client.force_login(request.getfixturevalue(who))

        assert self.trim(client, kept, "2", "7").status_code == status

    def test_needs_a_project_of_ones_own(self, as_alice, kept):
        assert self.trim(as_alice, kept, "2", "7", project=ProjectFactory()).status_code == 404


class TestOthers:
    """What is asked for by its name: members see it, nobody else."""

    @pytest.mark.parametrize("place", ["", "file"])
    @pytest.mark.parametrize(("who", "status"), [("bob", 200), ("vera", 200), ("charlie", 404)])
    def test_audio_of_others_is_not_there(self, client, kept, who, status, place, request):
        client.force_login(request.getfixturevalue(who))

        response = client.get(f"/audio/{kept.uuid}/{place}")
        response.close()
        assert response.status_code == status

    def test_guests_sign_in_for_any_name(self, client):
        assert client.get(f"/audio/{uuid.uuid4()}/file").status_code == 302

    def test_plays_in_ranges(self, as_alice, kept, song):
        response = as_alice.get(f"/audio/{kept.uuid}/file", headers={"Range": "bytes=10-19"})

        assert response.status_code == 206
        assert response.getvalue() == song[10:20]
        response.close()
        assert response["Content-Type"] == "audio/mpeg"

    def test_lane_shows_the_waveform_when_it_is_there(self, as_alice, project):
        waveform = WaveformFactory(audio=AudioFactory(project=project, seconds=12.4))

        html = as_alice.get(f"/audio/{waveform.audio.uuid}/").content.decode()

        assert html.count('<svg viewBox="0 0 80 100"') == 2
        assert 'data-quiet="3 6 7"' in html
        assert "data-due" not in html


class TestEarlier:
    def test_lists_the_project_s_own_newest_first(self, as_alice, project, team):
        first, second = (AudioFactory(project=project, name=name) for name in ("one.mp3", "two.mp3"))
        AudioFactory(project=ProjectFactory(team=team), name="elsewhere.mp3")

        html = as_alice.get("/audio/", {"project": project.uuid}).content.decode()

        assert html.index(str(second.uuid)) < html.index(str(first.uuid))
        assert "elsewhere" not in html

    def test_costs_few_queries(self, as_alice, project, django_assert_max_num_queries):
        for number in range(8):
            WaveformFactory(audio=AudioFactory(project=project, name=f"{number}.mp3"))

        with django_assert_max_num_queries(5):
            as_alice.get("/audio/", {"project": project.uuid})

    @pytest.mark.parametrize(("who", "status"), [("vera", 403), ("charlie", 404)])
    def test_is_for_editors(self, client, project, who, status, request):
        client.force_login(request.getfixturevalue(who))

        assert client.get("/audio/", {"project": project.uuid}).status_code == status


class TestWithoutScript:
    """Buttons of the lane post the whole composer: nothing typed is lost."""

    @pytest.fixture
    def step(self, as_alice, project):
        def step(do, **values):
            form = {"prompt": "A kite", "project": str(project.uuid), "duration": "10", "do": do, **values}
            return as_alice.post("/generations/", form)

        return step

    def test_a_file_is_kept_whatever_button_was_pressed(self, step, song):
        composer = step("add-shot", audio=SimpleUploadedFile("song.mp3", song)).context["composer"]

        assert composer.audio == AudioUpload.objects.get()
        assert composer.lane.total == 3  # a clip is as long as its shots, and this is one of three seconds
        assert composer.form["prompt"].value() == "A kite"

    def test_a_bad_file_gets_words(self, step):
        composer = step("add-shot", audio=SimpleUploadedFile("a.mp3", b"no")).context["composer"]

        assert composer.warnings == ("This is not an mp3 or wav file.",)

    def test_a_part_is_cut_out_and_the_whole_comes_back(self, step, kept):
        values = {"audio_id": str(kept.uuid), "trim-from": "1", "trim-to": "6"}

        part = step("trim-audio", **values).context["composer"].audio
        whole = step("whole-audio", audio_id=str(part.uuid)).context["composer"].audio

        assert (part.seconds, part.original) == (5, kept)
        assert whole == kept

    @pytest.mark.parametrize(
        ("start", "words"), [("x", "Type from which second"), ("11", "Choose a part of 2 to 30 s")]
    )
    def test_a_wrong_part_gets_words(self, step, kept, start, words):
        values = {"audio_id": str(kept.uuid), "trim-from": start, "trim-to": "12"}

        composer = step("trim-audio", **values).context["composer"]

        assert words in composer.warnings[0]
        assert composer.audio == kept

    def test_an_earlier_upload_is_listed_and_used(self, step, project):
        audio = AudioFactory(project=project)

        listed = step("earlier-audio")
        used = step(f"use-audio:{audio.uuid}").context["composer"]

        assert f'value="use-audio:{audio.uuid}"' in listed.content.decode()
        assert used.audio == audio

    def test_an_upload_of_others_cannot_be_used(self, step):
        assert step(f"use-audio:{AudioFactory().uuid}").context["composer"].audio is None

    def test_audio_deleted_elsewhere_gets_words(self, step):
        composer = step("board", audio_id=str(uuid.uuid4())).context["composer"]

        assert composer.warnings == ("This audio is not here any more. Choose the file again.",)

    def test_cuts_move_to_silences(self, step, project):
        waveform = WaveformFactory(audio=AudioFactory(project=project, seconds=12))
        shots = {
            f"shots-{index}-{name}": value
            for index, n in enumerate("248")
            for name, value in (("text", "x"), ("seconds", n))
        }

        composer = step("snap-cuts", audio_id=str(waveform.audio.uuid), **shots).context["composer"]

        assert [form["seconds"].value() for form in composer.shots] == ["3", "3", "8"]
        assert composer.warnings == ("1 cut moved to a silence.",)

    def test_cuts_of_a_shot_that_a_retake_leaves_as_it_is_stay(self, step, project):
        waveform = WaveformFactory(audio=AudioFactory(project=project, seconds=12))
        shots = {
            f"shots-{index}-{name}": value
            for index, n in enumerate("248")
            for name, value in (("text", "x"), ("seconds", n))
        }

        answer = step("snap-cuts", audio_id=str(waveform.audio.uuid), **shots, **{"shots-2-locked": "True"})

        assert [form["seconds"].value() for form in answer.context["composer"].shots] == ["2", "4", "8"]
        assert re.search(r'value="snap-cuts"[^>]* hidden>', answer.content.decode())

    def test_cuts_stay_where_no_silence_is_near(self, step, project):
        waveform = WaveformFactory(audio=AudioFactory(project=project), silences=[])

        composer = step("snap-cuts", audio_id=str(waveform.audio.uuid), **{"shots-0-text": "x", "shots-0-seconds": ""})

        assert composer.context["composer"].warnings == ("No silence is near a cut.",)

    def test_a_take_has_the_part_that_was_cut_out(self, step, as_alice, kept, project):
        part = step("trim-audio", **{"audio_id": str(kept.uuid), "trim-from": "1", "trim-to": "6"}).context["composer"]

        as_alice.post("/generations/", {"prompt": "x", "project": str(project.uuid), "audio_id": part.audio.uuid})

        assert Generation.objects.get().audio.original == kept
