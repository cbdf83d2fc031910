"""Enter in a field, without script: a browser presses the form's first button then, which must not be one that pays."""

from __future__ import annotations

import pytest

from generations.models import AudioUpload, Generation
from tests.factories import AccountFactory
from tests.form_of import first_button_of
from tests.generations.media_files import write_audio


@pytest.fixture
def account(team):
    return AccountFactory(team=team)


class TestComposer:
    @pytest.fixture
    def enter(self, as_alice, project, account):
        """Enter in the page of this answer, with what was typed."""

        def enter(page, **typed):
            button = first_button_of(page.content.decode(), "composer")
            assert not button.get("disabled")
            form = {"project": project.uuid, button["name"]: button["value"], **typed}
            return as_alice.post("/generations/", form)

        return enter

    @pytest.fixture
    def opened(self, as_alice, project, account):
        return as_alice.get("/studio/", {"project": project.uuid})

    def test_pays_nothing_and_says_the_price_of_what_stands_there(self, enter, opened):
        page = enter(opened, prompt="A kite", duration="10", resolution="720P", takes="2", seed="7")

        html = page.content.decode()
        assert page.status_code == 200
        assert not Generation.objects.exists()
        assert " · US$\xa02.00" in html
        assert "Ready perhaps in" in html
        form = page.context["composer"].form
        assert [form[name].value() for name in ("prompt", "duration", "seed")] == ["A kite", "10", "7"]

    def test_what_is_wrong_stays_as_it_was_typed(self, enter, opened):
        page = enter(opened, prompt="A kite", duration="99", seed="many")

        form = page.context["composer"].form
        assert (form["duration"].value(), form["seed"].value()) == ("99", "many")

    def test_shots_and_a_chosen_file_stay(self, enter, opened, tmp_path):
        shots = {
            "shots-TOTAL_FORMS": "2",
            "shots-INITIAL_FORMS": "0",
            **{f"shots-{index}-text": text for index, text in enumerate(("Rain", "Snow"))},
            **{f"shots-{index}-seconds": "3" for index in range(2)},
        }
        with write_audio(tmp_path / "theme.mp3", seconds=5).open("rb") as file:
            composer = enter(opened, prompt="", audio=file, **shots).context["composer"]

        assert [form["text"].value() for form in composer.shots] == ["Rain", "Snow"]
        assert composer.audio == AudioUpload.objects.get()

    def test_among_the_words_it_puts_them_in(self, enter, opened, as_alice, project):
        words = as_alice.post("/generations/", {"project": project.uuid, "prompt": "A kite", "do": "words"})

        composer = enter(words, prompt="A kite", words="moonlight", **{"say-line": "Come back!"}).context["composer"]

        assert "moonlight" in composer.form["prompt"].value()
        assert "Come back!" in composer.form["prompt"].value()

    def test_every_word_has_its_line_beside_it(self, as_alice, project, account):
        page = as_alice.post("/generations/", {"project": project.uuid, "prompt": "A kite", "do": "words"})

        html = page.content.decode()
        vocabulary = page.context["composer"].vocabulary
        words = [word for category in vocabulary.categories for word in category.words]
        for word in (*words, *vocabulary.sentences):
            assert f'value="{word.en}" aria-describedby="' in html
        assert html.count("<small id=") == len(words) + len(vocabulary.sentences)


class TestSheet:
    @pytest.mark.parametrize(("do", "first"), [("check", "check"), ("edit:2", "save:2")])
    def test_checks_the_rows_or_keeps_the_one_in_hand(self, as_alice, project, account, do, first):
        sheet = {"project": project.uuid, "text": "Rain\nSnow", "do": do}

        button = first_button_of(as_alice.post("/studio/sheet/", sheet).content.decode(), "call-sheet")

        assert (button["name"], button["value"]) == ("do", first)
        typed = {"editing": "2", "row-prompt": "Snow"} if do == "edit:2" else {}
        as_alice.post("/studio/sheet/", sheet | typed | {"do": first})
        assert not Generation.objects.exists()
