"""What is typed into a call sheet is kept, and earlier uploads of the project are named in it."""

from __future__ import annotations

import re
import uuid
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations import drafts
from generations.drafts import Hold
from generations.models import Draft, Generation
from tests.factories import AccountFactory, AudioFactory, MembershipFactory, ProjectFactory
from tests.generations.media_files import write_audio

URL = "/studio/sheet/"
CSV = "prompt,duration\nRain,4\nSnow,99\n"


@pytest.fixture
def post(as_alice, project, team):
    AccountFactory(team=team)
    token = uuid.uuid4()

    def post(text="", do="check", hold=None, **fields):
        kept = {"draft": hold.uuid, "draft_version": hold.version, "draft_writer": hold.writer} if hold else {}
        data = {"project": project.uuid, "press": token, "text": text, "do": do, "resolution": "720P"}
        return as_alice.post(URL, data | kept | fields).context["call_sheet"]

    return post


def undo_in(page):
    return re.search(r'value="([^"]+)"[^>]*>Undo<', page.content.decode())[1]


class TestDraft:
    def test_comes_back_with_everything_that_was_typed(self, post, as_alice, project):
        post(CSV, name="Weather", seeds="1-4", ratios=["1:1"], words=["moonlight"])

        again = as_alice.get(URL, {"project": project.uuid}).context["call_sheet"]

        assert again.values["text"] == CSV
        assert (again.values["name"], again.values["seeds"]) == ("Weather", "1-4")
        assert (again.values["ratios"], again.words) == (["1:1"], ["moonlight"])
        assert again.said.startswith("Sheet saved")
        assert [len(row.errors) for row in again.sheet.rows] == [0, 1]

    def test_is_one_however_often_it_is_saved(self, post):
        hold = post("Rain").hold
        hold = post("Rain\nSnow", hold=hold).hold

        assert [draft.data["text"] for draft in Draft.objects.all()] == ["Rain\nSnow"]
        assert hold.version == 2

    def test_a_check_that_arrives_late_changes_nothing(self, post):
        hold = post("Rain").hold
        post("Rain\nSnow", hold=hold, draft_turn=8)

        late = post("Rain\nSn", hold=hold, draft_turn=7)

        assert late.changed is None
        assert late.said.startswith("Sheet saved")
        assert Draft.objects.get().data["text"] == "Rain\nSnow"

    def test_a_check_that_arrives_after_the_press_brings_nothing_back(self, post, as_alice, project):
        hold = post("Rain").hold
        data = {"project": project.uuid, "press": uuid.uuid4(), "text": "Rain", "do": "send", "resolution": "720P"}
        named = {"draft": hold.uuid, "draft_version": hold.version, "draft_writer": hold.writer, "draft_turn": 8}
        as_alice.post(URL, data | named | {"duration": "2", "ratio": "16:9"})

        post("Rain", hold=hold, draft_turn=7)

        assert Generation.objects.count() == 1
        assert not Draft.objects.filter(ended_at=None).exists()

    def test_never_fills_the_composer(self, post, as_alice, project):
        sheet = post("Rain").hold.uuid

        for query in ({}, {"draft": sheet}):
            composer = as_alice.get("/studio/", {"project": project.uuid, **query}).context["composer"]
            assert composer.form["prompt"].value() in (None, "")

    def test_another_window_is_not_overwritten_silently(self, post):
        first = post("Rain").hold
        post("Rain\nSnow", hold=first, draft_writer=uuid.uuid4())
        stale = post("Rain\nHail", hold=first)

        assert stale.changed is not None
        assert stale.values["text"] == "Rain\nHail"
        assert Draft.objects.get().data["text"] == "Rain\nSnow"

        post("Rain\nHail", do="keep-draft", hold=stale.hold)
        assert {draft.data["text"] for draft in Draft.objects.all()} == {"Rain\nSnow", "Rain\nHail"}

    def test_the_other_version_can_be_seen_before_one_decides(self, post, as_alice, project):
        first = post("Rain").hold
        post("Rain\nSnow", hold=first, draft_writer=uuid.uuid4())
        named = {"draft": first.uuid, "draft_version": first.version, "draft_writer": first.writer}

        html = as_alice.post(URL, {"project": project.uuid, "text": "Hail", "do": "check", **named}).content.decode()

        address = re.search(r'href="([^"]+)" target="_blank">See the other version', html)[1].replace("&amp;", "&")
        assert as_alice.get(address).context["call_sheet"].values["text"] == "Rain\nSnow"

    def test_the_later_window_may_take_over(self, post):
        first = post("Rain").hold
        post("Rain\nSnow", hold=first, draft_writer=uuid.uuid4())

        post("Rain\nHail", do="take-over-draft", hold=first)

        assert Draft.objects.get().data["text"] == "Rain\nHail"

    def test_ends_when_it_is_sent(self, post, as_alice, project):
        hold = post("Rain").hold
        data = {"project": project.uuid, "press": uuid.uuid4(), "text": "Rain", "do": "send", "resolution": "720P"}
        named = {"draft": hold.uuid, "draft_version": hold.version, "draft_writer": hold.writer, "duration": "2"}
        data |= named | {"ratio": "16:9"}

        as_alice.post(URL, data)

        assert Generation.objects.count() == 1
        assert as_alice.get(URL, {"project": project.uuid}).context["call_sheet"].values["text"] == ""

    def test_is_discarded_and_brought_back(self, post, as_alice, project):
        hold = post("Rain").hold
        named = {
            "project": project.uuid,
            "draft": hold.uuid,
            "draft_version": hold.version,
            "draft_writer": hold.writer,
        }

        gone = as_alice.post(URL, named | {"text": "Rain", "do": "discard-draft"}, follow=True)
        assert gone.context["call_sheet"].values["text"] == ""
        undo = undo_in(gone)
        fresh = gone.context["call_sheet"].hold
        named |= {"draft": fresh.uuid, "draft_version": 0, "draft_writer": fresh.writer}
        back = as_alice.post(URL, named | {"text": "Snow", "do": undo}, follow=True)

        assert back.context["call_sheet"].values["text"] == "Rain"
        assert {draft.data["text"] for draft in Draft.objects.filter(ended_at=None)} == {"Rain", "Snow"}

    def test_others_neither_discard_nor_restore_it(self, post, client, bob, project):
        hold = post("Rain").hold
        client.force_login(bob)

        client.post(URL, {"project": project.uuid, "draft": hold.uuid, "do": "discard-draft"})
        assert Draft.objects.get(uuid=hold.uuid).ended_at is None
        Draft.objects.end()
        client.post(URL, {"project": project.uuid, "do": f"restore-draft:{hold.uuid}"})
        assert Draft.objects.get(uuid=hold.uuid).ended_at is not None

    def test_rows_wait_for_what_comes_from_the_composer(self, post, as_alice, project):
        post("Rain")

        opened = as_alice.post(URL, {"project": project.uuid, "prompt": "A boat"}).context["call_sheet"]

        assert (opened.values["text"], opened.values["prompt"]) == ("Rain", "A boat")

    def test_an_empty_composer_leaves_it_as_it_is(self, post, as_alice, project):
        post("Rain", prompt="A boat", seeds="1-4")

        opened = as_alice.post(URL, {"project": project.uuid, "prompt": "", "seeds": "fresh"}).context["call_sheet"]

        assert [opened.values[name] for name in ("text", "prompt", "seeds")] == ["Rain", "A boat", "1-4"]

    def test_nobody_else_has_it(self, post, client, bob, project):
        post("Rain")
        client.force_login(bob)

        assert client.get(URL, {"project": project.uuid}).context["call_sheet"].values["text"] == ""


class TestShelf:
    """Several sheets are kept: each is opened and discarded from the list of them, and what stands here stays."""

    @pytest.fixture
    def step(self, as_alice, project):
        """A button of the page that holds this text."""

        def step(do, text="", hold=None, **fields):
            kept = {"draft": hold.uuid, "draft_version": hold.version, "draft_writer": hold.writer} if hold else {}
            data = {"project": project.uuid, "press": uuid.uuid4(), "text": text, "do": do, "resolution": "720P"}
            return as_alice.post(URL, data | kept | fields, follow=True)

        return step

    @pytest.fixture
    def left(self, alice):
        """A sheet of a project whose team she has left."""
        membership = MembershipFactory(team=ProjectFactory().team, user=alice)
        project = ProjectFactory(team=membership.team)
        draft = drafts.save(Hold.fresh(), {"text": "Snow", "seeds": "1-4"}, user=alice, project=project, kind="sheet")
        membership.delete()
        return draft

    def test_lists_all_and_opens_the_one_that_is_asked_for(self, post, as_alice, project):
        first = post("Rain", name="Weather").hold.uuid
        post("prompt,seed\nSnow,1\n")

        page = as_alice.get(URL, {"project": project.uuid, "draft": first})

        assert [draft.name for draft in page.context["shelf"]] == ["Snow", "Weather"]
        assert page.context["call_sheet"].values["text"] == "Rain"
        assert f'value="open-sheet:{first}"' in page.content.decode()

    def test_a_new_one_leaves_what_stands_here(self, post, step):
        hold = post("Rain").hold

        fresh = step("new-draft", "Rain\nSnow", hold).context["call_sheet"]

        assert (fresh.values["text"], fresh.hold.version) == ("", 0)
        assert Draft.objects.get().data["text"] == "Rain\nSnow"

    def test_another_one_is_opened_and_what_stands_here_is_kept(self, post, step):
        first = post("Rain").hold.uuid

        opened = step(f"open-sheet:{first}", "Hail").context["call_sheet"]

        assert (opened.values["text"], opened.hold.uuid) == ("Rain", first)
        assert {draft.data["text"] for draft in Draft.objects.all()} == {"Rain", "Hail"}

    def test_nothing_is_opened_over_what_another_window_has_changed(self, post, step):
        first, second = post("Rain").hold.uuid, post("Hail").hold
        post("Hail\nFog", hold=second, draft_writer=uuid.uuid4())

        abouts = [f"{act}:{first}" for act in ("open-sheet", "discard-draft", "restore-draft", "put-back-draft")]
        for do in (*abouts, "new-draft"):
            stays = step(do, "Hail\nSun", second).context["call_sheet"]

            assert stays.changed is not None
            assert stays.values["text"] == "Hail\nSun"
        assert not Draft.objects.exclude(ended_at=None).exists()

    def test_another_one_is_discarded_and_brought_back(self, post, step):
        first, second = post("Rain").hold.uuid, post("Hail").hold

        page = step(f"discard-draft:{first}", "Hail\nFog", second)

        assert page.context["call_sheet"].values["text"] == "Hail\nFog"
        assert "Sheet “Rain” discarded." in page.content.decode()
        assert [draft.uuid for draft in page.context["shelf"]] == [second.uuid]
        back = step(undo_in(page), "Hail\nFog\nSun", page.context["call_sheet"].hold)
        assert back.context["call_sheet"].values["text"] == "Hail\nFog\nSun"
        assert "“Rain” is kept again, among your sheets." in back.content.decode()
        assert [draft.uuid for draft in back.context["shelf"]] == [first, second.uuid]

    def test_another_one_is_brought_back_beside_a_blank_page(self, post, step):
        first = post("Rain").hold.uuid
        page = step(f"discard-draft:{first}")

        back = step(undo_in(page))

        assert back.context["call_sheet"].values["text"] == ""
        assert [draft.uuid for draft in back.context["shelf"]] == [first]

    def test_what_was_brought_back_already_is_not_offered_again(self, post, step, as_alice, project):
        first = post("Rain").hold.uuid
        address = step(f"discard-draft:{first}").redirect_chain[-1][0]
        Draft.objects.update(ended_at=None)

        assert ">Undo<" not in as_alice.get(address).content.decode()

    def test_one_of_a_project_that_was_left_goes_on_here_with_words(self, post, step, as_alice, project, left):
        page = as_alice.get(URL, {"project": project.uuid, "draft": left.uuid})

        opened = page.context["call_sheet"]
        assert (opened.values["text"], opened.values["seeds"]) == ("Snow", "1-4")
        assert "where you can't write any more. It goes on here." in unescape(page.content.decode())
        post("Snow\nHail", hold=opened.hold)
        assert sorted(draft.data["text"] for draft in Draft.objects.all()) == ["Snow", "Snow\nHail"]
        assert "of a closed project" in as_alice.get(URL, {"project": project.uuid}).content.decode()
        assert step(f"discard-draft:{left.uuid}").context["shelf"] == [Draft.objects.get(project=project)]

    @pytest.mark.parametrize("archived", [True, False])
    def test_one_of_a_project_that_is_archived_or_gone_is_there(self, as_alice, alice, project, team, archived):
        other = ProjectFactory(team=team)
        draft = drafts.save(Hold.fresh(), {"text": "Snow"}, user=alice, project=other, kind="sheet")
        if archived:
            type(other).objects.filter(pk=other.pk).update(archived_at=timezone.now())
        else:
            Draft.objects.update(project=None)

        page = as_alice.get(URL, {"project": project.uuid, "draft": draft.uuid})

        assert page.context["call_sheet"].values["text"] == "Snow"

    def test_one_that_is_gone_gets_words(self, as_alice, project):
        page = as_alice.get(URL, {"project": project.uuid, "draft": uuid.uuid4()})

        assert "This sheet is not here any more." in page.content.decode()

    def test_nobody_else_opens_or_discards_it(self, post, client, bob, project):
        hold = post("Rain").hold
        client.force_login(bob)

        page = client.get(URL, {"project": project.uuid, "draft": hold.uuid})
        client.post(URL, {"project": project.uuid, "do": f"discard-draft:{hold.uuid}"})

        assert page.context["call_sheet"].values["text"] == ""
        assert page.context["shelf"] == []
        assert Draft.objects.get(uuid=hold.uuid).ended_at is None

    def test_the_list_is_fetched_for_the_page_that_holds_one(self, post, as_alice, project):
        hold = post("Rain").hold
        drafts.save(Hold.fresh(), {"prompt": "A kite"}, user=Draft.objects.get().owner, project=project)

        asked = {"project": project.uuid, "sheets": "", "draft": hold.uuid}
        html = as_alice.get("/drafts/", asked, headers={"HX-Request": "true"}).content.decode()

        assert f'value="open-sheet:{hold.uuid}"' in html
        assert 'aria-current="true"' in html
        assert "A kite" not in html

    def test_the_page_costs_few_queries(self, post, as_alice, project, django_assert_max_num_queries):
        for text in ("Rain", "Hail", "Fog"):
            post(text)

        with django_assert_max_num_queries(10):
            as_alice.get(URL, {"project": project.uuid})


class TestComposersShelf:
    """The menu of the composer lists call sheets, too."""

    @pytest.fixture
    def step(self, as_alice, project):
        def step(do, prompt="A kite", **fields):
            return as_alice.post("/generations/", {"project": project.uuid, "prompt": prompt, "do": do, **fields})

        return step

    def test_lists_and_opens_one_and_keeps_what_was_typed(self, post, step, as_alice, project):
        sheet = post("Rain").hold.uuid

        html = as_alice.get("/studio/", {"project": project.uuid}).content.decode()
        answer = step(f"open-sheet:{sheet}")

        assert f'value="open-sheet:{sheet}"' in html
        assert answer["Location"] == f"{URL}?project={project.uuid}&draft={sheet}"
        assert {draft.name for draft in Draft.objects.all()} == {"Rain", "A kite"}

    def test_discards_one_beside_what_is_being_written(self, post, step, as_alice):
        sheet = post("Rain").hold.uuid

        page = as_alice.get(step(f"discard-draft:{sheet}")["Location"])

        assert Draft.objects.get(uuid=sheet).ended_at is not None
        composer = page.context["composer"]
        assert (composer.form["prompt"].value(), composer.discarded.draft.uuid) == ("A kite", sheet)
        assert "Sheet “Rain” discarded." in page.content.decode()
        back = step(
            undo_in(page),
            draft=composer.hold.uuid,
            draft_version=composer.hold.version,
            draft_writer=composer.hold.writer,
        )
        assert Draft.objects.filter(ended_at=None).count() == 2
        html = as_alice.get(back["Location"]).content.decode()
        assert "A kite</textarea>" in html
        assert "“Rain” is kept again, among your sheets." in html

    def test_another_draft_is_brought_back_beside_what_is_being_written(self, step, as_alice):
        step("save-draft", "A boat")
        boat = Draft.objects.get()

        page = as_alice.get(step(f"discard-draft:{boat.uuid}")["Location"])
        back = as_alice.get(step(undo_in(page))["Location"])

        assert "Draft “A boat” discarded." in page.content.decode()
        assert back.context["composer"].form["prompt"].value() == "A kite"
        assert boat in back.context["composer"].shelf

    def test_reads_no_sheet_to_list_it(self, post, as_alice, project):
        post("Rain and snow " * 1000)

        with CaptureQueriesContext(connection) as queries:
            (draft,) = as_alice.get("/studio/", {"project": project.uuid}).context["composer"].shelf

        assert draft.get_deferred_fields() == {"data"}
        assert not any('"data"' in query["sql"] and "CASE" not in query["sql"] for query in queries)

    def test_many_sheets_do_not_hide_what_was_typed_last(self, post, step, as_alice, project, monkeypatch):
        monkeypatch.setattr(drafts, "MOST", 2)
        step("save-draft")
        for text in ("Rain", "Hail"):
            post(text)

        composer = as_alice.get("/studio/", {"project": project.uuid}).context["composer"]

        assert composer.form["prompt"].value() == "A kite"


class TestAudio:
    def test_is_an_earlier_upload_by_name_or_id(self, post, project, alice):
        old, new = (AudioFactory(project=project, uploaded_by=alice, name="Theme.mp3") for _ in range(2))

        sheet = post(f"prompt,audio\nRain,theme.mp3\nSnow,{old.uuid}\nHail,\n").sheet

        assert [row.recipe.audio for row in sheet.rows] == [new, old, None]

    def test_of_one_name_the_whole_file_is_meant(self, post, project, alice):
        whole = AudioFactory(project=project, uploaded_by=alice, name="Theme.mp3", seconds=20)
        cut = {"name": "Theme.mp3", "original": whole, "original_start": 1}
        part = AudioFactory(project=project, uploaded_by=alice, seconds=4, **cut)
        text = f"prompt,audio\nRain,theme.mp3\nSnow,{part.uuid}\n"

        assert [row.recipe.audio for row in post(text).sheet.rows] == [whole, part]
        type(whole).objects.filter(pk=whole.pk).update(seconds=41)
        assert [row.recipe.audio for row in post(text).sheet.rows] == [part, part]

    def test_the_composers_is_that_of_rows_that_name_none(self, post, as_alice, project, alice, team):
        other, mine = (AudioFactory(project=each, uploaded_by=alice) for each in (ProjectFactory(team=team), project))
        type(mine).objects.filter(pk=mine.pk).update(name="Theme.mp3")
        page = as_alice.post(URL, {"project": project.uuid, "prompt": "A boat", "audio_id": other.uuid})
        shown = re.search(r'<input type="checkbox" name="audio" value="([^"]+)"[^>]* checked', page.content.decode())[1]

        sheet = post("prompt,audio\nRain,\nSnow,theme.mp3\n", audio=shown).sheet

        assert [row.recipe.audio for row in sheet.rows] == [other, mine]
        assert [row.recipe.audio for row in post("Rain").sheet.rows] == [None]
        sends = {"project": project.uuid, "resolution": "720P", "text": "Rain", "do": "send", "audio": shown}
        as_alice.post(URL, sends)
        assert Generation.objects.get().audio == other

    def test_a_file_that_comes_from_the_composer_is_kept(self, as_alice, project, media_directory, tmp_path):
        path = write_audio(tmp_path / "theme.mp3", seconds=4)
        file = SimpleUploadedFile("theme.mp3", path.read_bytes())

        page = as_alice.post(URL, {"project": project.uuid, "prompt": "A boat", "audio": file})

        assert page.context["call_sheet"].sound.name == "theme.mp3"

    def test_of_a_kept_sheet_comes_back_or_is_said_to_be_gone(self, post, as_alice, project, alice):
        audio = AudioFactory(project=project, uploaded_by=alice)
        post("Rain", audio=str(audio.uuid))

        assert as_alice.get(URL, {"project": project.uuid}).context["call_sheet"].sound == audio
        audio.delete()
        page = as_alice.get(URL, {"project": project.uuid})
        assert "The audio of this sheet is not here any more." in page.content.decode()
        assert page.context["call_sheet"].can_send

    def test_what_is_not_the_projects_gets_words_at_its_row(self, post, team, alice):
        other = AudioFactory(project=ProjectFactory(team=team), uploaded_by=alice, name="Theme.mp3")

        sheet = post(f"prompt,audio\nRain,Theme.mp3\nSnow,{other.uuid}\n").sheet

        assert [name for row in sheet.rows for name, _sentence in row.errors] == ["audio", "audio"]
        assert "Upload it in the composer first." in sheet.rows[0].errors[0][1]

    def test_stays_in_sight_of_a_row_that_is_wrong(self, post, as_alice, project):
        text = "prompt,audio,duration\nRain,Theme.mp3,99\n"

        html = as_alice.post(URL, {"project": project.uuid, "text": text, "do": "check"}).content.decode()

        assert "Theme.mp3</small>" in html.partition('id="row-1"')[2]

    def test_one_that_is_too_long_has_to_be_trimmed(self, post, project, alice):
        AudioFactory(project=project, uploaded_by=alice, name="Long.mp3", seconds=41)

        sheet = post("prompt,audio\nRain,Long.mp3\n").sheet

        assert "41" in sheet.rows[0].errors[0][1]
        assert not sheet.is_fine
