"""Making links and keeping them; and what members say of a clip on its page."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from generations.models import Collected, Collection
from screenings import review
from screenings.models import Comment, ShareLink, Verdict
from tests.factories import ProjectFactory, ReadyFactory, SceneFactory

NEW = "/screenings/new"


@pytest.fixture
def make(as_alice):
    def make(**values):
        return as_alice.post(NEW, {"name": "Client cut", "days": "30", "allows_comments": "on", **values})

    return make


class TestNew:
    def test_shows_the_address_once(self, make, as_alice, visitor, clip, project):
        first, second = clip(), clip()

        response = make(take=[str(second.uuid), str(first.uuid)])
        page = as_alice.get(response.headers["Location"]).content.decode()

        link = ShareLink.objects.get()
        address = page.split('readonly value="')[1].split('"')[0]
        token = address.split("/s/")[1].strip("/")
        assert len(token) == 43
        assert token not in as_alice.get(response.headers["Location"]).content.decode()
        assert list(link.watchable) == [second, first]
        assert abs(link.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
        assert visitor.get(f"/s/{token}/").status_code == 200

    def test_of_a_scene_can_be_brought_up_to_date(self, make, as_alice, clip, scene):
        clip()
        make(scene=str(scene.uuid))
        link = ShareLink.objects.get()
        clip()
        assert link.watchable.count() == 1

        as_alice.post(f"/screenings/{link.uuid}/update")
        as_alice.post(f"/screenings/{link.uuid}/update")

        assert link.watchable.count() == 2

    def test_takes_as_many_clips_as_it_holds_and_says_so(self, make, as_alice, clip, scene, monkeypatch):
        for module in ("models.share_link", "selection", "views.links"):
            monkeypatch.setattr(f"screenings.{module}.MOST", 3)
        clips = [clip() for _ in range(4)]

        asked = as_alice.get(NEW, {"scene": str(scene.uuid)}).content.decode()
        chosen = as_alice.get(NEW, {"take": [str(one.uuid) for one in clips]}).content.decode()
        make(scene=str(scene.uuid))

        assert "A screening holds 3 clips" in asked
        assert "A screening holds 3 clips" in chosen
        assert list(ShareLink.objects.get().watchable) == clips[:3]

    def test_does_not_grow_beyond_what_it_holds(self, make, as_alice, clip, scene, monkeypatch):
        clip(), clip()
        make(scene=str(scene.uuid))
        link = ShareLink.objects.get()
        for module in ("models.share_link", "views.links"):
            monkeypatch.setattr(f"screenings.{module}.MOST", 3)
        clip(), clip(), clip()

        page = as_alice.post(f"/screenings/{link.uuid}/update", follow=True).content.decode()
        again = as_alice.post(f"/screenings/{link.uuid}/update", follow=True).content.decode()

        assert link.watchable.count() == 3
        assert "1 clip added. A screening holds 3 clips, so 2 are left out" in page
        assert "A screening holds 3 clips, so 2 are left out" in again

    def test_of_a_collection_keeps_its_order(self, make, as_alice, clip, team, alice):
        takes = [clip(), clip()]
        collection = Collection.objects.create(team=team, name="Best", created_by=alice)
        for place, take in enumerate(reversed(takes)):
            Collected.objects.create(collection=collection, generation=take, place=place, by=alice)

        make(collection=str(collection.uuid))

        link = ShareLink.objects.get()
        assert list(link.watchable) == takes[::-1]
        assert as_alice.post(f"/screenings/{link.uuid}/update").status_code == 303

    def test_leaves_out_what_is_not_there_to_be_shown(self, make, clip, scene, alice, charlie):
        mine = clip()
        trashed = clip(trashed_at=timezone.now())
        foreign = ReadyFactory(scene=SceneFactory(created_by=charlie))

        make(take=[str(foreign.uuid), str(mine.uuid), str(trashed.uuid), "x", str(uuid.uuid4())])

        assert list(ShareLink.objects.get().watchable) == [mine]

    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"days": "0"}, "from 1 to 365"),
            ({"days": "x"}, "from 1 to 365"),
            ({"days": "9" * 30}, "from 1 to 365"),
            ({"code": "123"}, "4 to 64 characters"),
            ({"name": ""}, "required"),
        ],
    )
    def test_that_makes_no_sense_gets_words(self, make, clip, values, says):
        response = make(take=str(clip().uuid), **values)

        assert response.status_code == 422
        assert says in response.content.decode()
        assert not ShareLink.objects.exists()

    def test_is_asked_about_before(self, as_alice, clip):
        html = as_alice.get(NEW, {"take": str(clip().uuid)}).content.decode()

        assert 'name="take"' in html
        assert "Make the link" in html
        assert not ShareLink.objects.exists()

    def test_of_nothing_is_not_found(self, make, as_alice, db):
        assert make().status_code == 404
        assert as_alice.get(NEW, {"take": "x"}).status_code == 404


class TestWhoMay:
    def test_editors_share_and_revoke(self, client, bob, share, clip, visitor):
        client.force_login(bob)
        link = share(clip())

        assert client.post(f"/screenings/{link.uuid}/revoke").status_code == 303
        assert visitor.get(link.address).status_code == 410

    @pytest.mark.parametrize("do", ["update", "renew", "revoke"])
    def test_viewers_only_read_the_list(self, client, vera, project, share, clip, do):
        client.force_login(vera)
        take = clip()
        link = share(take)

        assert client.get("/screenings/", {"project": str(project.uuid)}).status_code == 200
        assert client.post(f"/screenings/{link.uuid}/{do}").status_code == 403
        assert client.post(NEW, {"take": str(take.uuid)}).status_code == 403

    @pytest.mark.parametrize("do", ["update", "renew", "revoke"])
    def test_to_strangers_nothing_exists(self, client, charlie, project, share, clip, do):
        client.force_login(charlie)
        take = clip()
        link = share(take)

        assert client.get("/screenings/", {"project": str(project.uuid)}).status_code == 404
        assert client.post(f"/screenings/{link.uuid}/{do}").status_code == 404
        assert client.post(NEW, {"take": str(take.uuid)}).status_code == 404
        assert client.post(f"/generations/{take.uuid}/comments", {"text": "x"}).status_code == 404
        assert client.post(f"/generations/{take.uuid}/verdict", {"verdict": "approved"}).status_code == 404

    def test_guests_are_sent_to_sign_in(self, visitor, clip):
        signin = reverse("account_login")
        for url in ("/screenings/", NEW):
            assert visitor.get(url).headers["Location"].startswith(signin)
        assert visitor.post(f"/generations/{clip().uuid}/comments").headers["Location"].startswith(signin)

    def test_the_project_page_lists_the_newest(self, client, alice, vera, project, share, clip):
        for number in range(6):
            link = share(clip(), name=f"Cut {number}")

        pages = {}
        for person in (alice, vera):
            client.force_login(person)
            pages[person] = client.get(project.get_absolute_url()).content.decode()

        assert pages[alice].index("Cut 5, 1 clip") < pages[alice].index("Cut 1, 1 clip")
        assert "Cut 0" not in pages[alice]
        assert f"/screenings/{link.uuid}/revoke" in pages[alice]
        assert "Cut 5" in pages[vera]
        assert "/revoke" not in pages[vera]

    def test_a_link_of_another_project_is_not_in_the_list(self, as_alice, share, clip, team):
        share(clip())
        other = ProjectFactory(team=team)

        assert "Client cut" not in as_alice.get("/screenings/", {"project": str(other.uuid)}).content.decode()


class TestReview:
    @pytest.mark.parametrize("person", ["alice", "bob", "vera"])
    def test_members_comment_and_judge(self, client, request, clip, person):
        user = request.getfixturevalue(person)
        client.force_login(user)
        take = clip()

        client.post(f"/generations/{take.uuid}/comments", {"text": "The lamp is early", "second": "1.2"})
        client.post(f"/generations/{take.uuid}/verdict", {"verdict": "changes"})

        take.refresh_from_db()
        assert (take.open_comments, take.verdict) == (1, "changes")
        html = client.get(take.get_absolute_url()).content.decode()
        assert "The lamp is early" in html
        assert 'class="pin"' in html
        assert Verdict.objects.get().person == user

    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"text": ""}, "Write a comment first."),
            ({"text": "x" * 100_000}, "up to 4000 characters, this one has 100000"),
            ({"text": "Late", "second": "99"}, "The clip ends at 0:05."),
            ({"text": "Early", "second": "-1"}, "The clip ends at 0:05."),
            ({"text": "When", "second": "NaN"}, "This is no second of the clip."),
            ({"text": "When", "second": "soon"}, "This is no second of the clip."),
            ({"text": "Whom", "parent": "x"}, "What you answer is gone."),
        ],
    )
    def test_comments_that_make_no_sense_get_words(self, as_alice, clip, values, says):
        page = as_alice.post(f"/generations/{clip().uuid}/comments", values, follow=True).content.decode()

        assert says in page
        assert not Comment.objects.exists()

    def test_a_settled_thread_is_no_longer_open(self, client, alice, bob, clip):
        take = clip()
        said = review.say(take, review.Speaker(person=bob), text="Too dark", second=None, parent=None)
        review.say(take, review.Speaker(person=alice), text="On it", second=None, parent=said)
        client.force_login(alice)

        client.post(f"/comments/{said.uuid}/settle")
        take.refresh_from_db()
        settled = take.open_comments
        client.post(f"/comments/{said.uuid}/settle", {"open": "1"})
        take.refresh_from_db()

        assert (settled, take.open_comments) == (0, 1)

    def test_to_strangers_a_comment_does_not_exist(self, client, charlie, bob, clip):
        said = review.say(clip(), review.Speaker(person=bob), text="Too dark", second=None, parent=None)
        client.force_login(charlie)

        assert client.post(f"/comments/{said.uuid}/settle").status_code == 404

    def test_an_answer_to_an_answer_stays_in_the_thread(self, alice, clip):
        take, me = clip(), review.Speaker(person=alice)
        first = review.say(take, me, text="One", second=3.0, parent=None)
        second = review.say(take, me, text="Two", second=None, parent=first)
        review.say(take, me, text="Three", second=None, parent=second)

        (thread,) = review.Review(take).threads
        assert [answer.text for answer in thread.answers] == ["Two", "Three"]
        assert thread.at == 0.6

    def test_an_answer_to_another_clips_comment_is_a_comment(self, as_alice, alice, clip):
        one, other = clip(), clip()
        said = review.say(other, review.Speaker(person=alice), text="Elsewhere", second=None, parent=None)

        as_alice.post(f"/generations/{one.uuid}/comments", {"text": "Here", "parent": str(said.uuid)})

        assert Comment.objects.get(text="Here").parent is None
