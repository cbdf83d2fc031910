"""A recipe used again: what the composer is filled with, and whose child the next take is."""

import re
from html import unescape

import pytest

from generations.models import Generation
from tests.factories import AudioFactory, GenerationFactory, ReadyFactory, SceneFactory
from tests.form_of import form_of

SHOTS = [{"text": "The harbour wakes", "seconds": 2}, {"text": "A rope", "seconds": 3}]


@pytest.fixture
def clip(project, alice):
    scene = SceneFactory(project=project, created_by=alice)
    return ReadyFactory(
        scene=scene, number=4, negative_prompt="blur", ratio="9:16", actual_prompt="Glass-still water", seed=77
    )


def composer(client, clip, **query):
    response = client.get("/studio/", {"from": str(clip.uuid), **query})
    assert response.status_code == 200
    return response.context["composer"]


def value(composer, name):
    return composer.form[name].value()


def press(client, clip, **values):
    data = {"prompt": "A kite", "project": str(clip.project.uuid), "parent": str(clip.uuid), **values}
    return client.post("/generations/", data)


class TestFilling:
    def test_all_brings_the_seed(self, as_alice, clip):
        filled = composer(as_alice, clip, use="all")

        assert (value(filled, "seed"), value(filled, "ratio")) == (77, "9:16")

    def test_remix_leaves_the_seed_out(self, as_alice, clip):
        filled = composer(as_alice, clip, use="remix")

        assert (value(filled, "seed"), value(filled, "negative_prompt")) == (None, "blur")

    def test_prompt_only(self, as_alice, clip):
        filled = composer(as_alice, clip, use="prompt")

        assert value(filled, "prompt") == clip.prompt
        assert (value(filled, "seed"), value(filled, "negative_prompt")) == (None, None)

    def test_seed_only(self, as_alice, clip):
        filled = composer(as_alice, clip, use="seed")

        assert (value(filled, "seed"), value(filled, "prompt"), filled.kin.parent) == (77, None, None)

    def test_the_rewrite_becomes_the_prompt_and_is_not_rewritten_again(self, as_alice, clip):
        filled = composer(as_alice, clip, use="rewrite")

        assert (value(filled, "prompt"), value(filled, "prompt_extend")) == ("Glass-still water", False)

    def test_a_retake_locks_all_shots_but_one(self, as_alice, clip):
        clip.shots = SHOTS
        clip.save()

        filled = composer(as_alice, clip, use="retake", shot="2")

        assert [form["locked"].value() for form in filled.shots] == [True, False]
        assert value(filled, "seed") == 77

    @pytest.mark.parametrize("shot", ["", "0", "99999999", "-1", "²", "two"])
    def test_a_shot_that_is_none_is_no_error(self, as_alice, clip, shot):
        composer(as_alice, clip, use="retake", shot=shot)

    def test_a_stranger_gets_404(self, client, charlie, clip):
        client.force_login(charlie)

        assert client.get("/studio/", {"from": str(clip.uuid)}).status_code == 404


class TestRetryWithAChange:
    def test_keeps_all_the_rest_from_the_failed_card_to_the_press(self, as_alice, clip, alice):
        audio = AudioFactory(project=clip.project, uploaded_by=alice, kind="wav", seconds=5.0)
        failed = GenerationFactory(
            scene=clip.scene,
            number=5,
            status="failed",
            due_at=None,
            shots=SHOTS,
            audio=audio,
            seed=4711,
            ratio="9:16",
            negative_prompt="blur",
            prompt_extend=False,
            watermark=True,
        )
        grid = as_alice.get(f"/studio/?project={clip.project.uuid}").content.decode()
        link = re.search(rf'href="([^"]+)" id="edit-{failed.uuid}"', grid)[1]

        page = as_alice.get(unescape(link).partition("#")[0]).content.decode()
        as_alice.post("/generations/", form_of(page, "composer") | {"shots-1-text": "A dry rope"})

        made = Generation.objects.latest("pk")
        assert (made.parent, made.scene, made.audio, made.seed) == (failed, failed.scene, audio, 4711)
        assert [shot["text"] for shot in made.shots] == ["The harbour wakes", "A dry rope"]
        assert [shot["seconds"] for shot in made.shots] == [2, 3]
        for name in ("ratio", "resolution", "duration", "negative_prompt", "prompt_extend", "watermark"):
            assert getattr(made, name) == getattr(failed, name), name


class TestLocks:
    def test_last_while_the_board_is_rearranged_and_can_be_opened(self, as_alice, clip):
        clip.shots = SHOTS
        clip.save()
        shots = {"shots-0-text": "One", "shots-0-seconds": "2", "shots-0-locked": "on"}
        shots |= {"shots-1-text": "Two", "shots-1-seconds": "2"}

        moved = press(as_alice, clip, **shots, do="add-shot").context["composer"].shots
        opened = press(as_alice, clip, **shots, do="unlock-shot:0").context["composer"].shots

        assert [form["locked"].value() for form in moved] == [True, False, False]
        assert [form["locked"].value() for form in opened] == [False, False]


class TestKin:
    @pytest.mark.parametrize(
        ("sent", "kept"), [("remix", "remix"), ("retake", "retake"), ("late", "remix"), ("", "remix")]
    )
    def test_the_take_points_to_what_it_was_made_from(self, as_alice, clip, sent, kept):
        press(as_alice, clip, origin=sent)

        made = Generation.objects.latest("pk")
        assert (made.parent, made.origin) == (clip, kept)

    @pytest.mark.parametrize("parent", ["", "nonsense", "0b5c1b5e-8d0c-4d36-9c38-1f8f6c1f3a55"])
    def test_an_unknown_one_is_no_reason_to_refuse(self, as_alice, clip, parent):
        assert press(as_alice, clip, parent=parent).status_code == 303
        assert Generation.objects.latest("pk").parent is None

    def test_another_teams_take_is_never_linked(self, as_alice, clip):
        foreign = ReadyFactory()

        press(as_alice, clip, parent=str(foreign.uuid))

        assert Generation.objects.latest("pk").parent is None

    def test_stays_with_a_form_that_is_refused_or_rearranged(self, as_alice, clip):
        for extra in ({"duration": "99"}, {"do": "board"}):
            page = press(as_alice, clip, origin="retake", **extra).content.decode()

            assert f'name="parent" value="{clip.uuid}"' in page
            assert "A retake of take 4" in page

    def test_can_be_let_go(self, as_alice, clip):
        page = press(as_alice, clip, do="forget-kin").content.decode()

        assert 'name="parent" value=""' in page

    def test_the_next_press_without_script_has_the_same_parent(self, as_alice, clip):
        page = as_alice.get(press(as_alice, clip, origin="retake")["Location"]).content.decode()

        assert f'name="parent" value="{clip.uuid}"' in page
        assert re.search(r'name="origin" value="retake"', page)

    @pytest.mark.parametrize("origin", ["remix", "retake"])
    def test_a_parent_that_is_not_seen_any_more_is_not_told(self, as_alice, clip, origin):
        hidden = ReadyFactory(scene=SceneFactory(name="Of others"))
        clip.parent, clip.origin = hidden, origin
        clip.save()

        page = as_alice.get("/studio/", {"from": str(clip.uuid), "use": "kept"}).content.decode()

        assert 'name="parent" value=""' in page
        assert "Of others" not in page

    def test_a_plain_press_has_none(self, as_alice, clip):
        page = as_alice.get(press(as_alice, clip, parent="")["Location"]).content.decode()

        assert 'name="parent" value=""' in page
