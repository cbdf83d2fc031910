from dataclasses import replace

import pytest


class TestBody:
    def test_has_exactly_the_documented_fields(self, video):
        full = replace(video, negative_prompt="blur", audio_url="https://a.example/b.mp3")

        assert full.body() == {
            "model": "wan2.7-t2v",
            "input": {
                "prompt": "A fox 狐狸 says: 'hi'",
                "negative_prompt": "blur",
                "audio_url": "https://a.example/b.mp3",
            },
            "parameters": {
                "resolution": "720P",
                "ratio": "16:9",
                "duration": 5,
                "prompt_extend": True,
                "watermark": False,
                "seed": 7,
            },
        }

    def test_omits_what_is_empty(self, video):
        body = replace(video, audio_url="", seed=None).body()

        assert set(body["input"]) == {"prompt"}
        assert "seed" not in body["parameters"]

    def test_keeps_a_seed_of_zero(self, video):
        assert replace(video, seed=0).body()["parameters"]["seed"] == 0

    def test_always_says_watermark_and_prompt_extend(self, video):
        parameters = replace(video, prompt_extend=False, watermark=False).body()["parameters"]

        assert parameters["prompt_extend"] is False
        assert parameters["watermark"] is False


class TestVideoRequest:
    @pytest.mark.parametrize(
        ("url", "needed"),
        [(None, False), ("", False), ("https://a.example/oss://b", False), ("oss://a/b.mp3", True), ("OSS://a", True)],
    )
    def test_knows_when_the_service_must_resolve_its_audio(self, video, url, needed):
        assert replace(video, audio_url=url).needs_oss_resolve is needed

    def test_does_not_show_its_texts(self, video):
        shown = repr(replace(video, negative_prompt="blur", audio_url="https://a.example/?Signature=s"))

        assert "fox" not in shown
        assert "blur" not in shown
        assert "Signature" not in shown
