"""The board's buttons without script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.arranging import Arrangement
from generations.shots import Shot, compile_prompt

SHOTS = [{"text": "a", "seconds": "3"}, {"text": "b", "seconds": "2"}, {"text": "c", "seconds": "4"}]


def arranged(step, index=-1, *, prompt="Sea", shots=SHOTS, seconds=9):
    arrangement = Arrangement(prompt, shots and [dict(shot) for shot in shots], seconds)
    arrangement.do(step, index)
    return arrangement


class TestArrangement:
    @pytest.mark.parametrize(
        ("step", "index", "order"),
        [
            ("copy-shot", 1, "abbc"),
            ("remove-shot", 0, "bc"),
            ("shot-earlier", 2, "acb"),
            ("shot-earlier", 0, "abc"),
            ("shot-later", 0, "bac"),
            ("shot-later", 2, "abc"),
            ("shot-later", 7, "abc"),
            ("add-shot", -1, ["a", "b", "c", ""]),
            ("dance", 0, "abc"),
        ],
    )
    def test_order(self, step, index, order):
        assert [shot["text"] for shot in arranged(step, index).shots] == list(order)

    def test_a_list_that_is_too_long_for_a_form_stays_in_the_text(self):
        prompt = "\n".join(f"Shot {number} [{number}-{number + 1}s] Boat {number}" for number in range(300))

        opened = arranged("board", prompt=prompt, shots=None)

        assert opened.prompt == prompt
        assert [shot["text"] for shot in opened.shots] == ["", "", ""]

    def test_the_last_shot_takes_the_board_with_it(self):
        assert arranged("remove-shot", 0, shots=SHOTS[:1]).shots is None

    def test_an_open_board_stays_as_it_is(self):
        assert arranged("board", prompt="Shot 1 [0-3s] x").shots == SHOTS

    def test_a_prompt_with_shots_fills_it(self):
        opened = arranged("board", prompt="Sea. Shot 1 [0-3s] a Shot 2 [2-4s] b", shots=None)

        assert (opened.prompt, opened.shots) == ("Sea.", [{"text": "a", "seconds": "3"}, {"text": "b", "seconds": "2"}])
        assert "overlap" in opened.warnings[0]

    def test_another_prompt_gets_blank_shots(self):
        assert len(arranged("board", shots=None).shots) == 3

    @pytest.mark.parametrize(
        ("seconds", "ends", "said"),
        [("", 3, "given 1 s"), ("0", 3, "given 1 s"), ("x", 3, "given 1 s"), ("2.5", 5, "rounded")],
    )
    def test_a_shot_without_seconds_leaves_the_others_theirs(self, seconds, ends, said):
        shots = [{"text": "sea", "seconds": "2"}, {"text": "ship", "seconds": seconds}]

        arrangement = arranged("prompt", prompt="", shots=shots)

        assert arrangement.prompt == f"Shot 1 [0-2s] sea\nShot 2 [2-{ends}s] ship"
        (warning,) = arrangement.warnings
        assert said in warning

    def test_blank_shots_leave_no_text_behind(self):
        assert arranged("prompt", shots=[{"text": " ", "seconds": "3"}]).prompt == "Sea"

    @given(st.text(max_size=30), st.lists(st.tuples(st.text(min_size=1), st.integers(1, 15)), min_size=2, max_size=6))
    def test_from_board_to_prompt_to_board_nothing_is_lost(self, prompt, pairs):
        shots = [{"text": text, "seconds": str(seconds)} for text, seconds in pairs]
        if not any(text.strip() for text, _seconds in pairs):
            return

        closed = arranged("prompt", prompt=prompt, shots=shots)
        opened = arranged("board", prompt=closed.prompt, shots=None)

        again = [Shot(shot["text"], int(shot["seconds"])) for shot in opened.shots]
        assert compile_prompt(opened.prompt, again) == closed.prompt
        assert [shot.seconds for shot in again] == [seconds for _text, seconds in pairs]
