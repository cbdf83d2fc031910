"""What is typed into a call sheet is kept, and earlier uploads of the project are named in it."""

from __future__ import annotations

import uuid

import pytest

from generations.models import Draft, Generation
from tests.factories import AccountFactory, AudioFactory, ProjectFactory

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


class TestDraft:
    def test_comes_back_with_everything_that_was_typed(self, post, as_alice, project):
        post(CSV, name="Weather", seeds="1-4", ratios=["1:1"], words=["moonlight"])

        again = as_alice.get(URL, {"project": project.uuid}).context["call_sheet"]

        assert again.values["text"] == CSV
        assert (again.values["name"], again.values["seeds"]) == ("Weather", "1-4")
        assert (again.values["ratios"], again.words) == (["1:1"], ["moonlight"])
        assert again.said.startswith("Draft saved")
        assert [len(row.errors) for row in again.sheet.rows] == [0, 1]

    def test_is_one_however_often_it_is_saved(self, post):
        hold = post("Rain").hold
        hold = post("Rain\nSnow", hold=hold).hold

        assert [draft.data["text"] for draft in Draft.objects.all()] == ["Rain\nSnow"]
        assert hold.version == 2

    def test_is_no_draft_of_the_composer(self, post, as_alice, project):
        post("Rain")

        page = as_alice.get("/studio/", {"project": project.uuid})

        assert page.context["composer"].shelf == []

    def test_another_window_is_not_overwritten_silently(self, post):
        first = post("Rain").hold
        post("Rain\nSnow", hold=first, draft_writer=uuid.uuid4())
        stale = post("Rain\nHail", hold=first)

        assert stale.changed is not None
        assert stale.values["text"] == "Rain\nHail"
        assert Draft.objects.get().data["text"] == "Rain\nSnow"

        post("Rain\nHail", do="keep-draft", hold=stale.hold)
        assert {draft.data["text"] for draft in Draft.objects.all()} == {"Rain\nSnow", "Rain\nHail"}

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

        gone = as_alice.post(URL, named | {"text": "Rain", "do": "discard"}, follow=True)
        assert gone.context["call_sheet"].values["text"] == ""
        undo = f"restore:{hold.uuid}"
        assert f'value="{undo}"' in gone.content.decode()
        fresh = gone.context["call_sheet"].hold
        named |= {"draft": fresh.uuid, "draft_version": 0, "draft_writer": fresh.writer}
        back = as_alice.post(URL, named | {"text": "Snow", "do": undo}, follow=True)

        assert back.context["call_sheet"].values["text"] == "Rain"
        assert {draft.data["text"] for draft in Draft.objects.filter(ended_at=None)} == {"Rain", "Snow"}

    def test_others_neither_discard_nor_restore_it(self, post, client, bob, project):
        hold = post("Rain").hold
        client.force_login(bob)

        client.post(URL, {"project": project.uuid, "draft": hold.uuid, "do": "discard"})
        assert Draft.objects.get(uuid=hold.uuid).ended_at is None
        Draft.objects.end()
        client.post(URL, {"project": project.uuid, "do": f"restore:{hold.uuid}"})
        assert Draft.objects.get(uuid=hold.uuid).ended_at is not None

    def test_rows_wait_for_what_comes_from_the_composer(self, post, as_alice, project):
        post("Rain")

        opened = as_alice.post(URL, {"project": project.uuid, "prompt": "A boat"}).context["call_sheet"]

        assert (opened.values["text"], opened.values["prompt"]) == ("Rain", "A boat")

    def test_nobody_else_has_it(self, post, client, bob, project):
        post("Rain")
        client.force_login(bob)

        assert client.get(URL, {"project": project.uuid}).context["call_sheet"].values["text"] == ""


class TestAudio:
    def test_is_an_earlier_upload_by_name_or_id(self, post, project, alice):
        old, new = (AudioFactory(project=project, uploaded_by=alice, name="Theme.mp3") for _ in range(2))

        sheet = post(f"prompt,audio\nRain,theme.mp3\nSnow,{old.uuid}\nHail,\n").sheet

        assert [row.recipe.audio for row in sheet.rows] == [new, old, None]

    def test_what_is_not_the_projects_gets_words_at_its_row(self, post, team, alice):
        other = AudioFactory(project=ProjectFactory(team=team), uploaded_by=alice, name="Theme.mp3")

        sheet = post(f"prompt,audio\nRain,Theme.mp3\nSnow,{other.uuid}\n").sheet

        assert [name for row in sheet.rows for name, _sentence in row.errors] == ["audio", "audio"]
        assert "Upload it in the composer first." in sheet.rows[0].errors[0][1]

    def test_one_that_is_too_long_has_to_be_trimmed(self, post, project, alice):
        AudioFactory(project=project, uploaded_by=alice, name="Long.mp3", seconds=41)

        sheet = post("prompt,audio\nRain,Long.mp3\n").sheet

        assert "41" in sheet.rows[0].errors[0][1]
        assert not sheet.is_fine
