"""@somebody in a comment: told once, marked, and only people of the team."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.bell import NotificationList
from screenings import mentions, review
from screenings.models import Comment, Mention
from tests.factories import MembershipFactory, UserFactory


def told(person):
    return [one.entry.text for one in NotificationList(person).shown]


@pytest.fixture
def say(client, clip, bob):
    """Bob writes it below a clip of Alice's; the page that he gets."""
    take = clip(number=7)

    def say(text, **fields):
        client.force_login(bob)
        url = reverse("screenings:comment", args=[take.uuid])
        return client.post(url, {"text": text, **fields}, follow=True).content.decode()

    say.take = take
    return say


def mentioned():
    return set(Mention.objects.values_list("person__name", "written"))


class TestWho:
    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("@Vera look", "Vera"),
            ("@vera, look", "vera"),
            ("look (@VERA)", "VERA"),
            ("@vera.", "vera"),
            ("@v-miller look", "v-miller"),
        ],
    )
    def test_by_name_or_first_part_of_the_address(self, say, vera, text, written):
        type(vera).objects.filter(pk=vera.pk).update(email="v-miller@example.com")

        say(text)

        assert mentioned() == {("Vera", written)}

    @pytest.mark.parametrize("text", ["mail@vera", "@@vera", "a/@vera", "@ vera", "vera"])
    def test_other_signs_are_only_signs(self, say, text):
        assert "Nobody in this team" not in say(text)
        assert mentioned() == set()

    def test_the_longest_name_wins(self, say, team):
        other = UserFactory(name="Vera Miller", email="other@example.com")
        MembershipFactory(team=team, user=other)

        say("@Vera Miller and @Veranda")

        assert mentioned() == {("Vera Miller", "Vera Miller")}

    def test_a_name_that_two_have_is_nobodys(self, say, team):
        MembershipFactory(team=team, user=UserFactory(name="Vera", email="vera2@example.com"))

        html = say("@Vera? I mean @vera2")

        assert mentioned() == {("Vera", "vera2")}
        assert "Nobody in this team is called @Vera, so that name told nobody." in html

    def test_who_shares_both_names_is_named_by_the_whole_address(self, say, client, team):
        for host in ("one.example", "two.example"):
            MembershipFactory(team=team, user=UserFactory(name="Kim", email=f"kim@{host}"))

        client.force_login(say.take.owner)
        offered = client.get(reverse("projects:people", args=[say.take.project.uuid])).json()["people"]
        html = say("@kim@two.example look, not @Kim")

        assert [one["as"] for one in offered if one["name"] == "Kim"] == ["kim@one.example", "kim@two.example"]
        assert set(Mention.objects.values_list("person__email", flat=True)) == {"kim@two.example"}
        assert "<mark>@kim@two.example</mark>" in html

    def test_who_cannot_see_the_project_is_not_told_and_that_is_said(self, say, charlie):
        html = say("@charlie look")

        assert "Nobody in this team is called @charlie, so that name told nobody." in html
        assert mentioned() == set()
        assert told(charlie) == []
        assert Comment.objects.get().text == "@charlie look"


class TestTold:
    def test_once_and_as_a_mention(self, say, alice, vera):
        say("@Vera @vera @Alice look")

        assert told(vera) == told(alice) == ["Bob mentioned you in a comment on take 7 of A boat leaves the harbour"]

    def test_nobody_of_their_own(self, say, bob):
        say("@Bob that is me")

        assert told(bob) == []

    def test_a_guest_of_a_screening_mentions_nobody(self, visitor, share, clip, alice, bob):
        link = share(clip())
        visitor.post(f"{link.address}name", {"name": "Client"})
        visitor.post(f"{link.address}clips/{link.clips.get().uuid}/comments", {"text": "@Bob look"})

        assert mentioned() == set()
        assert told(bob) == []
        html = visitor.get(link.address).content.decode()
        assert "@Bob look" in html
        assert "data-people" not in html

    def test_a_members_words_in_a_screening_are_only_words_to_its_guests(self, visitor, share, clip, alice, bob):
        take = clip()
        link = share(take)
        review.say(take, review.Speaker(person=alice, link=link), text="@Bob look", second=None, parent=None)

        assert "<mark>" not in visitor.get(link.address).content.decode()
        assert mentioned() == {("Bob", "Bob")}


class TestShown:
    def test_is_marked_and_everything_else_is_escaped(self, say):
        html = say("@Vera <script>alert(1)</script> @nobody")

        assert "<mark>@Vera</mark>" in html
        assert "<script>alert" not in html
        assert "<mark>@nobody" not in html

    @pytest.mark.parametrize("name", ["<b>", "a+b.c", "(x", "\\\\"])
    def test_strange_names_are_only_names(self, name):
        html = mentions.marked(f"@{name} look", [name])

        assert escape(name) in html
        assert "<b>" not in html

    def test_long_texts_of_signs_are_quick(self):
        assert mentions.marked("@" * 100_000, ["Vera"]) == "@" * 100_000

    @pytest.mark.parametrize("comments", [1, 5])
    def test_many_cost_no_more_than_one(self, clip, bob, comments, django_assert_num_queries):
        take = clip()
        for _time in range(comments):
            review.say(take, review.Speaker(person=bob), text="@Vera look, @Alice", second=None, parent=None)

        with django_assert_num_queries(1):
            assert len(review.Review(take).threads) == comments


class TestPeople:
    def test_names_what_can_be_written(self, client, vera, project, team):
        MembershipFactory(team=team, user=UserFactory(name="Bob", email="bobby@example.com"))
        client.force_login(vera)

        answer = client.get(reverse("projects:people", args=[project.uuid])).json()

        assert answer["people"] == [
            {"name": "Alice", "as": "Alice"},
            {"name": "Bob", "as": "bob@example.com"},
            {"name": "Bob", "as": "bobby"},
            {"name": "Vera", "as": "Vera"},
        ]
