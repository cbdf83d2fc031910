import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generations.shots import Parsed, Shot, compile_prompt, language, parse_prompt, total_seconds

# What a person may type, and what would be mistaken for a mark if the rules were wrong.
TRAPS = [
    "Shot 1 [0-3s]",
    "Shot 2 [3-6s] ",
    " Shot 2 [",
    "Shot 2 wide",
    "第1个镜头[0-3秒]",
    "第2个镜头[3-6秒] 全景",
    "镜头2",
    "第1個鏡頭[0-3秒]",
    "鏡頭2：[3-6秒]",
    "ı",
    "İ",
    "shot 1",
    "Generate single shot.",
    "Generate single shot. x",
    "生成单镜头视频。",
    "\n",
    "\n\n ",
    " ",
    ",",
    "：",
    "一只猫",
    "🎬👩‍👩‍👧",
    "مرحبا",
    "\u200f\u202e",
    "\u2028",
    "\x0b\x85",
    "\r\n",
    "\r",
]
texts = st.lists(st.one_of(st.sampled_from(TRAPS), st.text(max_size=12)), max_size=8).map("".join)
shots = st.lists(st.builds(Shot, texts, st.integers(1, 15)), min_size=2, max_size=8)


def typed(text):
    """A field's text as a form hands it on."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def board(overall, shots):
    return typed(overall), tuple(Shot(typed(shot.text), shot.seconds) for shot in shots)


class TestBoardToTextToBoard:
    @given(texts, shots)
    @example("Shot 1 [0-3s] x", [Shot("a\nShot 2 [3-6s] b", 3), Shot("", 3)])
    @example("", [Shot("", 1), Shot("", 1)])
    def test_loses_nothing(self, overall, shots):
        parsed = parse_prompt(compile_prompt(overall, shots))

        assert (parsed.overall, parsed.shots) == board(overall, shots)
        assert not parsed.warnings

    @given(texts, texts, st.integers(2, 15))
    def test_loses_nothing_of_one_shot_in_a_video_of_known_length(self, overall, text, seconds):
        parsed = parse_prompt(compile_prompt(overall, [Shot(text, seconds)]), seconds=seconds)

        assert (parsed.overall, parsed.shots) == board(overall, [Shot(text, seconds)])

    @given(texts, shots)
    def test_survives_a_strip_of_the_whole_text(self, overall, shots):
        parsed = parse_prompt(compile_prompt(overall, shots).strip())

        assert (parsed.overall, parsed.shots) == board(overall, shots)

    @given(texts)
    def test_leaves_a_text_without_shots_alone(self, overall):
        assert compile_prompt(overall, []) == overall

    @given(texts, st.integers(0, 15))
    def test_comes_to_rest_on_any_text(self, text, seconds):
        parsed = parse_prompt(text, seconds=seconds)

        if parsed and all(shot.seconds for shot in parsed.shots):
            again = parse_prompt(compile_prompt(parsed.overall, parsed.shots), seconds=seconds)
            assert (again.overall, [shot.text for shot in again.shots]) == (
                parsed.overall,
                [shot.text for shot in parsed.shots],
            )


class TestCompilePrompt:
    def test_writes_marks_in_english(self):
        text = compile_prompt("A day at sea.", [Shot("wide shot: waves", 3), Shot("close-up: a gull", 2)])

        assert text == "A day at sea.\nShot 1 [0-3s] wide shot: waves\nShot 2 [3-5s] close-up: a gull"

    def test_writes_marks_in_chinese(self):
        text = compile_prompt("海边的一天", [Shot("全景：海浪", 3), Shot("特写：海鸥 Jonathan", 2)])

        assert text == "海边的一天\n第1个镜头[0-3秒] 全景：海浪\n第2个镜头[3-5秒] 特写：海鸥 Jonathan"

    @pytest.mark.parametrize(
        ("overall", "shot", "text"),
        [
            ("", "A cat runs", "Generate single shot. A cat runs"),
            ("Film noir.", "A cat runs", "Film noir.\nGenerate single shot. A cat runs"),
            ("", "小猫在跑", "生成单镜头视频。小猫在跑"),
        ],
    )
    def test_asks_for_a_single_shot(self, overall, shot, text):
        assert compile_prompt(overall, [Shot(shot, 5)]) == text

    def test_leaves_times_out_when_a_length_is_unknown(self):
        assert compile_prompt("", [Shot("waves", 0), Shot("a gull", 0)]) == "Shot 1 waves\nShot 2 a gull"

    def test_begins_with_the_first_shot_when_nothing_is_said_overall(self):
        assert compile_prompt(" \n", [Shot("a", 1), Shot("b", 1)]).startswith("Shot 1 [0-1s] a")

    def test_shields_a_line_that_looks_like_a_mark(self):
        text = compile_prompt("", [Shot("a\nShot 2 [1-2s] fake", 1), Shot("b", 1)])

        assert text == "Shot 1 [0-1s] a\n Shot 2 [1-2s] fake\nShot 2 [1-2s] b"


class TestParsePrompt:
    @pytest.mark.parametrize(
        ("text", "overall", "shots"),
        [
            (
                "A storm. Shot 1 [0-3s] wide shot: sea Shot 2 [3-6s] close-up: hands",
                "A storm.",
                [("wide shot: sea", 3), ("close-up: hands", 3)],
            ),
            ("镜头1[0-3秒]海浪，镜头2[3-6秒]海鸥", "", [("海浪", 3), ("海鸥", 3)]),
            ("第1个镜头[0-3秒] 全景：海  第2个镜头[3-6秒] 中景：船", "", [("全景：海", 3), ("中景：船", 3)]),
            ("第一个镜头【0-3s】海 第二个镜头（3～6秒）船", "", [("海", 3), ("船", 3)]),
            ("shot 1 (0 - 2 s): sea\nSHOT 2 (2 – 5 sec): ship", "", [("sea", 2), ("ship", 3)]),
            ("硬切转场 镜头1[0-3秒]a 镜头2[4-6秒]b 镜头3[7-10秒]c", "硬切转场", [("a", 3), ("b", 3), ("c", 4)]),
            ("Shot 1 [2-4s] late", "", [("late", 4)]),
            ("海邊\n第1個鏡頭[0-3秒] 全景：海\n第2個鏡頭[3-6秒] 船", "海邊", [("全景：海", 3), ("船", 3)]),
            ("鏡頭1[0-3秒]海浪，鏡頭2：[3-6秒] 海鷗", "", [("海浪", 3), ("海鷗", 3)]),
            ("Shot 1: [0-3s] sea. Shot 2 : [3-5s]: gull", "", [("sea.", 3), ("gull", 2)]),
            ("ıshot 1 [0-3s] sea", "ı", [("sea", 3)]),
        ],
    )
    def test_reads_timed_lists_as_people_write_them(self, text, overall, shots):
        assert parse_prompt(text) == Parsed(overall, tuple(Shot(*shot) for shot in shots))

    def test_divides_the_video_among_shots_without_times(self):
        parsed = parse_prompt("Rain. Shot 1: sea, Shot 2: ship of shot 1, Shot 3: gull", seconds=10)

        assert parsed == Parsed("Rain.", (Shot("sea", 3), Shot("ship of shot 1", 3), Shot("gull", 4)))

    def test_leaves_lengths_open_when_the_video_has_none(self):
        assert parse_prompt("镜头1 海，镜头2 船") == Parsed("", (Shot("海", 0), Shot("船", 0)))

    @pytest.mark.parametrize(
        ("text", "overall", "shot"),
        [
            ("生成单镜头视频，一只猫", "", "一只猫"),
            ("生成單鏡頭影片，一隻貓", "", "一隻貓"),
            ("Night. Generate a single-shot video: a cat", "Night.", "a cat"),
            ("A cat runs. Generate single shot.", "", "A cat runs."),
        ],
    )
    def test_reads_a_single_shot(self, text, overall, shot):
        assert parse_prompt(text, seconds=5) == Parsed(overall, (Shot(shot, 5),))

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "A cat",
            "生成多镜头视频",
            "one shot 1 of whisky",
            "shot 2 first, shot 3 then",
            "一个镜头",
            "Shots 1",
            "第百个镜头",
            "第一一个镜头",
        ],
    )
    def test_finds_no_list_where_there_is_none(self, text):
        assert parse_prompt(text) is None

    def test_leaves_more_shots_than_a_form_keeps_in_the_text(self):
        most, more = (compile_prompt("Rain", [Shot("a", 1)] * count) for count in (100, 101))

        assert len(parse_prompt(most).shots) == 100
        assert parse_prompt(more) is None

    def test_keeps_overlapping_lengths_and_says_so(self):
        parsed = parse_prompt("Shot 1 [0-4s] a Shot 2 [3-6s] b Shot 3 [0-2s] c")

        assert [shot.seconds for shot in parsed.shots] == [4, 3, 2]
        assert parsed.warnings == ("Some shots overlap or go back in time. Their lengths were kept as written.",)

    def test_keeps_a_mark_that_runs_backwards_in_the_text(self):
        parsed = parse_prompt("Shot 1 [0-3s] a Shot 2 [5-3s] b Shot 3 [3-6s] c")

        assert parsed.shots == (Shot("a Shot 2 [5-3s] b", 3), Shot("c", 3))
        assert (
            parsed.warnings[0] == "A shot ends before it starts, or as it starts. It was left in the text as written."
        )
        assert parsed.warnings[1] == "The shots were numbered anew."

    def test_rounds_times_so_that_the_end_stays(self):
        parsed = parse_prompt("Shot 1 [0-2.5s] a Shot 2 [2.5-5s] b")

        assert [shot.seconds for shot in parsed.shots] == [3, 2]
        assert parsed.warnings == ("Shots last whole seconds. Their times were rounded.",)

    def test_reads_hostile_texts_quickly(self):
        assert parse_prompt("Shot 1 [" * 20_000) is None
        assert parse_prompt("第" * 50_000 + " " * 50_000) is None


class TestLanguage:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", "en"),
            ("🎬 12", "en"),
            ("A cat", "en"),
            ("一只猫", "zh"),
            ("小狗 running", "zh"),
            ("A walk through the streets of 北京 in summer", "en"),
            ("Un café à l'été", "en"),
        ],
    )
    def test_is_that_of_most_words(self, text, expected):
        assert language(text) == expected


class TestTotalSeconds:
    def test_adds_up(self):
        assert total_seconds([Shot("a", 3), Shot("b", 4)]) == 7
