"""static/js/shots.js against generations/shots.py, in the browser, on what people and hypothesis type."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from generations.lane import snapped
from generations.proof import shortened
from generations.shots import Shot, compile_prompt, language, parse_prompt
from tests.generations.test_shots import TRAPS

pytestmark = pytest.mark.e2e
SCRIPT = Path(__file__).resolve().parents[2] / "static/js/shots.js"
PIECES = [
    *TRAPS,
    *"０１²Ⅷ〇〢ſKéß\u00ad\u0301\ufeff\x1c\x1f\x85\xa0\u3000",
    *(
        "镜头1 ",
        "第二个镜头",
        "第十一个镜头：",
        "镜头3[6-9秒]",
        "第１个镜头",
        "shot 1",
        "SHOT #2: ",
        "ſhot 3",
        "Kshot 2",
        "éshot 3",
        "ıshot 1 [0-2s]",
        "İshot 2 [2-4s]",
        "第1個鏡頭[0-3秒]",
        "鏡頭2[3-6秒]",
        "Shot 1: [0-3s] a",
        "鏡頭2 ：（3至6秒）",
    ),
    *(
        "Shot 1 [0-3s]\n",
        "Shot 2 (3 – 6 sec):",
        "shot 3【6.5至9.4秒】",
        "[0-3s]",
        "shot 1 [5-2s]",
        "shot 2 [1-4]",
        "[3-3]",
    ),
    *("generate a single-shot video. ", "égenerate single shot", "generate single shots", "生成单镜头", "单镜头"),
    *("生成單鏡頭影片，", "generate sıngle shot", "GENERATE SİNGLE SHOT", "generate single shot vıdeo", *"ıİ"),
    *("a cat runs", "，", "；", " ,;", "\t", "雨", "夜 rain", "\n", " \n", "💡", "\U00020000"),
    *("Generate single shot. a", " Generate single shot.", "Shot 007 [00-04s] x", "Shot 1 [9-3s] y"),
]
WARNINGS = {"overlapping": "overlap", "backwards": "ends before", "fractional": "whole seconds", "renumbered": "anew"}


@pytest.fixture(scope="module")
def shots_script(chromium):
    """Calls a function of the module in the page with a list of argument lists; all answers at once."""
    page = chromium.new_page()
    page.route("http://shots.test/**", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.route(
        "http://shots.test/shots.js",
        lambda route: route.fulfill(body=SCRIPT.read_text(), content_type="text/javascript"),
    )
    page.goto("http://shots.test/")
    call = "async ([name, all]) => { const m = await import('/shots.js'); return all.map((args) => m[name](...args)); }"
    yield lambda name, calls: page.evaluate(call, [name, calls])
    page.close()


@pytest.fixture(scope="module")
def typed():
    """2000 texts and boards, the same in every run."""
    dice = random.Random(27)

    def text(most: int = 7) -> str:
        return "".join(dice.choices(PIECES, k=dice.randint(0, most)))

    boards = [(text(), [Shot(text(4), dice.randint(0, 15)) for _ in range(dice.randint(0, 5))]) for _ in range(2000)]
    return [text(9) for _ in range(2000)], boards


def as_sent(shots):
    return [{"text": shot.text, "seconds": shot.seconds} for shot in shots]


class TestScript:
    def test_tells_languages_apart_as_the_server_does(self, shots_script, typed):
        texts, _boards = typed

        assert shots_script("language", [[text] for text in texts]) == [language(text) for text in texts]

    def test_compiles_as_the_server_does(self, shots_script, typed):
        _texts, boards = typed

        answers = shots_script("compilePrompt", [[overall, as_sent(shots)] for overall, shots in boards])

        assert answers == [compile_prompt(overall, shots) for overall, shots in boards]

    def test_shortens_as_the_server_does(self, shots_script):
        dice = random.Random(27)
        boards = [([dice.randint(0, 15) for _ in range(dice.randint(0, 15))], dice.randint(2, 15)) for _ in range(2000)]

        assert shots_script("shortened", boards) == [shortened(*board) for board in boards]

    def test_snaps_cuts_as_the_server_does(self, shots_script):
        dice = random.Random(27)
        boards = [
            (
                [dice.randint(1, 6) for _ in range(dice.randint(1, 15))],
                sorted(dice.sample(range(1, 40), dice.randint(0, 12))),
            )
            for _ in range(2000)
        ]

        assert shots_script("snapped", boards) == [snapped(*board) for board in boards]

    @pytest.mark.parametrize("seconds", [0, 5, 15])
    def test_parses_as_the_server_does(self, shots_script, typed, seconds):
        texts, boards = typed
        written = [*texts, *(compile_prompt(overall, shots) for overall, shots in boards)]
        written += [compile_prompt("Rain", [Shot("a", 1)] * count) for count in (100, 101)]

        answers = shots_script("parsePrompt", [[text, seconds] for text in written])

        for text, answer in zip(written, answers, strict=True):
            expected = parse_prompt(text, seconds=seconds)
            if expected is None or answer is None:
                assert answer == expected, repr(text)
                continue
            assert (answer["overall"], answer["shots"]) == (expected.overall, as_sent(expected.shots)), repr(text)
            words = [next(name for name, part in WARNINGS.items() if part in said) for said in expected.warnings]
            assert answer["warnings"] == words, repr(text)
