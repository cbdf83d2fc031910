"""POST /generations/: takes for a good form, sentences for another; nothing is made twice and nothing for strangers."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from generations import resettling
from generations.models import AudioUpload, Draft, Generation, Scene
from tests.factories import AccountFactory, AudioFactory, BudgetFactory, ProjectFactory, SceneFactory
from tests.generations.media_files import write_audio

URL = "/generations/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def press(client, alice, project):
    """Alice presses Generate."""
    client.force_login(alice)

    def press(headers=None, **values):
        return client.post(URL, {"prompt": "A kite", "project": str(project.uuid), **values}, headers=headers)

    return press


class TestCreate:
    def test_it_makes_the_takes_and_shows_them(self, press, client, project):
        response = press(takes="3", seed="7", duration="8", resolution="720P", prompt_extend="on")

        takes = list(Generation.objects.order_by("number"))
        assert [take.seed for take in takes] == [7, 8, 9]
        assert {(take.status, take.duration, take.prompt_extend, take.watermark) for take in takes} == {
            ("queued", 8, True, False)
        }
        assert response.status_code == 303
        page = client.get(response.headers["Location"])
        assert page.status_code == 200
        assert "A kite" in page.content.decode()

    def test_the_recipe_stays_in_the_composer_without_script(self, press, client):
        page = client.get(press(seed="7", ratio="9:16").headers["Location"])

        form = page.context["composer"].form
        assert (form["prompt"].value(), form["seed"].value(), form["ratio"].value()) == ("A kite", "7", "9:16")
        assert page.context["composer"].scene == Scene.objects.get()

    def test_a_seed_that_was_drawn_is_not_pressed_again_without_script(self, press, client):
        address = press(takes="2", seeds="fresh").headers["Location"]
        Generation.objects.update(seed=41)

        form = client.get(address).context["composer"].form

        assert (form["seed"].value(), form["takes"].value(), form["seeds"].value()) == (None, "2", "fresh")

    def test_htmx_gets_placeholders_and_a_fresh_token(self, press):
        token = str(uuid.uuid4())

        response = press(HTMX, press=token, takes="2")

        html = response.content.decode()
        take = Generation.objects.first()
        assert response.status_code == 200
        assert response.headers["HX-Trigger"] == "recount"
        assert 'hx-swap-oob="afterbegin:#scenes"' in html
        assert html.count('<article class="take"') == 2
        assert f'id="take-{take.uuid}"' in html
        assert token not in html
        assert 'name="press"' in html
        assert 'id="queue-pill" hx-swap-oob="true"' in html
        assert "data-polling" in html
        assert "2 takes are waiting" in html
        assert "<html" not in html

    def test_a_scene_is_joined(self, press, project, alice):
        scene = SceneFactory(project=project, created_by=alice)

        html = press(HTMX, scene=str(scene.uuid)).content.decode()

        assert Generation.objects.get().scene == scene
        assert f'hx-swap-oob="afterbegin:#takes-{scene.uuid}"' in html

    def test_the_same_press_twice_makes_one_set(self, press):
        token = str(uuid.uuid4())
        press(press=token, takes="2")

        again = press(press=token, takes="2")

        assert again.status_code == 303
        assert Generation.objects.count() == 2

    def test_the_same_press_twice_makes_one_set_whatever_was_drawn_for_it(self, press):
        for consecutive in ({"seeds": "consecutive", "takes": "2"}, {"seeds": "fresh", "takes": "2"}):
            token = str(uuid.uuid4())
            press(press=token, proof="on", **consecutive)
            Generation.objects.filter(seed=None).update(seed=41)

            assert press(press=token, proof="on", **consecutive).status_code == 303

        assert Generation.objects.count() == 4

    @pytest.mark.parametrize("headers", [{}, HTMX])
    @pytest.mark.parametrize(
        "changed",
        [
            {"prompt": "Snow"},
            {"duration": "15"},
            {"takes": "2"},
            {"seed": "8"},
            {"seed": ""},
            {"watermark": "on"},
            {"shots-0-text": "Snow", "shots-0-seconds": "2"},
        ],
    )
    def test_a_press_whose_answer_was_lost_does_not_stand_for_what_was_typed_since(self, press, headers, changed):
        token = str(uuid.uuid4())
        press(HTMX, press=token, seed="7")
        hold = {"draft": str(uuid.uuid4()), "draft_version": "1", "draft_writer": str(uuid.uuid4())}
        press(HTMX, do="save-draft", **hold, **changed)

        refused = press(headers, press=token, **{"seed": "7"} | hold | changed)

        composer = refused.context["composer"]
        assert refused.status_code == 422
        assert composer.notice == (
            "Your earlier press arrived and made 1 take in “A kite”. "
            "What you changed since was not sent: press again for it."
        )
        assert composer.notice in refused.content.decode()
        assert (Generation.objects.count(), Draft.objects.filter(ended_at=None).count()) == (1, 1)
        press(headers, press=composer.press, **{"seed": "7"} | hold | changed)
        assert Generation.objects.count() == 1 + int(changed.get("takes", 1))

    @pytest.mark.parametrize("headers", [{}, HTMX])
    @pytest.mark.parametrize(("first", "then"), [("", "a"), ("a", ""), ("a", "b")])
    def test_neither_does_it_for_a_scene_that_was_chosen_since(self, press, project, alice, headers, first, then):
        scenes = {"a": SceneFactory(project=project, created_by=alice), "b": SceneFactory(project=project)}
        keys = {name: str(scene.uuid) for name, scene in scenes.items()} | {"": ""}
        token = str(uuid.uuid4())
        press(HTMX, press=token, scene=keys[first])

        refused = press(headers, press=token, scene=keys[then])

        assert refused.status_code == 422
        assert "Your earlier press arrived and made 1 take in" in refused.context["composer"].notice
        assert Generation.objects.count() == 1

    def test_it_stands_for_its_scene_wherever_the_takes_are_now(self, press, project, alice):
        first, second, third = (SceneFactory(project=project, created_by=alice) for _index in range(3))
        merged, moved, fresh = (str(uuid.uuid4()) for _index in range(3))
        press(press=merged, scene=first.uuid)
        press(press=moved, scene=second.uuid)
        press(press=fresh)
        takes = {str(take.press): take.pk for take in Generation.objects.all()}
        resettling.merge(first, [takes[merged]], second, by=alice)
        resettling.to_scene([takes[moved], takes[fresh]], third, by=alice)

        again = [press(press=merged, scene=first.uuid), press(press=moved, scene=second.uuid), press(press=fresh)]

        assert [answer.status_code for answer in again] == [303, 303, 303]
        assert Generation.objects.count() == 3

    def test_a_seed_that_was_emptied_since_is_a_change_of_each_take(self, press):
        token = str(uuid.uuid4())
        press(press=token, seed="7", seeds="fresh", takes="2")
        Generation.objects.filter(seed=None).update(seed=41)

        assert press(press=token, seed="", seeds="fresh", takes="2").status_code == 422
        assert press(press=token, seed="7", seeds="fresh", takes="2").status_code == 303

        assert Generation.objects.count() == 2

    def test_shots_become_the_prompt(self, press):
        press(**{"shots-0-text": "One", "shots-0-seconds": "2", "shots-1-text": "Two", "shots-1-seconds": "3"})

        take = Generation.objects.get()
        assert take.sent_prompt == "A kite\nShot 1 [0-2s] One\nShot 2 [2-5s] Two"
        assert take.shots == [{"text": "One", "seconds": 2}, {"text": "Two", "seconds": 3}]

    def test_a_scene_without_an_overall_line_is_named_after_its_first_shot(self, press):
        press(
            prompt="", **{"shots-0-text": "One", "shots-0-seconds": "2", "shots-1-text": "Two", "shots-1-seconds": "3"}
        )

        assert Generation.objects.get().scene.name == "One"

    def test_what_is_wrong_with_a_shot_is_said_above_the_button_too(self, press):
        page = press(**{"shots-0-text": "One", "shots-0-seconds": "0", "shots-1-text": "Two", "shots-1-seconds": "x"})

        assert page.status_code == 422
        said = page.content.decode().partition('id="composer-errors"')[2].partition("</ul>")[0]
        assert "Shot 1: Whole seconds, from 1 on." in said
        assert "Shot 2: Whole seconds, from 1 on." in said

    @pytest.mark.parametrize("digits", [4000, 5000])
    @pytest.mark.parametrize("proof", [{}, {"proof": "on"}])
    @pytest.mark.parametrize("do", ["", "remove-shot:" + "9" * 5000])
    def test_a_number_of_thousands_of_digits_gets_words(self, press, team, digits, proof, do):
        AccountFactory(team=team)
        names = ("duration", "takes", "seed", "shots-0-seconds", "shots-TOTAL_FORMS", "words-into")

        for name in names:
            answer = press(do=do, **{"shots-0-text": "One", name: "9" * digits} | proof)

            assert answer.status_code in (200, 303, 422)
        assert not Generation.objects.filter(duration__gt=15).exists()

    def test_audio_is_kept_with_the_take(self, press, project):
        audio = AudioFactory(project=project)

        press(audio_id=str(audio.uuid))

        assert Generation.objects.get().audio == audio

    def test_the_last_used_project_when_none_is_named(self, press, project, alice):
        alice.last_project = project
        alice.save()

        press(project="")

        assert Generation.objects.get().project == project

    def test_an_account_is_needed(self, press, team, settings):
        settings.DASHSCOPE_API_KEY = ""

        response = press()

        assert response.status_code == 422
        html = response.content.decode()
        assert html.count(">Rendering is not set up yet") == 1
        assert 'id="composer-errors"' not in html
        assert not Generation.objects.exists()

    @pytest.mark.parametrize("headers", [None, HTMX])
    def test_what_a_budget_refuses_is_said_once_at_the_button(self, press, team, headers):
        AccountFactory(team=team)
        BudgetFactory(team=team, amount="0.50")

        html = press(headers).content.decode()

        assert "<li>This needs US$\xa00.75, the team has US$\xa00.50 left this month.</li>" in html
        assert html.count("This needs US$\xa00.75") == 1
        assert 'id="composer-errors"' not in html
        assert not Generation.objects.exists()


class TestWrongValues:
    @pytest.mark.parametrize(("field", "value"), [("resolution", "4K"), ("ratio", "21:9"), ("takes", "9")])
    def test_a_value_off_the_list_is_shown_as_it_came(self, press, field, value):
        response = press(**{field: value})

        assert response.status_code == 422
        assert f'<option value="{value}" selected>{value}</option>' in response.content.decode()
        assert not Generation.objects.exists()

    def test_the_page_comes_back_with_the_sentence_and_what_was_typed(self, press):
        response = press(prompt="A kite & <b>", duration="16", seed="-1", negative_prompt="blur")

        html = response.content.decode()
        assert response.status_code == 422
        assert "<html" in html
        assert "Wan takes whole seconds from 2 to 15." in html
        assert "A kite &amp; &lt;b&gt;" in html
        assert 'value="16"' in html
        assert 'value="-1"' in html
        assert 'aria-invalid="true"' in html
        assert ">\nblur</textarea>" in html
        assert not Generation.objects.exists()

    def test_htmx_gets_the_composer_alone(self, press):
        token = str(uuid.uuid4())

        response = press(HTMX, prompt="", press=token)

        html = response.content.decode()
        assert response.status_code == 422
        assert response.headers["HX-Retarget"] == "#composer"
        assert response.headers["HX-Reswap"] == "outerHTML"
        assert html.lstrip().startswith("<form")
        assert "Write a prompt first." in html
        assert token in html, "the same press may be tried again"

    def test_the_upload_is_not_lost(self, press, tmp_path, media_directory):
        body = write_audio(tmp_path / "a.mp3", 3).read_bytes()

        html = press(duration="1", audio=SimpleUploadedFile("song.mp3", body)).content.decode()

        audio = AudioUpload.objects.get()
        assert f'name="audio_id" value="{audio.uuid}"' in html
        assert "song.mp3" in html

    def test_a_bad_upload_is_said_beside_it(self, press, media_directory):
        html = press(audio=SimpleUploadedFile("song.mp3", b"MZ" + b"\0" * 99)).content.decode()

        assert "This is not an mp3 or wav file." in html
        assert not Generation.objects.exists()

    def test_too_many_shots(self, press):
        shots = {f"shots-{index}-text": "x" for index in range(16)}

        response = press(prompt="", **shots)

        assert response.status_code == 422
        assert "Up to 15 shots fit in one clip." in response.content.decode()
        assert not response.context["composer"].form["prompt"].errors

    def test_every_reason_of_the_shots_is_told_at_once(self, press):
        shots = [("One", "16"), ("Two", "2.5"), ("", "3"), *[("x", "1")] * 13]
        values = {f"shots-{index}-text": text for index, (text, _seconds) in enumerate(shots)}
        values |= {f"shots-{index}-seconds": seconds for index, (_text, seconds) in enumerate(shots)}

        composer = press(**values).context["composer"]

        assert [card.form.errors for card in composer.cards][:4] == [
            {},
            {"seconds": ["Whole seconds, from 1 on."]},
            {"text": ["Write this shot, or remove it."]},
            {},
        ]
        assert [sentences for _field, sentences in composer.errors] == [
            ["The shots add up to 29 s, Wan takes up to 15."],
            ["Up to 15 shots fit in one clip."],
            ["Shot 2: Whole seconds, from 1 on."],
            ["Shot 3: Write this shot, or remove it."],
        ]

    @pytest.mark.parametrize("seconds", ["2.5", "0"])
    def test_a_shot_keeps_its_words_and_has_its_sentence(self, press, seconds):
        response = press(prompt="", **{"shots-0-text": "One", "shots-0-seconds": seconds})

        html = response.content.decode()
        assert "Whole seconds, from 1 on." in html
        assert not response.context["composer"].form["prompt"].errors
        assert "One</textarea>" in html


class TestWhoMay:
    def test_anonymous_is_sent_to_sign_in(self, client, project):
        response = client.post(URL, {"prompt": "A kite", "project": str(project.uuid)})

        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("account_login"))

    def test_an_archived_project_says_that_it_is(self, as_alice, project):
        type(project).objects.filter(pk=project.pk).update(archived_at=timezone.now())

        answer = as_alice.post(URL, {"prompt": "A kite", "project": str(project.uuid)})

        assert answer.status_code == 403
        assert "data-denied>This project is archived: it keeps its clips" in answer.content.decode()

    def test_a_viewer_is_refused(self, client, vera, project):
        client.force_login(vera)

        assert client.post(URL, {"prompt": "A kite", "project": str(project.uuid)}).status_code == 403
        assert not Generation.objects.exists()

    def test_to_a_stranger_the_project_does_not_exist(self, client, charlie, project):
        client.force_login(charlie)

        for given in (str(project.uuid), str(uuid.uuid4()), "x"):
            assert client.post(URL, {"prompt": "A kite", "project": given}).status_code == 404

    def test_a_scene_of_another_project_does_not_exist(self, press):
        for given in (str(SceneFactory().uuid), "x"):
            assert press(scene=given).status_code == 404
        assert not Generation.objects.exists()

    def test_a_scene_of_a_sibling_project_does_not_exist(self, press, team, alice):
        scene = SceneFactory(project=ProjectFactory(team=team), created_by=alice)

        assert press(scene=str(scene.uuid)).status_code == 404

    def test_get_is_not_for_pressing(self, as_alice):
        assert as_alice.get(URL).status_code == 405


class TestRearranging:
    """Buttons of the board without script: nothing is pressed, nothing is lost."""

    def board(self, press, do, **values):
        response = press(do=do, duration="9", seed="x", **values)
        assert response.status_code == 200
        assert not Generation.objects.exists()
        return response.context["composer"]

    def test_the_board_opens_with_blank_shots(self, press):
        composer = self.board(press, "board")

        assert composer.board_open
        assert len(composer.shots) == 3
        assert composer.form["prompt"].value() == "A kite"
        assert composer.form["seed"].value() == "x"

    def test_a_shot_is_added_and_removed(self, press):
        shots = {"shots-0-text": "One", "shots-0-seconds": "2", "shots-1-text": "Two", "shots-1-seconds": "3"}

        added = self.board(press, "add-shot", **shots)
        removed = self.board(press, "remove-shot:0", **shots)

        assert [form["text"].value() for form in added.shots] == ["One", "Two", ""]
        assert [form["text"].value() for form in removed.shots] == ["Two"]

    def test_audio_and_scene_can_be_let_go(self, press, project, alice):
        scene = SceneFactory(project=project, created_by=alice)
        audio = AudioFactory(project=project)
        values = {"scene": str(scene.uuid), "audio_id": str(audio.uuid)}

        assert self.board(press, "remove-audio", **values).audio is None
        assert self.board(press, "new-scene", **values).scene is None
        assert self.board(press, "prompt", **values).audio == audio

    def test_the_board_says_what_wan_receives_and_how_long_it_is(self, press):
        shots = {"shots-0-text": "Rain", "shots-0-seconds": "3", "shots-1-text": "Snow", "shots-1-seconds": "4"}

        composer = press(do="add-shot", prompt="A street", duration="5", **shots).context["composer"]

        assert composer.compiled == "A street\nShot 1 [0-3s] Rain\nShot 2 [3-7s] Snow"
        assert composer.prompt_length == len(composer.compiled)
        assert composer.form["duration"].value() == "10"  # the blank one has three of them
