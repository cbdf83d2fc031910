"""Finding by words, in English and Chinese: what is found, what is not, and that nothing typed is an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations import labels, search
from generations.lens import Lens
from generations.models import Generation, SearchEntry
from tests.factories import AccountFactory, ProjectFactory, ReadyFactory, SceneFactory


@pytest.fixture
def library(project, alice, team):
    """Makes a clip of Alice's project from a prompt."""
    account = AccountFactory(team=team)
    scene = SceneFactory(project=project, created_by=alice)

    def make(prompt="", **fields):
        return ReadyFactory(**{"scene": scene, "account": account, "prompt": prompt, **fields})

    return make


@pytest.fixture
def found(project, alice):
    def found(text, **chosen):
        lens = Lens(project, {"q": text, **chosen})
        return set(lens.queryset(alice))

    return found


class TestFinding:
    @pytest.mark.parametrize(
        ("prompt", "text"),
        [
            ("A small boat leaves the Harbour", "harbour"),
            ("A small boat leaves the Harbour", "HARB boa"),
            ("A small boat leaves the Harbour", "boat AND harbour"),
            ("A small boat leaves the Harbour", '"leaves the harbour"'),
            ("A small boat leaves the Harbour", "“small boat”"),
            ("A small boat leaves the Harbour", "boat -rain"),
            ("A small boat leaves the Harbour", '-"boat small"'),
            ("A small boat leaves the Harbour", '"leaves the harb'),
            ("A scared carpet", '-"red car"'),
            ("A tired carter in a hatred cart", "-red/car-"),
            ("Ред каретка, заред карта", '-"ред кар"'),
            ("The Red Car", '"red car"'),
            ("the _red car_, (fast)", '"red car"'),
            ("红red car车", '"red car"'),
            ("A café at dusk, slow push-in", "cafe push-in"),
            ("Straße bei Nacht", "strasse"),
            ("一艘小船在黄昏离开海港", "海港"),
            ("一艘小船在黄昏离开海港", "船"),
            ("一艘小船在黄昏离开海港", "港"),
            ("一艘小船在黄昏离开海港", "离开海港"),
            ("一艘小船在黄昏离开海港", "小船 海港"),
            ("一艘小船在黄昏离开海港", '"黄昏离开"'),
            ("一艘小船在黄昏离开海港", "海港 -下雨"),
            ("第1个镜头：海港dusk全景", "海港dusk"),
            ("夕暮れの港を出る小さなカメラ", "カメラ"),
            ("등대 위의 새벽", "등대"),
            ("ＦＵＬＬ width 海港", "full"),
        ],
    )
    def test_found(self, library, found, prompt, text):
        there = library(prompt)
        library("Something else altogether, 完全不同的东西")

        assert there in found(text)

    @pytest.mark.parametrize(
        ("prompt", "text"),
        [
            ("A small boat leaves the harbour", "arbour"),
            ("A small boat leaves the harbour", "boat rain"),
            ("A small boat leaves the harbour", "boat -harbour"),
            ("A small boat leaves the harbour", "-boat"),
            ("A small boat leaves the harbour", '"boat small"'),
            ("A small boat leaves the harbour", '-"small boat"'),
            ("A small boat leaves the harbour", '"small boa"'),
            ("A scared carpet, a car that is red", '"red car"'),
            ("One red car.", '-"red car"'),
            ("(red car)", '-"red car"'),
            ("红red car车", '-"red car"'),
            ("A red carpet", '-"red car'),
            ("ред кар, и", '-"ред кар"'),
            ("海水和港口", "海港"),
            ("开海港，离开", "离开海港"),
            ("一艘小船在黄昏离开海港", "海港 -小船"),
            ("一艘小船在黄昏离开海港", "-离开海"),
            ("雨夜", "－雨"),
            ("雨夜", "−雨"),
        ],
    )
    def test_not_found(self, library, found, prompt, text):
        there = library(prompt)

        assert there not in found(text)

    def test_shots_and_negative_prompt_and_seed(self, library, found):
        shots = [{"text": "Wide: the quay", "seconds": 2}, {"text": "Close: 雨滴", "seconds": 3}]
        there = library("Evening", shots=shots, negative_prompt="captions", seed=418206773)

        for text in ("quay", "雨滴", "caption", "418206773", "evening quay"):
            assert found(text) == {there}

    def test_tags_and_notes_as_long_as_they_are_there(self, library, found, alice):
        there = library("A boat")
        labels.tag([there.pk], ["Für Kunden"], by=alice)
        note = labels.write_note(there, "灯光太暗", by=alice)
        assert found("kunden 灯光") == {there}

        labels.untag([there.pk], ["für kunden"])
        labels.delete_note(note)

        assert found("kunden") == found("灯光") == set()

    def test_all_filters_hold_as_well(self, library, found):
        there = library("A boat", ratio="1:1")
        library("A boat")

        assert found("boat", ratio=["1:1"]) == {there}

    def test_trashed_ones_are_not_found(self, library, found):
        there = library("A boat")
        Generation.objects.filter(pk=there.pk).update(trashed_at=there.created_at)

        assert found("boat") == set()


class TestScope:
    def test_only_the_scope_is_searched(self, library, found, team, bob):
        here = library("A boat")
        other = library("A boat", scene=SceneFactory(project=ProjectFactory(team=team), created_by=bob))
        ReadyFactory(prompt="A boat")

        assert found("boat") == {here}
        assert found("boat", scope="team") == {here, other}
        assert found("boat", scope="mine") == {here}

    def test_a_take_that_was_moved_is_found_where_it_is(self, library, found, team, bob, alice):
        there = library("A boat")
        other = ProjectFactory(team=team)
        Generation.objects.filter(pk=there.pk).update(project=other, owner=bob)

        assert found("boat") == set()
        assert set(Lens(other, {"q": "boat"}).queryset(alice)) == {there}
        assert set(Lens(other, {"q": "boat", "scope": "mine"}).queryset(bob)) == {there}


class TestWhatIsTyped:
    @pytest.mark.parametrize("text", ["***", "- - -", '"', '""', "AND", "(", "!!!", "%", "_", "😀", "-", '-""'])
    def test_only_operators_get_words(self, client, alice, project, library, text):
        there = library("A boat")
        client.force_login(alice)

        response = client.get("/studio/", {"project": project.uuid, "q": text})

        html = response.content.decode()
        assert "There is no word in it." in html
        assert str(there.uuid) in html

    @pytest.mark.parametrize("join", ["OR", "NOT", "NEAR", "NEAR/3"])
    def test_joins_of_other_searches_are_said_and_not_looked_for(self, client, alice, project, library, join):
        there = library("A boat in the harbour")
        client.force_login(alice)

        html = client.get("/studio/", {"project": project.uuid, "q": f"boat {join} harbour"}).content.decode()

        assert f"every word must be there, so “{join}” between them means nothing" in html
        assert str(there.uuid) in html

    @pytest.mark.parametrize(
        "text", ["OR", "boat OR", "NOT boat", "boat or harbour", '"boat OR harbour"', "ORCA boat x"]
    )
    def test_what_joins_nothing_is_a_word(self, text):
        assert search.joins(text) == []

    @pytest.mark.parametrize("text", ["x" * 10_000, "海" * 10_000, '"' * 10_000, "- " * 5_000])
    def test_too_much_gets_words(self, client, alice, project, text):
        client.force_login(alice)

        response = client.get("/studio/", {"project": project.uuid, "q": text})

        assert response.status_code == 200
        assert "It is not used here." in response.content.decode()

    @pytest.mark.parametrize(
        "text",
        [
            "boat*",
            "bo%t",
            "b_at",
            "NEAR(boat harbour)",
            "boat OR rain",
            "terms:boat",
            "boat'; DROP TABLE x",
            "boat:*",
            "a & b",
            "^boat",
            "\\boat",
            "{boat}",
            "boat\x01rain",
            "𫝀𫝁",
            "ꟀboatꟀ",
            "\ue000p1",
        ],
    )
    def test_operators_of_the_databases_are_text(self, library, found, text):
        library("A boat")

        found(text)

    def test_nul_gets_words(self, client, alice, project):
        client.force_login(alice)

        assert "It is not used here." in client.get("/studio/", {"project": project.uuid, "q": "a\0b"}).content.decode()

    @given(st.text(max_size=80))
    def test_nothing_typed_breaks_the_reading(self, text):
        for piece in search.pieces(text):
            assert piece.terms


class TestTerms:
    def test_words_and_pairs(self):
        assert search.terms_of(search.normalised("Push-in, 海港之夜 4K")) == [
            "push",
            "in",
            "海港",
            "港之",
            "之夜",
            "夜",
            "4k",
        ]

    @given(st.text())
    def test_each_word_of_a_text_finds_it(self, text):
        text = search.normalised(text)
        terms = search.terms_of(text)

        for piece in search.pieces(text.replace('"', " ").replace("-", " ")):
            for term, is_beginning in piece.terms:
                assert term in terms or (is_beginning and any(one.startswith(term) for one in terms))

    def test_an_entry_goes_with_its_take(self, library):
        there = library("A boat")
        assert SearchEntry.objects.get().text == "a boat \n 7"

        there.delete()

        assert not SearchEntry.objects.exists()
