"""Words put into a text without script, in the text's own language."""

from __future__ import annotations

import re

import pytest
from django.http import QueryDict
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from generations import wording
from generations.shots import Shot, compile_prompt, parse_prompt
from generations.vocabulary import load
from tests.factories import AccountFactory


def words(*names):
    return [word for category in load().chosen(names) for word in category]


class TestWithWords:
    @pytest.mark.parametrize(
        ("text", "result"),
        [
            ("", "close-up, moonlight"),
            ("A boat", "A boat, close-up, moonlight"),
            ("A boat.  ", "A boat. close-up, moonlight"),
            ("一条小船", "一条小船，特写，月光"),
            ("一条小船。", "一条小船。特写，月光"),
        ],
    )
    def test_follow_the_text(self, text, result):
        assert wording.with_words(text, words("close-up", "moonlight")) == result

    def test_of_an_empty_text_follow_the_reader(self):
        with translation.override("zh-hant"):
            assert wording.with_words("", words("close-up")) == "特寫"

    def test_a_spoken_line_and_a_sentence_end_the_text(self):
        posted = QueryDict(mutable=True)
        posted.update({"say-who": "The girl", "say-how": "quietly", "say-line": "Come back!"})
        posted.setlist("words", ["No background music."])

        text = wording.with_chosen("A quay at dusk", posted)

        assert text == 'A quay at dusk. The girl says quietly: "Come back!" No background music.'

    def test_what_it_does_is_said_in_the_readers_language(self):
        word = words("close-up")[0]

        with translation.override("zh-hans"):
            assert word.about == "脸或一件物品占满画面，用于情绪与细节。"
        with translation.override("en"):
            assert word.about.startswith("The face")


typed = st.text(
    st.sampled_from('a  :{}"\\“」é一\u3000') | st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12
)
typed |= st.sampled_from(["{line}", "{how}", "a  b", "a : b", r"\\1 \\g<0>", "$&"])


class TestSpokenLine:
    @given(typed, typed, typed.filter(str.strip), st.sampled_from(["A quay", "一条小船"]))
    def test_keeps_what_was_typed_to_the_letter(self, who, how, line, text):
        told = wording.spoken_line(load().spoken, text, who=who, how=how, line=line)

        pattern = wording.spelled(load().spoken, text)
        who, how, line = who.strip(), how.strip(), line.strip()
        between = [piece.strip() for piece in wording.PART.split(pattern)[2::2]]
        assert told.startswith(who)
        assert told.endswith(f"{line}{between[-1]}")
        assert len(told) <= len(pattern) - len("{who}{how}{line}") + len(who + how + line)
        assert how in told[len(who) :]

    @pytest.mark.parametrize(
        ("who", "how", "told"),
        [
            ("The  girl : Ann", "in  a low voice", 'The  girl : Ann says in  a low voice: "Wait …  {who} : now"'),
            ("", "quietly", 'says quietly: "Wait …  {who} : now"'),
            ("The girl", " ", 'The girl says: "Wait …  {who} : now"'),
            ("{line}", "", '{line} says: "Wait …  {who} : now"'),
        ],
    )
    def test_closes_up_where_a_part_is_left_out(self, who, how, told):
        assert wording.spoken_line(load().spoken, "", who=who, how=how, line="Wait …  {who} : now ") == told

    @given(typed, typed, typed.filter(str.strip))
    def test_comes_back_from_the_text_to_the_board(self, who, how, line):
        shots = tuple(
            Shot(wording.spoken_line(load().spoken, "A quay", who=who, how=how, line=f"{line}{number}"), number)
            for number in (1, 2)
        )

        assert parse_prompt(compile_prompt("A quay", shots)).shots == shots


class TestWithoutScript:
    @pytest.fixture
    def post(self, as_alice, project, team):
        AccountFactory(team=team)
        return lambda **fields: as_alice.post("/generations/", {"project": project.uuid, **fields})

    def test_the_button_opens_the_words_and_loses_nothing(self, post):
        html = post(do="words", prompt="A boat", seed="41").content.decode()

        assert 'name="words" value="close-up"' in html
        assert "A boat</textarea>" in html
        assert 'value="41"' in html

    def test_chosen_words_are_put_into_the_prompt(self, post):
        html = post(do="put-words", prompt="A boat", words=["close-up", "moonlight"]).content.decode()

        assert "A boat, close-up, moonlight</textarea>" in html

    def test_or_into_a_shot(self, post):
        shots = {"shots-0-text": "Wide", "shots-0-seconds": "2", "shots-1-text": "Near", "shots-1-seconds": "2"}

        html = post(
            do="put-words", prompt="A boat", words=["handheld"], **{"words-into": "1"}, **shots
        ).content.decode()

        assert "Near, handheld</textarea>" in html
        assert "Wide</textarea>" in html

    def test_a_locked_shot_is_neither_offered_nor_changed(self, post):
        shots = {"shots-0-text": "Wide", "shots-0-seconds": "2", "shots-0-locked": "on"}
        shots |= {"shots-1-text": "Near", "shots-1-seconds": "2"}

        html = post(do="words", prompt="A boat", **shots).content.decode()
        forged = post(do="put-words", prompt="A boat", words=["handheld"], **{"words-into": "0"}, **shots)

        assert re.findall(r'<option value="(\d+)">Shot \d', html) == ["1"]
        assert "Wide</textarea>" in forged.content.decode()
        assert "A boat, handheld</textarea>" in forged.content.decode()

    @pytest.mark.parametrize("into", ["99", "x", "-1", "9999999"])
    def test_an_odd_target_is_the_prompt(self, post, into):
        html = post(
            do="put-words", prompt="A boat", words=["handheld", "no such"], **{"words-into": into}
        ).content.decode()

        assert "A boat, handheld</textarea>" in html


class TestSilentAndSpoken:
    @pytest.mark.parametrize(
        "text",
        [
            'A quay. The girl says quietly: "Come back!" No dialogue.',
            "no dialogue, she whispers “Come”",
            "一条小船。女孩轻声说：“回来！”无台词。",
            "女孩說：「回來！」無台詞。",
        ],
    )
    def test_is_told(self, text):
        assert wording.is_silent_and_spoken(text)

    @pytest.mark.parametrize(
        "text",
        ['The girl says: "Come back!"', 'A sign: "No dialogue."', "No dialogue. She says nothing.", "无台词。", ""],
    )
    def test_is_not_told_of_one_of_them_alone(self, text):
        assert not wording.is_silent_and_spoken(text)

    def test_a_composer_without_script_says_so(self, as_alice, project, team):
        AccountFactory(team=team)
        data = {"project": str(project.uuid), "prompt": "No dialogue.", "do": "add-shot"}
        shots = {"shots-TOTAL_FORMS": "1", "shots-INITIAL_FORMS": "0", "shots-0-seconds": "3"}

        apart, both = (
            as_alice.post("/generations/", data | shots | {"shots-0-text": text}).content.decode()
            for text in ("A quay", 'She says: "Come!"')
        )

        assert "<p data-silent-note hidden>" in apart
        assert "<p data-silent-note>" in both
