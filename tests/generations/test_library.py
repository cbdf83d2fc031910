"""Templates with blanks, presets of what to keep out, and the history of one's own prompts."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from generations import blanks, history
from generations.models import Template
from teams import people
from tests.factories import AccountFactory, ProjectFactory, ReadyFactory, SceneFactory

RECIPE = {
    "prompt": "{hero} walks through {place}",
    "shots": [{"text": "Close-up of {hero}", "seconds": "3"}, {"text": "Wide", "seconds": "2"}],
    "negative_prompt": "{what}",
    "resolution": "720P",
    "ratio": "9:16",
    "duration": "5",
    "prompt_extend": False,
    "watermark": False,
    "proof": False,
}


@pytest.fixture
def account(team):
    return AccountFactory(team=team)


@pytest.fixture
def template(alice):
    return Template.objects.create(owner=alice, name="Walk", recipe=RECIPE)


@pytest.fixture
def shared(bob, project):
    return Template.objects.create(owner=bob, project=project, name="Bob's rain", recipe={**RECIPE, "prompt": "Rain"})


class TestBlanks:
    def test_are_named_once_in_their_order(self):
        assert blanks.names(RECIPE) == ["hero", "place", "what"]

    def test_are_filled_everywhere_and_stay_when_nothing_is_given(self):
        filled = blanks.fill(RECIPE, {"hero": "A fox", "place": "  "})

        assert filled["prompt"] == "A fox walks through {place}"
        assert filled["shots"][0]["text"] == "Close-up of A fox"

    @pytest.mark.parametrize("text", ["{}", "{ }", "{a\nb}", "{{", "}{", "{" + "x" * 41 + "}"])
    def test_other_braces_are_text(self, text):
        assert blanks.names({"prompt": text}) == []

    def test_a_filled_blank_is_not_read_again(self):
        assert blanks.fill({"prompt": "{a} {b}"}, {"a": "{b}", "b": "x"})["prompt"] == "{b} x"


class TestNew:
    @pytest.fixture
    def post(self, as_alice, project):
        return lambda **fields: as_alice.post("/studio/templates/new", {"project": project.uuid, **fields})

    def test_asks_for_a_name_and_tells_the_blanks(self, post):
        answer = post(prompt="{hero} in the rain", **{"shots-0-text": "Close", "shots-0-seconds": "3"})

        html = answer.content.decode()
        assert "Asked for when it is used: hero" in html
        assert "Close" in html

    def test_what_is_too_long_is_said_at_once_and_nothing_is_cut(self, post):
        answer = post(prompt="x" * 5001 + "END", **{f"shots-{n}-text": f"shot-{n}" for n in range(15)})

        assert answer.status_code == 422
        assert "4 characters too many" in answer.content.decode()
        assert "xEND" in answer.content.decode()

    def save(self, post, recipe=RECIPE, **fields):
        return post(do="save", recipe=json.dumps(recipe), **{"name": "Walk", "kind": "recipe", **fields})

    def test_is_kept_for_its_owner(self, post, alice):
        assert self.save(post).status_code == 303

        kept = Template.objects.get()
        assert (kept.owner, kept.project, kept.name) == (alice, None, "Walk")
        assert kept.recipe == RECIPE

    def test_keeps_takes_and_seed_and_says_that_it_keeps_no_audio(self, post, as_alice, account, project):
        html = post(prompt="Rain", audio_id=str(uuid.uuid4())).content.decode()
        self.save(post, {**RECIPE, "prompt": "Rain", "takes": "3", "seed": "7", "seeds": "fresh"})

        assert "Its audio is not kept with it" in html
        kept = Template.objects.get()
        page = as_alice.get(f"/studio/?template={kept.uuid}&project={project.uuid}").content.decode()
        assert '<option value="3" selected>' in page
        assert 'name="seed" value="7"' in page

    def test_or_shared_with_the_project(self, post, project):
        self.save(post, share="1")

        assert Template.objects.get().project == project

    def test_a_preset_holds_only_what_to_keep_out(self, post):
        self.save(post, kind="negative")

        assert Template.objects.get().recipe == {"negative_prompt": "{what}"}

    @pytest.mark.parametrize(
        ("recipe", "fields", "words"),
        [
            (RECIPE, {"name": " "}, "Give it a name"),
            (RECIPE, {"name": "x" * 81}, "up to 80"),
            (RECIPE, {"kind": "song"}, "no such choice"),
            ({**RECIPE, "negative_prompt": ""}, {"kind": "negative"}, "what to keep out first"),
            ({"prompt": "", "shots": []}, {}, "Write a prompt first"),
            ({**RECIPE, "prompt": "x" * 5002}, {}, "2 characters too many"),
            ({**RECIPE, "negative_prompt": "x" * 501}, {}, "1 character too many"),
            ({**RECIPE, "shots": [{"text": "x" * 5001, "seconds": "3"}]}, {}, "1 character too many"),
            ({**RECIPE, "shots": [{"text": "x", "seconds": "1"}] * 16}, {}, "Up to 15 shots"),
        ],
    )
    def test_what_cannot_be_kept_gets_words_and_stays(self, post, recipe, fields, words):
        answer = self.save(post, recipe, **fields)

        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert not Template.objects.exists()

    def test_what_no_database_keeps_is_left_out(self, post, as_alice, project):
        recipe = {"prompt": "A {fo\ud800x}\0", "shots": [{"text": "\udfffrain", "seconds": "3"}]}

        self.save(post, recipe, name="N\0ight", share="1")

        kept = Template.objects.get()
        assert (kept.name, kept.recipe["prompt"], kept.recipe["shots"][0]["text"]) == ("Night", "A {fox}", "rain")
        assert "Night" in as_alice.get("/studio/templates/", {"project": project.uuid}).content.decode()

    @pytest.mark.parametrize("carried", ["", "[]", "{", '{"shots": 3}', "[" * 9000, '{"shots": [{}]}', "null"])
    def test_spoilt_forms_are_bad_requests(self, post, carried):
        assert post(do="save", name="x", recipe=carried).status_code == 400

    @pytest.mark.parametrize(("person", "status"), [("bob", 200), ("vera", 403), ("charlie", 404)])
    def test_is_for_editors(self, client, request, project, person, status):
        client.force_login(request.getfixturevalue(person))

        assert client.post("/studio/templates/new", {"project": project.uuid, "prompt": "x"}).status_code == status


class TestUse:
    def test_what_is_too_long_for_a_blank_is_told_and_stays(self, as_alice, project, account, template):
        long = "fox " * 150
        fields = {"project": project.uuid, "blank-0": long, "blank-1": "Lisbon"}

        answer = as_alice.post(f"/studio/templates/{template.uuid}/use", fields)

        html = answer.content.decode()
        assert answer.status_code == 422
        assert "99 characters too many, a blank takes up to 500." in html
        assert f'value="{long}" aria-invalid="true"' in html
        assert 'value="Lisbon"' in html
        assert "filled-template" not in as_alice.session

    def test_every_blank_is_to_be_filled_in(self, as_alice, project, account, template, shared):
        fields = {"project": project.uuid, "blank-0": " ", "blank-1": "Lisbon", "blank-2": "text"}

        answer = as_alice.post(f"/studio/templates/{template.uuid}/use", fields)

        assert answer.status_code == 422
        assert answer.content.decode().count("Fill this in.") == 1  # nothing is said of other templates
        assert 'value="Lisbon"' in answer.content.decode()

    def test_an_address_of_it_alone_says_what_is_still_empty(self, as_alice, project, account, template):
        html = as_alice.get(f"/studio/?template={template.uuid}&project={project.uuid}").content.decode()

        assert "Blanks are still empty: {hero}, {place}, {what}." in html

    def test_fills_the_composer_and_keeps_the_words_out_of_the_address(self, as_alice, project, account, template):
        fields = {"project": project.uuid, "blank-0": "A red fox", "blank-1": "Lisbon", "blank-2": "umbrellas"}

        answer = as_alice.post(f"/studio/templates/{template.uuid}/use", fields)

        assert answer.status_code == 303
        assert "fox" not in answer["Location"]
        html = as_alice.get(answer["Location"].partition("#")[0]).content.decode()
        assert "A red fox walks through Lisbon" in html
        assert "Close-up of A red fox" in html
        assert "umbrellas</textarea>" in html
        assert "still empty" not in html

    def test_of_another_project_is_not_there(self, as_alice, project, account):
        other = Template.objects.create(
            owner=SceneFactory().created_by, project=ProjectFactory(), name="Theirs", recipe=RECIPE
        )

        assert as_alice.post(f"/studio/templates/{other.uuid}/use", {"project": project.uuid}).status_code == 404
        assert as_alice.get(f"/studio/?template={other.uuid}").status_code == 404

    def test_a_spoilt_address_is_not_found(self, as_alice, project, account):
        assert as_alice.get("/studio/?template=x").status_code == 404

    @pytest.mark.parametrize(("person", "status"), [("alice", 303), ("vera", 403), ("charlie", 404)])
    def test_rights(self, client, request, project, shared, person, status):
        client.force_login(request.getfixturevalue(person))

        fields = {"project": project.uuid, "blank-0": "A fox", "blank-1": "text"}
        answer = client.post(f"/studio/templates/{shared.uuid}/use", fields)

        assert answer.status_code == status


class TestTemplates:
    def page(self, client, user, project):
        client.force_login(user)
        return client.get("/studio/templates/", {"project": project.uuid}).content.decode()

    def test_shows_own_and_shared_ones_with_their_blanks(self, client, alice, project, template, shared):
        html = self.page(client, alice, project)

        assert ">Walk</b>" in html
        assert "Bob&#x27;s rain" in html
        assert ">hero</label>" in html

    def test_finds_no_fault_with_blanks_before_they_are_sent(self, client, alice, project, template, shared):
        page = self.page(client, alice, project)

        assert 'name="blank-0"' in page
        assert "Fill this in." not in page
        assert "aria-invalid" not in page
        assert ' value=""' in page

    @pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL keeps no half of a sign in JSON.")
    def test_half_a_sign_that_was_kept_once_breaks_no_page(self, client, alice, project):
        recipe = RECIPE | {"prompt": "A {fo\ud800x}, 🦊", "shots": [{"text": "\udfffrain", "seconds": "3"}]}
        kept = Template.objects.create(owner=alice, name="Fox", recipe=recipe)
        Template.objects.create(owner=alice, name="No", kind="negative", recipe={"negative_prompt": "b\ud800lur"})

        assert ">fox</label>" in self.page(client, alice, project)
        composer = client.get("/studio/", {"project": project.uuid, "template": kept.uuid}).content.decode()
        assert "A {fox}, 🦊" in composer
        assert "\nrain</textarea>" in composer

    def test_others_do_not_see_what_is_not_shared(self, client, bob, project, template):
        assert "Walk" not in self.page(client, bob, project)

    def test_a_viewer_sees_the_shared_ones_and_has_no_buttons(self, client, vera, project, shared):
        html = self.page(client, vera, project)

        assert "Bob&#x27;s rain" in html
        assert "/use" not in html

    def test_shared_with_one_project_is_not_offered_in_another(self, client, alice, team, shared):
        assert "rain" not in self.page(client, alice, ProjectFactory(team=team, name="Second film"))

    def test_costs_few_queries(self, as_alice, alice, project, account, django_assert_max_num_queries):
        for number in range(20):
            Template.objects.create(owner=alice, name=f"Walk {number}", recipe=RECIPE)

        with django_assert_max_num_queries(10):
            as_alice.get("/studio/templates/", {"project": project.uuid})


class TestChange:
    @pytest.fixture
    def do(self, client, project):
        def do(template, act, **fields):
            return client.post(
                f"/studio/templates/{template.uuid}/change", {"project": project.uuid, "do": act, **fields}
            )

        return do

    def test_rename_share_unshare_delete(self, as_alice, do, template, project):
        do(template, "rename", name="Stroll")
        do(template, "share")
        template.refresh_from_db()
        assert (template.name, template.project) == ("Stroll", project)

        do(template, "unshare")
        template.refresh_from_db()
        assert template.project is None

        do(template, "delete")
        assert not Template.objects.exists()

    @pytest.mark.parametrize("name", ["", "x" * 81])
    def test_a_bad_name_changes_nothing(self, as_alice, do, template, name):
        do(template, "rename", name=name)

        template.refresh_from_db()
        assert template.name == "Walk"

    def test_an_unknown_act_is_a_bad_request(self, as_alice, do, template):
        assert do(template, "explode").status_code == 400

    @pytest.mark.parametrize(("person", "status"), [("bob", 303), ("alice", 303), ("vera", 403), ("charlie", 404)])
    def test_is_for_its_owner_and_the_teams(self, client, request, do, shared, person, status):
        client.force_login(request.getfixturevalue(person))

        assert do(shared, "rename", name="Drizzle").status_code == status

    @pytest.mark.parametrize("act", ["rename", "unshare", "delete"])
    def test_what_one_shared_stays_with_the_team_that_one_has_left(self, client, bob, alice, team, shared, act):
        people.remove(team, bob.uuid, by=alice)
        client.force_login(bob)

        answer = client.post(f"/studio/templates/{shared.uuid}/change", {"do": act, "name": "Mine"})

        assert answer.status_code == 404
        assert Template.objects.filter(name=shared.name, project=shared.project).exists()


class TestHistory:
    @pytest.fixture
    def write(self, project, alice, account):
        scene = SceneFactory(project=project, created_by=alice)

        def write(prompt, minutes=0, **fields):
            at = timezone.now() - timedelta(minutes=minutes)
            return ReadyFactory(
                scene=scene, owner=fields.pop("owner", alice), account=account, prompt=prompt, created_at=at, **fields
            )

        return write

    def test_newest_first_and_the_same_in_a_row_once(self, as_alice, write):
        write("A boat", 30)
        write("A lamp", 20)
        write("A lamp", 10)

        html = as_alice.get("/studio/history/").content.decode()

        assert html.index("A lamp") < html.index("A boat")
        assert html.count(">A lamp</p>") == 1
        assert "pressed 2 times" in html

    def test_is_of_ones_own_presses_only(self, as_alice, write, bob):
        write("A boat", owner=bob)
        write("A retry", origin="retry")
        write("Second take", press_index=1)

        assert "Nothing yet" in as_alice.get("/studio/history/").content.decode()

    def test_what_one_does_not_see_any_more_is_gone(self, as_alice, write, alice, team):
        write("A boat")
        team.memberships.filter(user=alice).delete()

        assert "A boat" not in as_alice.get("/studio/history/").content.decode()

    def test_is_searched_in_english_and_chinese(self, as_alice, simulator, project, alice, team):
        from tests.generations.pressing import press_once

        press_once("A boat in the harbour", user=alice, project=project)
        press_once("黄昏的港口，渔船", user=alice, project=project)

        for words, prompt in (("boat", "A boat in the harbour"), ("渔船", "黄昏的港口，渔船")):
            found = as_alice.get("/studio/history/", {"q": words}).context["history"]
            assert [entry.take.prompt for entry in found.entries] == [prompt]

    def test_comes_in_pages_that_miss_nothing(self, as_alice, write, monkeypatch):
        monkeypatch.setattr(history, "PAGE", 2)
        for number in range(5):
            write(f"Prompt {number}", number)

        seen, before = [], ""
        for _turn in range(3):
            found = as_alice.get("/studio/history/", {"before": before}).context["history"]
            seen += [entry.take.prompt for entry in found.entries]
            before = found.older

        assert before == ""
        assert seen == [f"Prompt {number}" for number in range(5)]

    @pytest.mark.parametrize("query", ["before=x", "before=", 'q="', "q=-", "q=" + "x" * 3000, "q=%00"])
    def test_odd_addresses_get_a_page(self, as_alice, write, query):
        write("A boat")

        assert as_alice.get(f"/studio/history/?{query}").status_code == 200

    def test_a_cursor_of_another_search_begins_anew(self, as_alice, write, monkeypatch):
        monkeypatch.setattr(history, "PAGE", 1)
        write("A boat")
        write("A lamp", 5)
        older = as_alice.get("/studio/history/").context["history"].older

        answer = as_alice.get("/studio/history/", {"q": "zebra", "before": older})

        assert answer.status_code == 200

    def test_guests_sign_in(self, client, db):
        for address in ("/studio/history/", "/studio/templates/", f"/batches/{uuid.UUID(int=1)}/"):
            assert client.get(address).status_code == 302

    def test_costs_few_queries(self, as_alice, write, django_assert_max_num_queries):
        for number in range(30):
            write(f"Prompt {number}", number)

        with django_assert_max_num_queries(10):
            as_alice.get("/studio/history/")
