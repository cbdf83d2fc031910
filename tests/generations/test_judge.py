"""Stars, picks and favourites of one take; tags and notes beside it."""

import re

import pytest
from django.urls import reverse

from generations.models import Favourite, Generation, Note, Tag
from tests.factories import AccountFactory, ReadyFactory, SceneFactory

ACTIONS = [("rate", {"rating": "4"}), ("pick", {"pick": "1"}), ("tag", {"do": "tag", "tags": "night"})]
ACTIONS += [("note_create", {"text": "The lamp flickers."})]


def url(name, take):
    return reverse(f"generations:{name}", args=[take.uuid])


def from_tile(take):
    return {"HX-Request": "true", "HX-Target": f"take-{take.uuid}"}


@pytest.fixture
def scene(project, alice):
    AccountFactory(team=project.team)
    return SceneFactory(project=project, created_by=alice)


@pytest.fixture
def take(scene):
    return ReadyFactory(scene=scene)


class TestWho:
    @pytest.mark.parametrize(("name", "fields"), ACTIONS)
    @pytest.mark.parametrize("who", ["alice", "bob"])
    def test_owner_and_editor_may(self, client, request, take, who, name, fields):
        client.force_login(request.getfixturevalue(who))

        assert client.post(url(name, take), fields).status_code == 303

    @pytest.mark.parametrize(("name", "fields"), ACTIONS)
    def test_viewer_gets_403(self, client, vera, take, name, fields):
        client.force_login(vera)

        assert client.post(url(name, take), fields).status_code == 403

    @pytest.mark.parametrize(("name", "fields"), [*ACTIONS, ("favourite", {"favourite": "1"})])
    def test_stranger_gets_404_and_guest_the_door(self, client, charlie, take, name, fields):
        assert client.post(url(name, take), fields)["Location"].startswith(reverse("account_login"))
        client.force_login(charlie)

        assert client.post(url(name, take), fields).status_code == 404
        assert client.get(url(name, take)).status_code == 405

    def test_a_favourite_belongs_to_the_person(self, client, vera, alice, take):
        client.force_login(vera)

        assert client.post(url("favourite", take), {"favourite": "1"}).status_code == 303

        assert list(Favourite.objects.values_list("person", flat=True)) == [vera.pk]
        seen = Generation.objects.with_favourite_of(alice).get()
        assert not seen.is_favourite


class TestRate:
    def test_a_tile_comes_back_with_its_stars_and_an_undo(self, as_alice, take):
        shown = as_alice.post(url("rate", take), {"rating": "4"}, headers=from_tile(take)).content.decode()

        take.refresh_from_db()
        assert take.rating == 4
        assert 'data-rating="4"' in shown
        assert "4 stars." in shown
        assert '<input type="hidden" name="rating" value="0">' in shown

    @pytest.mark.parametrize(("name", "fields"), [("rate", {"rating": "4"}), ("pick", {"pick": "1"}), ("trash", {})])
    def test_the_counts_above_the_grid_follow(self, as_alice, take, name, fields):
        answer = as_alice.post(url(name, take), fields, headers=from_tile(take))

        assert answer.headers["HX-Trigger"] == "recount"

    def test_zero_clears(self, as_alice, scene):
        take = ReadyFactory(scene=scene, rating=3)

        as_alice.post(url("rate", take), {"rating": "0"})

        take.refresh_from_db()
        assert take.rating == 0

    @pytest.mark.parametrize("rating", ["6", "-1", "", "five", "²", "9" * 5000])
    def test_what_is_no_rating_gets_a_sentence(self, as_alice, take, rating):
        response = as_alice.post(url("rate", take), {"rating": rating})

        assert response.status_code == 400
        assert "1 to 5" in response.content.decode()


class TestPick:
    @pytest.mark.parametrize(("value", "sentence"), [("1", "Picked."), ("-1", "Rejected."), ("0", "Not decided.")])
    def test_is_kept_and_said(self, as_alice, take, value, sentence):
        shown = as_alice.post(url("pick", take), {"pick": value}, headers=from_tile(take)).content.decode()

        take.refresh_from_db()
        assert take.pick == int(value)
        assert sentence in shown

    def test_another_value_is_refused(self, as_alice, take):
        assert as_alice.post(url("pick", take), {"pick": "2"}).status_code == 400


class TestUndo:
    @pytest.mark.parametrize(("name", "field", "mine", "theirs"), [("rate", "rating", 5, 4), ("pick", "pick", 1, -1)])
    def test_takes_back_only_ones_own(self, client, alice, bob, take, name, field, mine, theirs):
        client.force_login(alice)
        client.post(url(name, take), {field: mine})
        undo = {field: 0, "instead_of": mine}
        client.force_login(bob)
        client.post(url(name, take), {field: theirs})
        client.force_login(alice)

        late = client.post(url(name, take), undo, headers=from_tile(take))

        take.refresh_from_db()
        assert (late.status_code, getattr(take, field)) == (409, theirs)
        assert "since. That stays." in late.content.decode()

    @pytest.mark.parametrize(("name", "field", "mine"), [("rate", "rating", 5), ("pick", "pick", 1)])
    def test_is_offered_with_what_it_takes_back(self, as_alice, take, name, field, mine):
        shown = as_alice.post(url(name, take), {field: mine}, headers=from_tile(take)).content.decode()
        toast = shown[shown.index('id="messages"') :]
        undo = dict(re.findall(r'name="(rating|pick|instead_of)" value="([^"]*)"', toast))

        answer = as_alice.post(url(name, take), undo, headers=from_tile(take))

        take.refresh_from_db()
        assert undo == {field: "0", "instead_of": str(mine)}
        assert (answer.status_code, getattr(take, field)) == (200, 0)

    @pytest.mark.parametrize("wrong", ["", "6", "x", "9" * 5000])
    def test_of_what_cannot_be_gets_a_sentence(self, as_alice, take, wrong):
        assert as_alice.post(url("rate", take), {"rating": "0", "instead_of": wrong}).status_code == 400


class TestFavourite:
    def test_twice_is_once_and_then_none(self, as_alice, take):
        for value, count in [("1", 1), ("1", 1), ("0", 0), ("0", 0)]:
            as_alice.post(url("favourite", take), {"favourite": value})
            assert Favourite.objects.count() == count

    def test_is_shown_in_the_grid(self, as_alice, alice, project, take):
        Favourite.objects.create(person=alice, generation=take)

        assert 'data-favourite="1"' in as_alice.get("/studio/", {"project": project.uuid}).content.decode()


class TestTags:
    def test_names_are_one_tag_however_they_are_written(self, as_alice, take):
        for names in ["Night, client A", "night", "ＮＩＧＨＴ", "#Night", "clienta"]:
            as_alice.post(url("tag", take), {"do": "tag", "tags": names})

        assert sorted(Tag.objects.values_list("name", flat=True)) == ["Night", "client A"]
        assert take.tags.count() == 2

    def test_are_shown_and_taken_off_on_the_page(self, as_alice, take):
        as_alice.post(url("tag", take), {"do": "tag", "tags": "夜景、harbour"})
        assert "夜景" in as_alice.get(take.get_absolute_url()).content.decode()

        as_alice.post(url("tag", take), {"do": "untag", "tags": "夜景"})

        assert list(take.tags.values_list("name", flat=True)) == ["harbour"]

    @pytest.mark.parametrize("names", ["", " , ", "x" * 41, "\0", ",".join(map(str, range(21))), "x" * 5000])
    def test_what_is_no_tag_gets_words(self, as_alice, take, names):
        assert as_alice.post(url("tag", take), {"do": "tag", "tags": names}).status_code == 409
        assert not Tag.objects.exists()


class TestNotes:
    def test_are_written_shown_and_deleted(self, as_alice, take):
        as_alice.post(url("note_create", take), {"text": "The <b>lamp</b> flickers."})
        assert "The &lt;b&gt;lamp&lt;/b&gt; flickers." in as_alice.get(take.get_absolute_url()).content.decode()

        as_alice.post(reverse("generations:note_delete", args=[Note.objects.get().uuid]))

        assert not Note.objects.exists()

    @pytest.mark.parametrize("text", ["", "x" * 2001, "a\0b"])
    def test_bad_ones_get_words(self, as_alice, take, text):
        assert as_alice.post(url("note_create", take), {"text": text}).status_code == 409

    def test_only_its_author_or_an_editor_deletes_it(self, client, alice, vera, charlie, take):
        note = Note.objects.create(generation=take, author=alice, text="Keep")
        address = reverse("generations:note_delete", args=[note.uuid])
        for person, status in [(vera, 403), (charlie, 404)]:
            client.force_login(person)
            assert client.post(address).status_code == status
        assert Note.objects.exists()
