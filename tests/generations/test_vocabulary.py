"""The words the composer offers."""

import pytest

from generations import vocabulary


class TestVocabulary:
    def test_every_word_has_three_languages_and_a_line(self):
        known = vocabulary.load()

        words = [word for category in known.categories for word in category.words] + list(known.sentences)
        assert all(word.en and word.hant and word.hans and word.about_en.endswith(".") for word in words)
        assert all(word.about_hant.endswith("。") and word.about_hans.endswith("。") for word in words)
        assert len({word.en for word in words}) == len(words)

    def test_what_is_asked_for_is_there(self):
        titles = {category.title for category in vocabulary.load().categories}

        assert titles >= {
            "Shot size",
            "Angle",
            "Lens",
            "Camera move",
            "Light",
            "Colour",
            "Time",
            "Style",
            "Sound",
            "Voice",
        }

    def test_an_entry_with_a_part_missing_is_refused(self, tmp_path):
        file = tmp_path / "words.toml"
        file.write_text('[[category]]\nname = ["A", "B", "C"]\nwords = [["one", "two", "three"]]\n')

        with pytest.raises(TypeError):
            vocabulary.load(file)


class TestWords:
    def test_a_page_to_read_without_script(self, client, alice):
        client.force_login(alice)

        html = client.get("/generations/words", headers={"accept-language": "zh-hans"}).content.decode()

        assert "<html" in html
        assert "镜头推进" in html

    def test_chips_for_the_composer(self, client, alice):
        client.force_login(alice)

        html = client.get("/generations/words", headers={"HX-Request": "true"}).content.decode()

        assert "<html" not in html
        assert 'data-hans="镜头推进"' in html

    def test_nobody_else_reads_it(self, client, db):
        assert client.get("/generations/words").status_code == 302
