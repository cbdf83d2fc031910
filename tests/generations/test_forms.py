"""Every wrong value gets a sentence beside its field, keeps what was typed, and costs nothing."""

import io
import uuid
import wave
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from generations.forms import MODEL, ComposerForm, complete
from generations.models import AudioUpload
from generations.shot_forms import ShotFormSet
from tests.factories import AudioFactory
from tests.generations.media_files import write_audio

GOOD = {"prompt": "A kite", "resolution": "720P", "ratio": "16:9", "duration": "5", "takes": "1"}


@pytest.fixture
def check(project, alice):
    """The composer's form with these values in place of good ones, checked."""

    def check(files=None, **values):
        form = ComposerForm(GOOD | values, files, project=project, user=alice)
        form.is_valid()
        form.compile(())
        return form

    return check


@pytest.fixture
def sent(db, media_directory, tmp_path):
    """An upload of these bytes under this name."""

    def sent(body, name="song.mp3"):
        return {"audio": SimpleUploadedFile(name, body)}

    return sent


class TestComposerForm:
    def test_a_good_recipe_passes(self, check):
        form = check(seed="7", negative_prompt="blur", watermark="on")

        assert form.is_valid()
        recipe = form.recipe((), "A kite")
        assert (recipe.duration, recipe.seed, recipe.watermark, recipe.prompt_extend) == (5, 7, True, False)

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("duration", "1", "Wan takes whole seconds from 2 to 15."),
            ("duration", "16", "Wan takes whole seconds from 2 to 15."),
            ("duration", "5.5", "Wan takes whole seconds from 2 to 15."),
            ("duration", "", "Wan takes whole seconds from 2 to 15."),
            ("duration", "soon", "Wan takes whole seconds from 2 to 15."),
            ("resolution", "4K", "Wan renders at 720P, 1080P."),
            ("ratio", "21:9", "Wan renders in 16:9, 9:16, 1:1, 4:3, 3:4."),
            ("seed", "-1", "A seed is a whole number from 0 to 2,147,483,647, or empty for a random one."),
            ("seed", str(2**31), "A seed is a whole number from 0 to 2,147,483,647, or empty for a random one."),
            ("seed", "seven", "A seed is a whole number from 0 to 2,147,483,647, or empty for a random one."),
            ("takes", "0", "One press makes 1 to 4 takes."),
            ("takes", "5", "One press makes 1 to 4 takes."),
            ("prompt", "", "Write a prompt first."),
            ("prompt", " \n ", "Write a prompt first."),
            ("prompt", "x" * 5001, "1 character too many, Wan would cut the end off."),
            ("prompt", "雨" * 5212, "212 characters too many, Wan would cut the end off."),
            ("negative_prompt", "x" * 501, "1 character too many, Wan would cut the end off."),
        ],
    )
    def test_a_wrong_value_has_its_sentence(self, check, field, value, sentence):
        form = check(**{field: value})

        assert [str(error) for error in form.errors[field]] == [sentence]
        assert set(form.errors) == {field}

    @pytest.mark.parametrize(("field", "length"), [("prompt", 5000), ("negative_prompt", 500)])
    def test_text_may_be_as_long_as_wan_takes_it(self, check, field, length):
        assert check(**{field: "雨" * length}).is_valid()

    def test_a_line_end_counts_once(self, check):
        assert check(prompt="\r\n".join(["x"] * 2500) + "y").is_valid()

    def test_a_nul_is_refused(self, check):
        assert "prompt" in check(prompt="a\x00b").errors

    @pytest.mark.parametrize("token", ["", "not-a-uuid"])
    def test_a_spoilt_token_is_replaced(self, check, token):
        assert isinstance(check(press=token).cleaned_data["press"], uuid.UUID)


class TestAudio:
    def test_a_song_is_kept(self, check, sent, tmp_path):
        body = write_audio(tmp_path / "a.mp3", 3).read_bytes()

        form = check(sent(body))

        assert form.is_valid(), form.errors
        audio = AudioUpload.objects.get()
        assert form.kept_audio == audio
        assert (audio.kind, round(audio.seconds), audio.size, audio.name) == ("mp3", 3, len(body), "song.mp3")

    def test_the_same_file_is_stored_once(self, check, sent, tmp_path):
        body = write_audio(tmp_path / "a.mp3", 3).read_bytes()
        first = check(sent(body)).kept_audio

        assert check(sent(body, "again.mp3")).kept_audio == first

    def test_it_is_kept_when_another_field_is_wrong(self, check, sent, tmp_path):
        form = check(sent(write_audio(tmp_path / "a.mp3", 3).read_bytes()), duration="1")

        assert not form.is_valid()
        assert form.kept_audio == AudioUpload.objects.get()

    @pytest.mark.parametrize(
        ("body", "name", "words"),
        [
            (b"", "empty.mp3", "empty"),
            (b"MZ" + b"\0" * 4000, "song.mp3", "not an mp3 or wav"),
            (b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1/secret\n", "list.mp3", "not an mp3 or wav"),
            (b"ID3" + b"\0" * (61 * 2**20), "long.mp3", "up to 60 MB can be kept"),
        ],
    )
    def test_what_is_no_audio_is_refused(self, check, sent, body, name, words):
        form = check(sent(body, name))

        assert words in str(form.errors["audio"])
        assert not AudioUpload.objects.exists()

    def test_a_cut_mp3_is_refused(self, check, sent, tmp_path):
        body = write_audio(tmp_path / "a.mp3", 10).read_bytes()

        form = check(sent(body[: len(body) // 3]))

        assert "audio" in form.errors

    def test_what_is_too_short_for_wan_is_refused(self, check, sent, tmp_path):
        form = check(sent(write_audio(tmp_path / "a.mp3", 1).read_bytes()))

        assert "Wan takes 2 to 30 s." in str(form.errors["audio"])

    def test_what_is_too_long_for_wan_is_kept_to_be_trimmed(self, check, sent, tmp_path):
        form = check(sent(write_audio(tmp_path / "a.mp3", 31).read_bytes()))

        assert "Wan takes 2 to 30 s. Trim it here." in str(form.errors["audio"])
        assert form.kept_audio == AudioUpload.objects.get()

    def test_a_bomb_in_a_wav_is_refused(self, check, sent):
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("0", b"\0" * 2**22)

        assert "audio" in check(sent(b"RIFF" + bomb.getvalue(), "bomb.wav")).errors

    def test_a_wav_is_kept(self, check, sent):
        body = io.BytesIO()
        with wave.open(body, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(b"\x10\x20" * 8000 * 3)

        assert check(sent(body.getvalue(), "song.wav")).kept_audio.kind == "wav"

    def test_a_kept_upload_is_found_by_its_id(self, check, project):
        audio = AudioFactory(project=project)

        assert check(audio_id=str(audio.uuid)).kept_audio == audio

    def test_audio_of_others_does_not_exist(self, check):
        for given in (str(AudioFactory().uuid), str(uuid.uuid4()), "song"):
            assert "Choose the file again" in str(check(audio_id=given).errors["audio"])


class TestShots:
    def shots(self, *shots, **data):
        for index, (text, seconds) in enumerate(shots):
            data |= {f"shots-{index}-text": text, f"shots-{index}-seconds": seconds}
        data |= {"shots-TOTAL_FORMS": str(len(shots)), "shots-INITIAL_FORMS": "0"}
        return ShotFormSet(data, prefix="shots")

    def compiled(self, project, alice, formset, **values):
        form = ComposerForm(GOOD | values, project=project, user=alice)
        assert formset.is_valid()
        return form, form.is_valid() and form.compile(formset.shots)

    def test_they_become_one_prompt(self, project, alice):
        formset = self.shots(("Wide: the harbour", "2"), ("Close: a rope", "3"))

        form, sent = self.compiled(project, alice, formset)

        assert form.is_valid()
        assert sent == "A kite\nShot 1 [0-2s] Wide: the harbour\nShot 2 [2-5s] Close: a rope"

    def test_they_need_no_prompt_beside_them(self, project, alice):
        form, sent = self.compiled(project, alice, self.shots(("One", "2"), ("Two", "3")), prompt="")

        assert form.is_valid()
        assert sent.startswith("Shot 1 [0-2s] One")

    def test_longer_than_wan_takes(self, project, alice):
        form, _sent = self.compiled(project, alice, self.shots(("One", "9"), ("Two", "8")), duration="15")

        assert form.errors["duration"] == ["The shots add up to 17 s, Wan takes up to 15."]

    def test_longer_than_the_clip(self, project, alice):
        form, _sent = self.compiled(project, alice, self.shots(("One", "4"), ("Two", "5")), duration="5")

        assert "The shots add up to 9 s, the clip has 5 s." in form.errors["duration"][0]

    def test_the_compiled_text_is_what_counts(self, project, alice):
        formset = self.shots(("x" * 2500, "2"), ("y" * 2500, "3"))

        form, sent = self.compiled(project, alice, formset)

        assert f"{len(sent) - MODEL.prompt_limit} characters too many" in form.errors["prompt"][0]

    def test_a_blank_shot_among_others_has_to_be_written(self):
        formset = self.shots(("One", "2"), ("", "3"))

        assert not formset.is_valid()
        assert formset.errors[1]["text"] == ["Write this shot, or remove it."]

    def test_blank_shots_alone_are_none(self):
        formset = self.shots(("", "3"), ("", "3"))

        assert formset.is_valid()
        assert formset.shots == ()

    @pytest.mark.parametrize("seconds", ["0", "-3", "1000", "2.5", "x"])
    def test_seconds_are_whole(self, seconds):
        assert self.shots(("One", seconds)).errors[0]["seconds"] == ["Whole seconds, from 1 on."]

    def test_each_has_seconds_or_none_has(self):
        formset = self.shots(("One", "2"), ("Two", ""), ("Three", "3"))

        assert formset.errors[1] == {"seconds": ["Give this shot seconds too, or no shot any: else no times are sent."]}
        assert self.shots(("One", ""), ("Two", "")).is_valid()

    def test_more_than_the_clip_has_seconds(self, project, alice):
        form, _sent = self.compiled(project, alice, self.shots(*[("x", "")] * 6), duration="5")

        assert form.errors["duration"] == ["6 shots do not fit in 5 s: each lasts a second at least."]

    def test_too_many(self):
        formset = self.shots(*[("x", "1")] * 16)

        assert not formset.is_valid()

    def test_a_script_may_leave_out_the_bookkeeping(self, rf):
        request = rf.post("/", {"prompt": "A kite", "shots-0-text": "One", "shots-1-text": "Two"})

        data = complete(request.POST)

        assert data["shots-TOTAL_FORMS"] == "2"
        assert (data["resolution"], data["duration"]) == (MODEL.default_resolution, "5")
