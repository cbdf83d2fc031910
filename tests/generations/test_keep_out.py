"""Presets of what to keep out of a clip, beside the composer's field."""

from __future__ import annotations

import pytest

from generations import keep_out
from generations.models import Template
from generations.models.template import Kind
from tests.factories import AccountFactory


class TestJoined:
    @pytest.mark.parametrize(
        ("typed", "preset", "text"),
        [
            ("", "blur, text", "blur, text"),
            ("blur", "text", "blur, text"),
            ("blur, ", "text", "blur, text"),
            ("blur, text", "text", "blur, text"),
            ("blur, text; smoke", "text", "blur, text; smoke"),
            ("blurry edges", "blur", "blurry edges, blur"),
            ("textures", "text", "textures, text"),
            ("模糊，文字", "文字", "模糊，文字"),
            ("不要文字", "文字", "不要文字，文字"),
            ("模糊", "文字", "模糊，文字"),
        ],
    )
    def test_loses_and_repeats_nothing(self, typed, preset, text):
        assert keep_out.joined(typed, preset) == text


class TestButtons:
    @pytest.fixture
    def post(self, as_alice, project, team):
        AccountFactory(team=team)

        def post(headers=None, **fields):
            return as_alice.post("/generations/", {"project": project.uuid, **fields}, headers=headers).content.decode()

        return post

    @pytest.fixture
    def preset(self, alice):
        recipe = {"negative_prompt": "blur, text"}
        return Template.objects.create(owner=alice, kind=Kind.NEGATIVE, name="Clean", recipe=recipe)

    def test_one_is_put_in_and_all_that_is_typed_stays(self, post, preset):
        html = post(do=f"keep-out:{preset.uuid}", negative_prompt="smoke", prompt="A boat", seed="41")

        assert "smoke, blur, text</textarea>" in html
        assert "A boat</textarea>" in html
        assert 'value="41"' in html

    def test_the_script_gets_the_field_alone(self, post, preset):
        asked = {"hx-request": "true", "hx-target": "keep-out"}

        html = post(asked, do=f"keep-out:{preset.uuid}", negative_prompt="")

        assert html.lstrip().startswith('<div class="field" id="keep-out">')
        assert "blur, text</textarea>" in html
        assert "Clean" in html

    def test_they_are_asked_for_when_their_place_is_in_sight(self, as_alice, post, preset, project):
        page = as_alice.get("/studio/", {"project": project.uuid}).content.decode()
        html = post({"hx-request": "true", "hx-target": "presets"}, do="presets", negative_prompt="smoke")

        assert "Clean" not in page
        assert 'value="presets"' in page
        assert f'value="keep-out:{preset.uuid}"' in html
        assert "smoke</textarea>" in html

    def test_what_is_typed_is_kept_once(self, post, alice):
        first = post(do="save-keep-out", negative_prompt=" extra fingers ")
        again = post(do="save-keep-out", negative_prompt="extra fingers")

        kept = Template.objects.get()
        assert (kept.owner, kept.kind, kept.name, kept.project) == (alice, Kind.NEGATIVE, "extra fingers", None)
        assert kept.recipe == {"negative_prompt": "extra fingers"}
        assert "Kept as “extra fingers”" in first
        assert "Kept already as “extra fingers”." in again

    def test_nothing_is_no_preset(self, post):
        assert "Write what to keep out first." in post(do="save-keep-out", negative_prompt="  ")
        assert not Template.objects.exists()

    @pytest.mark.parametrize("name", ["", "x", "00000000-0000-4000-8000-000000000000"])
    def test_one_that_is_gone_gets_words(self, post, name):
        html = post(do=f"keep-out:{name}", negative_prompt="smoke")

        assert "This preset is not here any more." in html
        assert "smoke</textarea>" in html

    def test_of_others_there_is_none(self, post, preset, charlie):
        Template.objects.update(owner=charlie)

        html = post(do=f"keep-out:{preset.uuid}", negative_prompt="")

        assert "This preset is not here any more." in html
        assert "Clean" not in html
