"""The sound lane's arithmetic: what Wan cuts and leaves silent, and where cuts may be moved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.forms import MODEL
from generations.lane import Drawing, Lane, quiet_seconds, snapped, unmoved_words
from tests.factories import AudioFactory, WaveformFactory


class TestLane:
    @pytest.mark.parametrize(
        ("seconds", "total", "cut", "silent"),
        [(12.4, 10, "2.4 s cut", ""), (12.4, 13, "", "0.6 s silent"), (10.2, 10, "", ""), (12.4, None, "", "")],
    )
    def test_says_what_is_cut_and_what_is_silent(self, seconds, total, cut, silent):
        lane = Lane(AudioFactory.build(seconds=seconds, project=None), MODEL, total)

        assert (lane.cut_words, lane.silent_words) == (cut, silent)

    def test_offers_as_much_of_a_long_file_as_wan_takes(self):
        lane = Lane(AudioFactory.build(seconds=41, project=None), MODEL, 10)

        assert (lane.begin, lane.end) == (0, 30)
        assert "41 s long" in lane.trouble


class TestDrawing:
    def test_is_a_line_for_each_peak(self):
        drawing = Drawing(WaveformFactory.build(audio=None, peaks=bytes([0, 50, 100])))

        assert drawing.path == "M0.5 49V51M1.5 27V73M2.5 4V96"

    def test_knows_what_is_not_there_yet_from_what_will_never_be(self):
        waveform = WaveformFactory.build(audio=None, peaks=b"")

        assert Drawing(waveform).is_missing
        assert Drawing(None).is_missing


class TestQuietSeconds:
    @pytest.mark.parametrize(
        ("silences", "seconds"),
        [([], []), ([[0, 0.4]], []), ([[2.8, 3.4], [6.1, 6.9]], [3, 6, 7]), ([[9.9, 12]], [10, 11, 12])],
    )
    def test_are_whole_and_in_silence(self, silences, seconds):
        assert quiet_seconds(silences) == seconds


class TestSnapped:
    @pytest.mark.parametrize(
        ("lengths", "quiet", "fitting"),
        [
            ([2, 4, 7], [3, 7], [3, 4, 6]),
            ([3, 3], [], [3, 3]),
            ([5], [3], [5]),
            ([1, 1, 1, 1], [2, 3], [1, 1, 1, 1]),
            ([2, 10], [9], [2, 10]),
        ],
    )
    def test_moves_cuts_to_silences(self, lengths, quiet, fitting):
        assert snapped(lengths, quiet) == fitting

    @given(st.lists(st.integers(1, 9), min_size=1, max_size=15), st.lists(st.integers(1, 60), unique=True))
    def test_keeps_order_sum_and_a_second_for_each_shot(self, lengths, quiet):
        moved = snapped(lengths, sorted(quiet))

        assert sum(moved) == sum(lengths)
        assert min(moved) >= 1
        assert len(moved) == len(lengths)


class TestUnmovedWords:
    @pytest.mark.parametrize(
        ("lengths", "quiet", "words"),
        [
            ([3, 3, 4], [2, 3, 6, 7], "Each cut is in a silence already."),
            ([3, 0, 4], [3], "Give each shot its seconds first."),
            ([3, 3], [9], "No silence is near a cut."),
            ([3, 0], [], "No silence is near a cut."),
            ([3], [3], "No silence is near a cut."),
        ],
    )
    def test_say_why_no_cut_was_moved(self, lengths, quiet, words):
        assert unmoved_words(lengths, quiet) == words
