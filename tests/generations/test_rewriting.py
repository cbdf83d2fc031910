"""What rewriting did: nothing of either text is lost, and changes are as small as a reader expects."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from generations.rewriting import changes
from tests.factories import ReadyFactory, SceneFactory

SENT = "A boat leaves the harbour, still water"
RETURNED = "A boat slowly leaves the calm stone harbour, glass-still water"


def marked(sent, returned):
    return "".join({"ins": "[+{}]", "del": "[-{}]", "": "{}"}[c.kind].format(c.text) for c in changes(sent, returned))


class TestChanges:
    def test_by_word(self):
        assert marked("a still water", "a calm water") == "a [-still][+calm] water"
        assert marked("the harbour", "the calm stone harbour") == "the [+calm stone ]harbour"

    def test_chinese_by_character(self):
        assert marked("一艘小船离开港口", "一艘木船缓缓离开港口") == "一艘[-小][+木]船[+缓缓]离开港口"

    def test_several_words_in_a_row_are_one_change(self):
        assert marked("one red fish swims", "one tall tree swims") == "one [-red fish][+tall tree] swims"

    def test_a_blank_that_stayed_is_no_change(self):
        assert marked("小船 港口", "木小船 大港口") == "[+木]小船 [+大]港口"
        assert marked(" ", "海 boat") == "[+海] [+boat]"
        assert marked("海 boat", " ") == "[-海] [-boat]"
        assert marked("小船 ", " boat") == "[-小船] [+boat]"

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=80), st.text(max_size=80))
    def test_nothing_is_lost(self, sent, returned):
        found = changes(sent, returned)

        assert "".join(change.text for change in found if change.kind != "ins") == sent
        assert "".join(change.text for change in found if change.kind != "del") == returned

    def test_the_longest_texts_take_no_time(self):
        began = time.thread_time()

        changes("海边的小船，" * 833, "港口的大船，" * 900)

        assert time.thread_time() - began < 5


class TestPage:
    def page(self, client, project, alice, **query):
        scene = SceneFactory(project=project, created_by=alice)
        take = ReadyFactory(scene=scene, prompt=SENT, actual_prompt=RETURNED)
        return client.get(take.get_absolute_url(), query).content.decode()

    def test_shows_the_changes_and_how_to_take_them_over(self, as_alice, project, alice):
        page = self.page(as_alice, project, alice)

        assert "slowly" in page.split("<ins>")[1].split("</ins>")[0]
        assert "use=rewrite" in page

    def test_shows_each_version(self, as_alice, project, alice):
        assert f">{RETURNED}<" in self.page(as_alice, project, alice, prompt="rewritten")
        assert f">{SENT}<" in self.page(as_alice, project, alice, prompt="sent")
        assert "<ins>" in self.page(as_alice, project, alice, prompt="nonsense")

    def test_a_viewer_takes_nothing_over(self, client, vera, project, alice):
        client.force_login(vera)

        assert "use=rewrite" not in self.page(client, project, alice)


class TestCuts:
    def page(self, client, project, alice, **query):
        shots = [{"text": "The harbour wakes", "seconds": 2}, {"text": "A rope", "seconds": 3}]
        take = ReadyFactory(scene=SceneFactory(project=project, created_by=alice), shots=shots)
        return client.get(take.get_absolute_url(), query).content.decode()

    def test_mark_a_shot_for_a_retake(self, as_alice, project, alice):
        page = self.page(as_alice, project, alice, shot="2")

        assert 'data-from="2"' in page
        assert "use=retake&amp;shot=2#composer" in page
        assert "Retake shot <b>2</b>" in page

    def test_nonsense_marks_none(self, as_alice, project, alice):
        for shot in ("0", "3", "-1", "x", "9" * 50):
            assert (
                'aria-current="true"' not in self.page(as_alice, project, alice, shot=shot).split('id="cuts"')[1][:2000]
            )

    def test_a_viewer_retakes_nothing(self, client, vera, project, alice):
        client.force_login(vera)

        assert "use=retake" not in self.page(client, project, alice, shot="1")
