"""Drafts: kept as they were typed, restored anywhere, never overwritten by a page that has not seen them."""

import json
import re
import uuid
from datetime import timedelta
from html import unescape
from urllib.parse import urljoin

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations import drafts
from generations.lifecycle import tidy
from generations.models import Draft, Generation, WanAccount
from teams.models import Project
from tests.factories import (
    AccountFactory,
    AudioFactory,
    GenerationFactory,
    MembershipFactory,
    ProjectFactory,
    ReadyFactory,
    SceneFactory,
)

URL = "/drafts/save"
HTMX = {"HX-Request": "true"}


def page_of(**values):
    """A page's hidden fields: a draft of its own that is not saved yet."""
    return {"draft": str(uuid.uuid4()), "draft_version": "0", "draft_writer": str(uuid.uuid4()), **values}


@pytest.fixture
def save(as_alice, project):
    """Alice's page saves what she typed."""

    def save(page, prompt="A kite", **values):
        form = {"project": str(project.uuid), "prompt": prompt, **page, **values}
        return as_alice.post(URL, form, headers=HTMX)

    return save


@pytest.fixture
def account(team):
    return AccountFactory(team=team)


@pytest.fixture
def studio(as_alice, project):
    """The composer of Alice's studio page."""

    def studio(**query):
        return as_alice.get("/studio/", {"project": str(project.uuid), **query}).context["composer"]

    return studio


def seen(page, response):
    """The page after it got this answer."""
    return page | {"draft": response.json()["draft"], "draft_version": str(response.json()["version"])}


class TestSave:
    def test_keeps_the_whole_form_as_it_was_typed(self, save, studio, project, alice):
        audio, scene = AudioFactory(project=project), SceneFactory(project=project, created_by=alice)
        typed = {
            "negative_prompt": "blur",
            "duration": "soon",
            "ratio": "9:16",
            "seed": "seven",
            "seeds": "consecutive",
            "takes": "3",
            "watermark": "on",
            "audio_id": str(audio.uuid),
            "scene": str(scene.uuid),
            "shots-0-text": "مرحبا 🐈",
            "shots-0-seconds": "0",
            "shots-1-text": "Two",
            "shots-1-seconds": "x",
        }

        response = save(page_of(), "  A kite\r\n" + "x" * 10_000, **typed)

        assert response.status_code == 200
        assert response.json()["said"].startswith("Drafts · saved ")
        composer = studio()
        form = composer.form
        assert len(form["prompt"].value()) > 10_000
        assert [form[name].value() for name in ("duration", "seed", "takes", "ratio")] == ["soon", "seven", "3", "9:16"]
        assert (form["watermark"].value(), form["prompt_extend"].value()) == (True, False)
        assert [(shot["text"].value(), shot["seconds"].value()) for shot in composer.shots] == [
            ("مرحبا 🐈", "0"),
            ("Two", "x"),
        ]
        assert (composer.audio, composer.scene, composer.board_open) == (audio, scene, True)
        assert composer.draft_said == response.json()["said"]

    def test_goes_on_in_the_same_draft(self, save):
        page = page_of()
        page = seen(page, save(page, "A"))

        page = seen(page, save(page, "A ki"))

        assert [(draft.data["prompt"], draft.version) for draft in Draft.objects.all()] == [("A ki", 2)]

    def test_the_same_saving_twice_is_one(self, save):
        page = page_of()

        answers = [save(page).json() for _time in range(2)]

        assert answers[0] == answers[1]
        assert Draft.objects.count() == 1

    def test_a_page_that_missed_an_answer_goes_on(self, save):
        page = page_of()
        save(page, "A")
        save(page, "A k")

        assert save(page, "A kite").status_code == 200
        assert Draft.objects.get().data["prompt"] == "A kite"

    def test_what_was_sent_earlier_and_arrives_later_changes_nothing(self, save):
        page = page_of()
        newer = save(page, "A kite", draft_turn="8").json()

        late = save(page, "A k", draft_turn="7")

        assert (late.status_code, late.json()) == (200, newer)
        assert Draft.objects.get().data["prompt"] == "A kite"
        assert save(page, "A", draft_turn="9").json()["version"] == 2

    def test_of_a_text_that_was_typed_and_taken_back_the_last_is_kept(self, save):
        page = page_of()
        page = seen(page, save(page, "A kite", draft_turn="6"))
        save(page, "A kite", draft_turn="8")

        save(page, "A kitten", draft_turn="7")

        assert Draft.objects.get().data["prompt"] == "A kite"

    def test_what_comes_in_between_is_told_from_what_is_late(self, save, monkeypatch):
        """The rows are read before the newer one is there, and written after it."""
        page = page_of()
        page = seen(page, save(page, "A", draft_turn="6"))
        kept, name_of = [], drafts.name_of

        def newer_first(data):
            if not kept:
                kept.append(True)
                save(page, "A kite", draft_turn="8")
            return name_of(data)

        monkeypatch.setattr(drafts, "name_of", newer_first)

        assert save(page, "A k", draft_turn="7").json()["version"] == 2
        assert Draft.objects.get().data["prompt"] == "A kite"

    def test_the_newer_of_two_that_would_make_it_is_kept(self, save, monkeypatch):
        page, kept, name_of = page_of(), [], drafts.name_of

        def older_first(data):
            if not kept:
                kept.append(True)
                save(page, "A k", draft_turn="7")
            return name_of(data)

        monkeypatch.setattr(drafts, "name_of", older_first)

        save(page, "A kite", draft_turn="8")

        assert Draft.objects.get().data["prompt"] == "A kite"

    def test_what_comes_after_its_end_brings_nothing_back(self, save, as_alice, project):
        page = page_of()
        page = seen(page, save(page, "A kite", draft_turn="6"))
        as_alice.post("/generations/", {"project": str(project.uuid), **page, "do": "discard-draft", "draft_turn": "8"})

        late = save(page, "A kite", draft_turn="7")

        assert (late.status_code, late.json()["version"]) == (200, 0)
        assert not Draft.objects.filter(ended_at=None).exists()
        assert save(page, "A kite", draft_turn="9").json()["note"]

    def test_nothing_typed_is_no_draft(self, save):
        response = save(page_of(), "", **{"shots-0-text": "", "shots-0-seconds": "3"})

        assert response.json()["version"] == 0
        assert not Draft.objects.exists()

    def test_a_draft_may_be_emptied(self, save, studio):
        page = page_of()
        page = seen(page, save(page, "A"))

        save(page, "")

        assert Draft.objects.get().name == "Empty draft"

    def test_spoilt_hidden_fields_do_not_prevent_it(self, save):
        response = save({"draft": "x", "draft_version": "-1", "draft_writer": ""})

        assert response.status_code == 200
        assert Draft.objects.count() == 1

    def test_is_named_after_its_first_words(self, save):
        save(page_of(), "", **{"shots-0-text": "", "shots-1-text": "Wide: " + "harbour " * 20})

        name = Draft.objects.get().name
        assert name.startswith("Wide: harbour")
        assert len(name) == 60


class TestAtOnce:
    @pytest.fixture
    def between(self, save):
        """`between(page, text)` makes that page save just before the next change of a draft is written."""

        def between(page, text):
            waiting = [text]

            def before(execute, sql, *rest):
                if sql.startswith('UPDATE "generations_draft"') and waiting:
                    save(page, waiting.pop())
                return execute(sql, *rest)

            return connection.execute_wrapper(before)

        return between

    @pytest.fixture
    def page(self, save):
        page = page_of()
        return seen(page, save(page, "A kite"))

    def test_two_savings_of_one_page_are_no_other_window(self, save, page, between):
        with between(page, "A kite over"):
            answer = save(page, "A kite over the dunes")

        assert answer.json()["version"] == 3
        assert Draft.objects.get().data["prompt"] == "A kite over the dunes"

    def test_another_window_is_told_even_then(self, save, page, between):
        with between(page | {"draft_writer": str(uuid.uuid4())}, "A kite at night"):
            assert save(page, "A kite over the dunes").status_code == 409

        assert Draft.objects.get().data["prompt"] == "A kite at night"


class TestTwoPages:
    @pytest.fixture
    def two(self, save):
        """Two windows with the same draft; the first has typed more."""
        first = page_of()
        first = seen(first, save(first, "A kite"))
        second = first | {"draft_writer": str(uuid.uuid4())}
        first = seen(first, save(first, "A kite over the dunes"))
        return first, second

    def test_the_later_one_is_told_and_nothing_is_overwritten(self, save, two):
        response = save(two[1], "A kite at night")

        html = response.content.decode()
        assert response.status_code == 409
        assert "changed in another window" in html
        assert "Keep both" in html
        assert "Replace it with this" in html
        assert Draft.objects.get().data["prompt"] == "A kite over the dunes"

    def test_the_other_goes_on_unharmed(self, save, two):
        save(two[1], "A kite at night")

        assert save(two[0], "A kite over the dunes at dawn").status_code == 200

    def test_what_was_sent_elsewhere_becomes_a_new_draft(self, save, two, as_alice, project):
        as_alice.post("/generations/", {"project": str(project.uuid), "prompt": "A kite", **two[0]})

        response = save(two[1], "A kite at night")

        assert "sent or discarded elsewhere" in response.json()["note"]
        assert Draft.objects.get(ended_at=None).data["prompt"] == "A kite at night"

    def test_a_draft_of_others_is_neither_read_nor_written(self, save, two, client, bob, project):
        client.force_login(bob)

        answer = client.post(URL, {"project": str(project.uuid), "prompt": "mine", **two[0]}, headers=HTMX).json()

        assert answer["draft"] != two[0]["draft"]
        assert Draft.objects.get(uuid=two[0]["draft"]).data["prompt"] == "A kite over the dunes"
        assert client.get("/studio/", {"project": project.uuid, "draft": two[0]["draft"]}).context["composer"].warnings


class TestPress:
    def press(self, client, project, page, **values):
        form = {"project": str(project.uuid), "prompt": "A kite", **page, **values}
        return client.post("/generations/", form, headers=HTMX)

    def test_ends_the_draft_and_names_a_new_one(self, save, as_alice, project, studio):
        page = page_of()
        page = seen(page, save(page))

        response = self.press(as_alice, project, page)

        assert Generation.objects.count() == 1
        assert Draft.objects.get().ended_at is not None
        assert page["draft"] not in response.content.decode()
        assert 'name="draft_version" value="0"' in response.content.decode()
        assert studio().form["prompt"].value() in (None, "")

    def test_what_another_window_typed_since_stays(self, save, as_alice, project):
        first = page_of()
        first = seen(first, save(first))
        second = first | {"draft_writer": str(uuid.uuid4())}
        save(second, "A kite at night")

        self.press(as_alice, project, first)

        assert Draft.objects.get(ended_at=None).data["prompt"] == "A kite at night"

    def test_a_refused_press_keeps_it_and_what_was_typed(self, save, as_alice, project):
        page = page_of()
        page = seen(page, save(page))

        response = self.press(as_alice, project, page, duration="99")

        assert response.status_code == 422
        assert f'name="draft" value="{page["draft"]}"' in response.content.decode()
        assert Draft.objects.get().ended_at is None


class TestRestore:
    def test_the_newest_of_the_project_comes_back(self, save, studio, team):
        save(page_of(), "one")
        save(page_of(), "two")
        save(page_of(), "elsewhere", project=str(ProjectFactory(team=team).uuid))

        assert studio().form["prompt"].value() == "two"
        assert [draft.name for draft in studio().shelf] == ["two", "one"]

    def test_any_is_chosen_or_a_new_one(self, save, studio):
        draft = save(page_of(), "one").json()["draft"]
        save(page_of(), "two")

        assert studio(draft=draft).form["prompt"].value() == "one"
        assert studio(draft="new").form["prompt"].value() in (None, "")
        assert studio(draft="new").hold.version == 0

    def test_one_that_is_not_on_the_menu_any_more_opens_by_its_address(self, save, studio, monkeypatch):
        monkeypatch.setattr(drafts, "MOST", 1)
        draft = save(page_of(), "one").json()["draft"]
        save(page_of(), "two")

        composer = studio(draft=draft)

        assert (composer.form["prompt"].value(), composer.warnings) == ("one", ())
        assert [each.name for each in composer.shelf] == ["two"]

    @pytest.mark.parametrize("query", [{"sample": "lanterns"}, {"from": "take"}, {"draft": "new"}])
    def test_what_fills_the_composer_is_a_draft_of_its_own(self, save, studio, project, alice, query):
        kept = save(page_of(), "one").json()["draft"]
        take = GenerationFactory(scene=SceneFactory(project=project, created_by=alice), owner=alice)
        query = {name: str(take.uuid) if value == "take" else value for name, value in query.items()}

        composer = studio(**query)

        assert str(composer.hold.uuid) != kept
        save({"draft": str(composer.hold.uuid), "draft_version": "0", "draft_writer": str(composer.hold.writer)}, "two")
        assert Draft.objects.get(uuid=kept).data["prompt"] == "one"

    @pytest.mark.parametrize("name", ["nothing", "8f0bb1c5-0e1f-4b0d-9d0e-6a3a5a1f2b3c"])
    def test_one_that_is_gone_gets_words(self, studio, name):
        assert studio(draft=name).warnings == ("This draft is not here any more. It was sent or discarded.",)

    def test_audio_deleted_elsewhere_gets_words(self, save, studio, project):
        audio = AudioFactory(project=project)
        save(page_of(), audio_id=str(audio.uuid))
        audio.delete()

        composer = studio()

        assert composer.warnings == ("The audio of this draft is not here any more. Choose the file again.",)
        assert composer.form["prompt"].value() == "A kite"

    def test_a_draft_of_a_project_that_was_left_goes_on_elsewhere(self, save, studio, alice):
        left = ProjectFactory(name="Left")
        membership = MembershipFactory(team=left.team, user=alice)
        draft = save(page_of(), "kept", project=str(left.uuid)).json()["draft"]
        membership.delete()

        assert [found.name for found in studio().shelf] == ["kept"]
        composer = studio(draft=draft)
        assert composer.form["prompt"].value() == "kept"
        assert "where you can't write any more" in composer.warnings[0]
        assert str(composer.hold.uuid) != draft

    def test_a_draft_of_a_project_that_was_deleted_goes_on_elsewhere(self, save, studio, team):
        gone = ProjectFactory(team=team, name="Gone")
        draft = save(page_of(), "kept", project=str(gone.uuid)).json()["draft"]
        Project.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())

        assert [found.name for found in studio().shelf] == ["kept"]
        composer = studio(draft=draft)
        assert composer.form["prompt"].value() == "kept"
        assert "where you can't write any more" in composer.warnings[0]

    def test_a_seed_goes_to_what_is_being_written(self, save, as_alice, project, alice):
        clip = ReadyFactory(scene=SceneFactory(project=project, created_by=alice), owner=alice, seed=7, prompt="Old")
        draft = save(page_of(), "A fox").json()["draft"]

        composer = as_alice.get("/studio/", {"from": str(clip.uuid), "use": "seed"}).context["composer"]

        assert (composer.form["prompt"].value(), composer.form["seed"].value()) == ("A fox", 7)
        assert (str(composer.hold.uuid), composer.scene) == (draft, None)

    def test_says_without_script_when_it_would_be_ready_and_what_it_costs(self, save, as_alice, project, account):
        draft = save(page_of(), "A kite", duration="5", resolution="720P", takes="2").json()["draft"]

        asked = as_alice.get("/studio/", {"project": str(project.uuid), "draft": draft}).content.decode()
        html = as_alice.get("/studio/", {"project": str(project.uuid)}).content.decode()

        assert "Ready perhaps in" in asked
        assert " · US$\xa01.00" in asked
        assert " · US$\xa01.00" in html
        assert 'value="save-draft"' in html.partition("<noscript>")[2].partition("</noscript>")[0]

    def test_a_demo_says_without_script_that_it_costs_nothing(self, save, as_alice, project, account):
        WanAccount.objects.update(is_demo=True)
        save(page_of(), "A kite")

        html = as_alice.get("/studio/", {"project": str(project.uuid)}).content.decode()

        assert "Demo, costs nothing" in html.partition("<noscript>")[2].partition("</noscript>")[0]

    def test_a_page_with_a_draft_costs_no_query_more(self, save, as_alice, project, alice, django_assert_num_queries):
        def page():
            return as_alice.get("/studio/", {"project": str(project.uuid)})

        ReadyFactory(scene=SceneFactory(project=project, created_by=alice), owner=alice)
        page()
        with CaptureQueriesContext(connection) as without:
            page()
        count = len(without)
        save(page_of(), "one")

        with django_assert_num_queries(count):
            page()


class TestRights:
    @pytest.mark.parametrize("who", ["vera", "charlie"])
    def test_nothing_is_saved_where_one_cannot_write(self, client, project, who, request):
        client.force_login(request.getfixturevalue(who))

        assert client.post(URL, {"project": str(project.uuid), "prompt": "x"}).status_code == 404
        assert client.get("/drafts/", {"project": str(project.uuid)}).status_code == 404

    def test_guests_sign_in(self, client, project):
        assert client.post(URL, {"project": str(project.uuid)}).status_code == 302

    def test_the_menu_lists_ones_own(self, save, as_alice, client, bob, project):
        save(page_of(), "A kite")

        assert "A kite" in as_alice.get("/drafts/", {"project": str(project.uuid)}).content.decode()
        client.force_login(bob)
        assert "A kite" not in client.get("/drafts/", {"project": str(project.uuid)}).content.decode()


class TestWithoutScript:
    """Buttons of the form: what was typed is saved before anything else is shown."""

    @pytest.fixture
    def step(self, as_alice, project):
        def step(do, page, prompt="A kite", **values):
            form = {"project": str(project.uuid), "prompt": prompt, "do": do, **page, **values}
            return as_alice.post("/generations/", form, follow=True)

        return step

    def test_save(self, step):
        composer = step("save-draft", page_of()).context["composer"]

        assert composer.hold.uuid == Draft.objects.get().uuid
        assert composer.draft_said.startswith("Drafts · saved")

    def test_new_and_open_save_first(self, step, save):
        other = save(page_of(), "other").json()["draft"]

        fresh = step("new-draft", page_of(), "first").context["composer"]
        opened = step(f"open-draft:{other}", page_of(), "second").context["composer"]

        assert fresh.form["prompt"].value() in (None, "")
        assert opened.form["prompt"].value() == "other"
        assert set(Draft.objects.values_list("name", flat=True)) == {"other", "first", "second"}

    def test_discard_can_be_undone(self, step, save):
        page = page_of()
        page = seen(page, save(page))

        response = step("discard-draft", page)
        restored = step(f"restore-draft:{page['draft']}", page_of(), "").context["composer"]

        assert "Draft “A kite” discarded." in response.content.decode()
        assert response.context["composer"].form["prompt"].value() in (None, "")
        assert restored.form["prompt"].value() == "A kite"

    def test_a_changed_draft_is_asked_about_and_both_may_be_kept(self, step, save):
        first = page_of()
        first = seen(first, save(first, "A"))
        second = first | {"draft_writer": str(uuid.uuid4())}
        save(first, "A kite over the dunes")

        asked = step("save-draft", second, "A kite at night")
        assert asked.status_code == 409
        assert asked.context["composer"].form["prompt"].value() == "A kite at night"
        assert "changed in another window" in asked.content.decode()

        step("keep-draft", second, "A kite at night")
        assert sorted(Draft.objects.values_list("name", flat=True)) == ["A kite at night", "A kite over the dunes"]

    def test_a_changed_draft_may_be_replaced(self, step, save):
        first = page_of()
        first = seen(first, save(first, "A"))
        second = first | {"draft_writer": str(uuid.uuid4())}
        save(first, "A kite over the dunes")

        step("take-over-draft", second, "A kite at night")

        assert Draft.objects.get().name == "A kite at night"

    def test_nothing_of_others_is_restored_or_discarded(self, step, project, bob):
        theirs = drafts.save(drafts.Hold.fresh(), {"prompt": "theirs"}, user=bob, project=project)

        step("discard-draft", page_of(draft=str(theirs.uuid)))

        theirs.refresh_from_db()
        assert theirs.ended_at is None


class TestOlder:
    """The menu shows the newest, and leads to all."""

    @pytest.fixture
    def kept(self, alice, project, monkeypatch):
        monkeypatch.setattr(drafts, "MOST", 2)
        for name in ("A", "B", "C", "D", "E"):
            drafts.save(drafts.Hold.fresh(), {"prompt": name}, user=alice, project=project)

    @pytest.mark.parametrize(
        ("headers", "shown"), [({"HX-Request": "true"}, r'dir="auto">(\w)<'), ({}, r'auto">(\w)</a>')]
    )
    def test_are_led_to_page_by_page(self, as_alice, kept, project, headers, shown):
        address, pages = f"/drafts/?project={project.uuid}", []
        while address:
            html = as_alice.get(address, headers=headers).content.decode()
            pages.append(re.findall(shown, html))
            older = re.search(r'href="([^"]*before=[^"]+)"', html)
            address = urljoin("/drafts/", unescape(older[1])) if older else ""

        assert pages == [["E", "D"], ["C", "B"], ["A"]]

    def test_are_led_to_from_the_studio_and_a_call_sheet(self, as_alice, kept, project, alice):
        for text in ("Rain", "Snow", "Fog"):
            drafts.save(drafts.Hold.fresh(), {"text": text}, user=alice, project=project, kind="sheet")

        for page in ("/studio/", "/studio/sheet/"):
            assert ">Older ones</a>" in as_alice.get(page, {"project": project.uuid}).content.decode()

    def test_a_spoilt_cursor_shows_the_newest(self, as_alice, kept, project):
        page = as_alice.get("/drafts/", {"project": project.uuid, "before": "x"})

        assert [draft.name for draft in page.context["shelf"]] == ["E", "D"]

    def test_are_on_a_page_of_their_project(self, as_alice, alice, kept, project):
        alice.last_project = alice.personal_team.projects.get()
        alice.save()

        assert as_alice.get("/drafts/", {"project": project.uuid}).context["studio"].here == project


class TestTidy:
    def test_forgets_what_ended_long_ago(self, alice, project):
        kept, recent, old = (
            drafts.save(drafts.Hold.fresh(), {"prompt": name}, user=alice, project=project)
            for name in ("kept", "recent", "old")
        )
        Draft.objects.filter(pk=recent.pk).update(ended_at=timezone.now() - timedelta(days=6))
        Draft.objects.filter(pk=old.pk).update(ended_at=timezone.now() - timedelta(days=8))

        tidy.sweep()

        assert set(Draft.objects.all()) == {kept, recent}

    def test_data_is_json(self, alice, project):
        draft = drafts.save(drafts.Hold.fresh(), {"prompt": "\u2028🐈"}, user=alice, project=project)

        assert json.loads(json.dumps(draft.data)) == draft.data
