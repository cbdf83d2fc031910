"""Making links and keeping them; and what members say of a clip on its page."""

import re
import uuid
from datetime import timedelta
from html import unescape
from threading import Event
from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import User
from generations.models import Collected, Collection, Generation
from screenings import review
from screenings.forms import ChangeForm, CommentForm
from screenings.models import Comment, ShareLink, Verdict
from screenings.views import links
from teams import people
from teams.models import Activity
from tests.factories import MembershipFactory, ProjectFactory, ReadyFactory, SceneFactory, UserFactory

NEW = "/screenings/new"


@pytest.fixture
def make(as_alice):
    def make(**values):
        return as_alice.post(NEW, {"name": "Client cut", "days": "30", "allows_comments": "on", **values})

    return make


class TestChoosing:
    """What a new link of a project may show."""

    def links(self, client, project):
        html = client.get(NEW, {"project": str(project.uuid)}).content.decode().partition("<main")[2]
        return [unescape(address) for address in re.findall(r'<a [^>]*href="([^"]+)"', html.partition("</main>")[0])]

    def test_leads_to_scenes_collections_and_all_clips(self, as_alice, alice, project, scene, clip, team):
        take = clip()
        SceneFactory(project=project, created_by=alice)  # with nothing to show
        collection = Collection.objects.create(team=team, name="Best", created_by=alice)
        collection.takes.add(take, through_defaults={"place": 1, "by": alice})

        grid, *shared = self.links(as_alice, project)

        assert as_alice.get(grid).status_code == 200
        assert [address.partition("?")[2].partition("=")[0] for address in shared] == ["all", "scene", "collection"]
        assert all(as_alice.get(address).context["selection"].clips == [take] for address in shared)

    def test_of_a_collection_makes_the_link_in_this_project(self, as_alice, alice, project, clip, team):
        """Whatever project its first clip is of: guests are told of this one."""
        elsewhere = ReadyFactory(scene=SceneFactory(project=ProjectFactory(team=team), created_by=alice))
        collection = Collection.objects.create(team=team, name="Best", created_by=alice)
        for place, take in enumerate([elsewhere, clip()]):
            collection.takes.add(take, through_defaults={"place": place, "by": alice})

        form = as_alice.get(self.links(as_alice, project)[-1]).content.decode().partition('class="link-form"')[2]
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
        as_alice.post(NEW, hidden | {"name": "Client cut", "days": "30"})

        link = ShareLink.objects.get()
        assert (link.project, list(link.watchable)) == (project, list(Generation.objects.order_by("pk")))

    def test_of_a_collection_is_made_in_no_project_of_others(self, make, alice, project, clip, team):
        collection = Collection.objects.create(team=team, name="Best", created_by=alice)
        collection.takes.add(clip(), through_defaults={"place": 0, "by": alice})
        own = alice.personal_team.projects.get()

        for other in (own, ProjectFactory()):
            make(collection=str(collection.uuid), project=str(other.uuid))

        assert {link.project for link in ShareLink.objects.all()} == {project}

    def test_lists_more_than_a_glance_takes_in_with_how_many_clips_each_has(self, as_alice, alice, project, clip, team):
        clips = [clip(), clip()]
        clip(trashed_at=timezone.now())
        for number in range(14):
            ReadyFactory(scene=SceneFactory(project=project, created_by=alice, name=f"Rain {number}"))
        collection = Collection.objects.create(team=team, name="Best", created_by=alice)
        collection.takes.add(clips[0], through_defaults={"place": 1, "by": alice})

        html = as_alice.get(NEW, {"project": str(project.uuid)}).content.decode()

        assert len(self.links(as_alice, project)) == 2 + 15 + 1
        listed = dict(re.findall(r">([^<>]+)</a><small>([^<]+)</small>", html))
        assert (listed[clips[0].scene.name], listed["Rain 7"], listed["Best"]) == ("2 clips", "1 clip", "1 clip")
        assert 'name="find"' in html

    def test_finds_others_by_their_name(self, as_alice, alice, project, clip, team, monkeypatch):
        monkeypatch.setattr("generations.offers.MOST", 1)
        collection = Collection.objects.create(team=team, name="Best of harbour", created_by=alice)
        collection.takes.add(clip(), through_defaults={"place": 1, "by": alice})
        for name in ("Rain", "Harbour at dusk", "Harbour at dawn"):
            ReadyFactory(scene=SceneFactory(project=project, created_by=alice, name=name))
        asked = {"project": str(project.uuid)}

        cut = as_alice.get(NEW, asked).content.decode()
        found = as_alice.get(NEW, asked | {"find": "harbour"}).context["sources"]
        nothing = as_alice.get(NEW, asked | {"find": "desert"}).content.decode()

        assert "Find the others by their name." in cut
        assert ([scene.name for scene in found.scenes], found.scenes.is_cut) == (["Harbour at dawn"], True)
        assert [one.name for one in found.collections] == ["Best of harbour"]
        assert "Nothing has these words in its name." in nothing
        assert "There is no finished clip" not in nothing

    def test_says_when_there_is_nothing_yet(self, as_alice, project):
        assert self.links(as_alice, project) == []

    @pytest.mark.parametrize(("person", "status"), [("vera", 403), ("charlie", 404)])
    def test_is_for_editors(self, client, request, project, person, status):
        client.force_login(request.getfixturevalue(person))

        assert client.get(NEW, {"project": str(project.uuid)}).status_code == status

    def test_stands_beside_the_links(self, as_alice, project, clip):
        clip()

        for address in (project.get_absolute_url(), f"/screenings/?project={project.uuid}"):
            assert f'href="{NEW}?project={project.uuid}"' in as_alice.get(address).content.decode()


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

    def test_suggests_a_title_that_a_person_gave(self, as_alice, clip, scene, project):
        take = clip()

        titles = [as_alice.get(NEW, {"take": str(take.uuid)}).context["form"]["name"].value()]
        type(scene).objects.update(name="Opening", is_named=True)
        titles += [as_alice.get(NEW, {"scene": str(scene.uuid)}).context["form"]["name"].value()]

        assert titles == [project.name, "Opening"]

    def test_of_a_scene_can_be_brought_up_to_date(self, make, as_alice, clip, scene):
        clip()
        make(scene=str(scene.uuid))
        link = ShareLink.objects.get()
        clip()
        assert link.watchable.count() == 1

        as_alice.post(f"/screenings/{link.uuid}/update")
        as_alice.post(f"/screenings/{link.uuid}/update")

        assert link.watchable.count() == 2

    def test_of_a_selection_is_asked_about_however_many_they_are(self, as_alice, clip):
        clips = [clip() for _ in range(2)]

        asked = as_alice.post(NEW, {"take": [str(one.uuid) for one in clips] + [str(uuid.uuid4())] * 400})

        assert asked.status_code == 200
        assert "2 clips, as they are now." in asked.content.decode()
        assert 'aria-invalid="true"' not in asked.content.decode()
        assert not ShareLink.objects.exists()

    def test_of_all_of_mine_holds_and_counts_those_of_one_team(self, make, as_alice, clip, project, alice):
        clip()
        home = SceneFactory(project=alice.personal_team.projects.get(), created_by=alice)
        ReadyFactory(scene=home, owner=alice)
        type(home).objects.filter(pk=home.pk).update(latest_take_at=timezone.now() + timedelta(hours=1))
        view = {"all": "1", "view": f"project={project.uuid}&scope=mine"}

        page = as_alice.get(NEW, view).content.decode()
        make(**view)

        assert "1 clip, as it is now." in page
        assert ShareLink.objects.get().project == project
        assert ShareLink.objects.get().clips.count() == 1

    def test_of_all_that_match_holds_those_that_are_not_on_the_page(self, as_alice, clip, project, team, alice):
        clips = [clip() for _ in range(3)]
        collection = Collection.objects.create(team=team, name="Best of", created_by=alice)
        for place, one in enumerate(clips[:2]):
            Collected.objects.create(collection=collection, generation=one, place=place, by=alice)
        chosen = {"take": str(clips[0].uuid), "all": "1"}

        matching = as_alice.post(NEW, chosen | {"view": f"project={project.uuid}&show=clips"}).content.decode()
        collected = as_alice.post(NEW, chosen | {"view": f"collection={collection.uuid}"}).content.decode()

        assert "3 clips, as they are now." in matching
        assert "2 clips, as they are now." in collected
        assert f'name="collection" value="{collection.uuid}"' in collected

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

    def test_of_a_scene_or_collection_is_reached_from_its_page(self, as_alice, visitor, vera, clip, scene, team, alice):
        visitor.force_login(vera)
        collection = Collection.objects.create(team=team, name="Best", created_by=alice)
        empty = as_alice.get(collection.get_absolute_url()).content.decode()
        Collected.objects.create(collection=collection, generation=clip(), place=0, by=alice)
        pages = {
            f"{NEW}?scene={scene.uuid}": f"/studio/?project={scene.project.uuid}",
            f"{NEW}?collection={collection.uuid}&amp;project={scene.project.uuid}": collection.get_absolute_url(),
        }

        for address, page in pages.items():
            assert f'href="{address}"' in as_alice.get(page).content.decode()
            assert address not in visitor.get(page).content.decode()
            assert as_alice.get(unescape(address)).context["selection"].clips
        assert f"{NEW}?" not in empty

    def test_of_a_collection_keeps_its_order(self, make, as_alice, clip, team, alice):
        takes = [clip(), clip()]
        collection = Collection.objects.create(team=team, name="Best", created_by=alice)
        for place, take in enumerate(reversed(takes)):
            Collected.objects.create(collection=collection, generation=take, place=place, by=alice)

        make(collection=str(collection.uuid))

        link = ShareLink.objects.get()
        assert list(link.watchable) == takes[::-1]
        Collected.objects.create(collection=collection, generation=(late := clip()), place=2, by=alice)
        assert as_alice.post(f"/screenings/{link.uuid}/update").status_code == 303
        assert list(link.watchable) == [*takes[::-1], late]

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
            ({"code": "1234567"}, "8 to 64 characters"),
            ({"code": "19901231"}, "Digits alone are guessed too soon."),
            ({"code": "11111111"}, "Digits alone are guessed too soon."),
            ({"code": "Password"}, "one of the first that somebody would try"),
            ({"code": "iloveyou"}, "one of the first that somebody would try"),
            ({"code": "xyzxyzxyzXYZ"}, "one of the first that somebody would try"),
            ({"name": ""}, "Give it a title"),
            ({"name": "\u200b"}, "Give it a title"),
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

    def test_the_list_tells_how_often_each_was_opened_and_when_last(self, as_alice, project, share):
        seen = timezone.now() - timedelta(hours=2)
        for name, views, at in (("Cut", 3, seen), ("Trailer", 1, seen), ("Draft", 0, None)):
            link = share(name=name)
            ShareLink.objects.filter(pk=link.pk).update(views=views, last_seen_at=at)

        page = as_alice.get(f"/screenings/?project={project.uuid}").content.decode().replace("\xa0", " ")

        told = dict(re.findall(r"(Cut|Trailer|Draft), 0 clips.*?(opened[^,]*, [\w ]+|not opened yet)", page, re.DOTALL))
        assert told == {
            "Cut": "opened 3 times, last 2 hours ago",
            "Trailer": "opened once, 2 hours ago",
            "Draft": "not opened yet",
        }

    def test_the_list_goes_on_page_by_page(self, as_alice, project, share, monkeypatch):
        monkeypatch.setattr(links, "PAGE", 2)
        for number in range(5):
            share(name=f"Cut {number}")
        address = f"/screenings/?project={project.uuid}"

        pages = [as_alice.get(f"{address}&page={page}").content.decode() for page in (1, 2, 3)]

        assert [[n for n in range(5) if f"Cut {n}," in page] for page in pages] == [[3, 4], [1, 2], [0]]
        assert f"?project={project.uuid}&amp;page=2" in pages[0]
        assert ['rel="next"' in page for page in pages] == [True, True, False]
        assert ['rel="prev"' in page for page in pages] == [False, True, True]

    @pytest.mark.parametrize("do", ["renew", "revoke"])
    def test_what_ends_an_address_asks_once_more(self, as_alice, project, share, clip, do):
        link = share(clip())

        page = as_alice.get("/screenings/", {"project": str(project.uuid)}).content.decode()

        assert f'popovertarget="{do}-{link.uuid}"' in page
        asked = page.partition(f'id="{do}-{link.uuid}" popover')[2].partition("</div>")[0]
        assert f'action="/screenings/{link.uuid}/{do}"' in asked
        assert 'class="hint"' in asked
        assert page.count(f'action="/screenings/{link.uuid}/{do}"') == 1

    def test_a_link_of_another_project_is_not_in_the_list(self, as_alice, share, clip, team):
        share(clip())
        other = ProjectFactory(team=team)

        assert "Client cut" not in as_alice.get("/screenings/", {"project": str(other.uuid)}).content.decode()

    def test_without_a_title_gets_words(self, make, clip):
        answer = make(take=[str(clip().uuid)], name="")

        assert answer.status_code == 422
        assert "Give it a title" in answer.content.decode()


class TestEdit:
    """Behind the same address."""

    def save(self, client, link, **values):
        defaults = {"name": link.name, "days": "30", "allows_comments": "on"}
        return client.post(f"/screenings/{link.uuid}/edit", defaults | values)

    def test_shows_the_clips_and_what_holds(self, as_alice, share, clip):
        take = clip()
        link = share(take, passcode="open sesame", allows_download=True)

        page = as_alice.get(f"/screenings/{link.uuid}/edit").content.decode()

        assert take.get_absolute_url() in page
        assert 'value="30"' in page
        assert 'placeholder="stays as it is"' in page
        assert "sesame" not in page

    def test_changes_what_is_allowed_and_keeps_address_passcode_and_end(self, as_alice, visitor, share, clip):
        link = share(clip(), passcode="open sesame")
        before = ShareLink.objects.get()

        answer = self.save(as_alice, link, name="Second cut", allows_download="on", allows_comments="")

        after = ShareLink.objects.get()
        assert answer.status_code == 303
        assert (after.name, after.allows_download, after.allows_comments) == ("Second cut", True, False)
        assert (after.passcode, after.expires_at, after.token_hash) == (
            before.passcode,
            before.expires_at,
            before.token_hash,
        )
        assert visitor.get(link.address).status_code == 401

    def test_names_a_weak_passcode_until_another_is_given(self, as_alice, visitor, share, clip, project):
        link = share(clip(), passcode="1234")
        page = f"/screenings/?project={project.uuid}"
        shown = as_alice.get(page).content.decode()
        assert "Its passcode may be weak" in shown
        assert "Give it a new one" in shown
        assert visitor.post(f"{link.address}enter", {"passcode": "1234"}).status_code == 303
        assert "may be weak" in as_alice.get(page).content.decode()

        self.save(as_alice, link, code="harbour-light")

        assert "may be weak" not in as_alice.get(page).content.decode()

    @pytest.mark.parametrize("passcode", ["password", "20261130"])
    def test_leaves_a_common_passcode_of_before_and_doubts_it(self, as_alice, visitor, share, clip, project, passcode):
        link = share(clip(), passcode=passcode)

        assert visitor.post(f"{link.address}enter", {"passcode": passcode}).status_code == 303

        assert "may be weak" in as_alice.get(f"/screenings/?project={project.uuid}").content.decode()
        refused = self.save(as_alice, link, code=passcode)
        assert refused.status_code == 422
        assert ShareLink.objects.get().opens_with(passcode)

    def test_knows_a_passcode_of_before_once_somebody_enters(self, as_alice, visitor, share, clip, project):
        link = share(clip(), passcode="harbour-light")
        ShareLink.objects.update(passcode_may_be_weak=True)  # as the migration leaves it
        page = f"/screenings/?project={project.uuid}"
        visitor.post(f"{link.address}enter", {"passcode": "harbour"})
        assert "may be weak" in as_alice.get(page).content.decode()

        visitor.post(f"{link.address}enter", {"passcode": "harbour-light"})

        assert "may be weak" not in as_alice.get(page).content.decode()

    def test_calls_no_link_weak_that_is_over_or_asks_for_none(self, as_alice, share, clip, project):
        share(clip(), passcode="1234", expires_at=timezone.now())
        self.save(as_alice, share(clip(), passcode="1234"), drops_passcode="on")

        assert "may be weak" not in as_alice.get(f"/screenings/?project={project.uuid}").content.decode()

    def test_viewers_learn_of_a_weak_passcode_and_change_nothing(self, client, vera, share, clip, project):
        share(clip(), passcode="1234")
        client.force_login(vera)

        shown = client.get(f"/screenings/?project={project.uuid}").content.decode()

        assert "may be weak" in shown
        assert "Give it a new one" not in shown

    def test_gives_another_passcode_or_none(self, as_alice, visitor, share, clip):
        link = share(clip(), passcode="open sesame")

        self.save(as_alice, link, code="close sesame")
        assert ShareLink.objects.get().opens_with("close sesame")
        both = self.save(as_alice, link, code="open sesame", drops_passcode="on")
        assert both.status_code == 422
        assert "Give a passcode, or ask for none any more." in both.content.decode()
        self.save(as_alice, link, drops_passcode="on")

        assert visitor.get(link.address).status_code == 200

    def test_opens_again_what_has_run_out_but_not_what_is_revoked(self, as_alice, visitor, share, clip):
        over = share(clip(), expires_at=timezone.now() - timedelta(days=1))
        revoked = share(clip(), revoked_at=timezone.now())

        assert visitor.get(over.address).status_code == 410
        self.save(as_alice, over)
        assert visitor.get(over.address).status_code == 200
        assert self.save(as_alice, revoked).status_code == 409

    @pytest.mark.parametrize(
        ("since", "status"),
        [({"revoked_at": timezone.now()}, 409), ({"token_hash": "n"}, 303), ({"passcode": "hashed"}, 303)],
    )
    def test_undoes_nothing_that_was_done_meanwhile(self, as_alice, share, clip, monkeypatch, since, status):
        """Somebody else revokes it, or gives it another address, between the reading of the row and its saving."""
        link, is_valid = share(clip()), ChangeForm.is_valid

        def is_valid_after(form):
            ShareLink.objects.update(views=3, **since)
            return is_valid(form)

        monkeypatch.setattr(ChangeForm, "is_valid", is_valid_after)
        answer = self.save(as_alice, link, name="Second cut")

        assert answer.status_code == status
        assert ShareLink.objects.filter(views=3, **since).exists()
        assert Activity.objects.filter(verb="link_changed").exists() is (status == 303)

    def test_that_changes_nothing_is_not_told(self, as_alice, share, clip):
        assert self.save(as_alice, share(clip())).status_code == 303

        assert not Activity.objects.filter(verb="link_changed").exists()

    def test_a_wrong_end_gets_words(self, as_alice, share, clip):
        answer = self.save(as_alice, share(clip()), days="0")

        assert answer.status_code == 422
        assert "A whole number of days" in answer.content.decode()

    @pytest.mark.parametrize(("person", "status"), [("bob", 200), ("vera", 403), ("charlie", 404)])
    def test_is_for_editors(self, client, request, share, clip, person, status):
        client.force_login(request.getfixturevalue(person))

        assert client.get(f"/screenings/{share(clip()).uuid}/edit").status_code == status


class TestOfSomebodyWhoHasGone:
    """Clients rely on their links, which stay open; the owners are told."""

    @pytest.fixture
    def left(self, share, clip, bob):
        """Two that work, one that does not."""
        share(clip(), created_by=bob, revoked_at=timezone.now())
        return share(clip(), created_by=bob, name="Cut one"), share(clip(), created_by=bob, name="Cut two")

    def test_whoever_takes_them_out_reads_how_many_there_are(self, as_alice, team, bob, left, visitor, share, clip):
        share(clip(), name="Of Alice")

        page = as_alice.post(f"/teams/{team.uuid}/people/{bob.uuid}/remove", follow=True).content.decode()

        assert "2 screening links that they made stay open." in page
        address = f"/screenings/?team={team.uuid}&amp;by={bob.uuid}"
        assert f'href="{address}"' in page
        listed = as_alice.get(address.replace("&amp;", "&")).content.decode()
        assert "Cut one" in listed
        assert f"/screenings/{left[0].uuid}/revoke" in listed
        assert "Of Alice" not in listed
        assert visitor.get(left[0].address).status_code == 200

    def test_nothing_is_said_where_there_are_none(self, as_alice, team, bob):
        page = as_alice.post(f"/teams/{team.uuid}/people/{bob.uuid}/remove", follow=True).content.decode()

        assert "stay open" not in page.partition('id="messages"')[2]

    def test_owners_are_told_when_they_leave(self, client, team, alice, bob, left):
        client.force_login(bob)
        client.post(f"/teams/{team.uuid}/leave")
        client.force_login(alice)

        page = client.get("/notifications/").content.decode()

        assert "2 screening links</a> that Bob made stay open" in page
        assert f"/screenings/?team={team.uuid}&amp;by={bob.uuid}" in page

    def test_what_is_revoked_in_their_list_leads_back_to_it(self, as_alice, team, bob, left):
        their_list = f"/screenings/?team={team.uuid}&by={bob.uuid}"
        form = f'name="next" value="{their_list.replace("&", "&amp;")}"'
        assert form in as_alice.get(their_list).content.decode()

        answer = as_alice.post(f"/screenings/{left[0].uuid}/revoke", {"next": their_list}, follow=True)

        assert answer.redirect_chain == [(their_list, 303)]
        assert "Revoked by Alice" in answer.content.decode()

    def test_what_is_changed_from_their_list_leads_back_to_it(self, as_alice, team, bob, left):
        their_list = f"/screenings/?team={team.uuid}&by={bob.uuid}"
        listed = as_alice.get(their_list).content.decode()
        address = f"/screenings/{left[0].uuid}/edit?next={quote(their_list, safe='')}"

        page = as_alice.get(address).content.decode()
        answer = as_alice.post(
            f"/screenings/{left[0].uuid}/edit", {"name": "Cut three", "days": "30", "next": their_list}
        )

        assert address in listed
        assert f'name="next" value="{escape(their_list)}"' in page
        assert answer.headers["Location"] == their_list

    def test_to_strangers_and_of_others_there_is_no_list(self, client, team, alice, bob, charlie, left):
        client.force_login(alice)
        for query in (f"team={team.uuid}", f"team={team.uuid}&by=x", f"team=x&by={bob.uuid}"):
            assert client.get(f"/screenings/?{query}").status_code == 404
        assert client.get(f"/screenings/?team={team.uuid}&by={charlie.uuid}").status_code == 404
        client.force_login(charlie)
        assert client.get(f"/screenings/?team={team.uuid}&by={bob.uuid}").status_code == 404

    def test_viewers_only_read_it(self, client, team, vera, bob, left):
        client.force_login(vera)

        page = client.get(f"/screenings/?team={team.uuid}&by={bob.uuid}").content.decode()

        assert "Cut one" in page
        assert "/revoke" not in page
        assert "/edit" not in page


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
            ({"text": "\u2060"}, "Write a comment first."),
            ({"text": "x" * 100_000}, "up to 4000 characters, this one has 100000"),
            ({"text": "Late", "second": "99"}, "The clip ends at 0:05."),
            ({"text": "Early", "second": "-1"}, "The clip ends at 0:05."),
            ({"text": "When", "second": "NaN"}, "This is no second of the clip."),
            ({"text": "When", "second": "soon"}, "This is no second of the clip."),
            ({"text": "Whom", "parent": "x"}, "What you answer is gone."),
        ],
    )
    def test_comments_that_make_no_sense_get_words(self, as_alice, clip, values, says):
        answer = as_alice.post(f"/generations/{clip().uuid}/comments", values)

        page = answer.content.decode()
        assert answer.status_code == 422
        assert says in page
        assert values.get("parent") or f'name="text" value="{values["text"]}"' in page
        assert not Comment.objects.exists()

    def test_an_answer_that_is_not_taken_stays_in_its_thread(self, as_alice, bob, clip):
        take = clip()
        said = review.say(take, review.Speaker(person=bob), text="Too dark", second=None, parent=None)

        answer = as_alice.post(f"/generations/{take.uuid}/comments", {"text": "x" * 4001, "parent": str(said.uuid)})

        page = answer.content.decode()
        assert "<details open>" in page
        assert f'id="answer-{said.uuid}" name="text" value="{"x" * 4001}"' in page
        assert 'id="comment-error"' not in page

    def test_settling_one_that_was_taken_away_meanwhile_is_nothing(self, alice, bob, clip):
        take = clip()
        said = review.say(take, review.Speaker(person=bob), text="Warmer", second=None, parent=None)
        review.take_away(Comment.objects.get(pk=said.pk), by=bob)

        review.settle(said, by=alice)

        take.refresh_from_db()
        assert take.open_comments == 0

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

    def test_pins_of_one_moment_stand_side_by_side(self, alice, clip):
        take, me = clip(), review.Speaker(person=alice)
        for second in (1.0, 1.0, 1.05, 3.0, 5.0, 5.0, None):
            review.say(take, me, text="Here", second=second, parent=None)

        assert [thread.aside for thread in review.Review(take).pins] == [0, 1, 2, 0, 0, -1]

    def test_a_pin_stands_where_one_beside_it_was_taken_away(self, alice, clip):
        take, me = clip(), review.Speaker(person=alice)
        first, _second = (review.say(take, me, text="Here", second=1.0, parent=None) for _ in range(2))
        review.say(take, me, text="Yes", second=None, parent=first)

        review.take_away(first, by=alice)

        assert [thread.aside for thread in review.Review(take).pins] == [0]

    def test_an_answer_to_another_clips_comment_is_not_taken(self, as_alice, alice, clip):
        one, other = clip(), clip()
        said = review.say(other, review.Speaker(person=alice), text="Elsewhere", second=None, parent=None)

        answer = as_alice.post(f"/generations/{one.uuid}/comments", {"text": "Here", "parent": str(said.uuid)})

        assert answer.status_code == 422
        assert not Comment.objects.filter(text="Here").exists()

    def test_an_answer_to_what_was_taken_away_stays_in_the_field(self, as_alice, alice, bob, clip):
        take = clip()
        said = review.say(take, review.Speaker(person=alice), text="Too dark", second=None, parent=None)
        review.take_away(said, by=alice)

        answer = as_alice.post(f"/generations/{take.uuid}/comments", {"text": "No", "parent": str(said.uuid)})

        page = answer.content.decode()
        assert answer.status_code == 422
        assert not Comment.objects.exists()
        assert 'id="comment-error" role="alert">What you answer is gone.' in page
        assert 'id="comment" name="text" value="No"' in page

    def test_an_answer_to_an_answer_that_is_not_taken_stays_in_the_thread(self, as_alice, alice, clip):
        take, me = clip(), review.Speaker(person=alice)
        first = review.say(take, me, text="One", second=None, parent=None)
        second = review.say(take, me, text="Two", second=None, parent=first)

        answer = as_alice.post(f"/generations/{take.uuid}/comments", {"text": "x" * 4001, "parent": str(second.uuid)})

        assert f'id="answer-{first.uuid}" name="text" value="{"x" * 4001}"' in answer.content.decode()


class TestTwoVerdicts:
    def test_at_once_agree_on_card_and_page(self, at_once, monkeypatch, alice, bob, clip):
        """One of them is written and not on the card yet when the other comes, which has to wait for it then."""
        take, create = clip(), Verdict.objects.create
        is_written, is_over = Event(), Event()

        def create_slowly(**fields):
            verdict = create(**fields)
            if fields["person"] == alice:
                is_written.set()
                is_over.wait(timeout=1)
            return verdict

        def judge_meanwhile():
            is_written.wait(timeout=10)
            review.judge(take, review.Speaker(person=bob), "changes")
            is_over.set()

        monkeypatch.setattr(Verdict.objects, "create", create_slowly)
        at_once(lambda: review.judge(take, review.Speaker(person=alice), "approved"), judge_meanwhile)

        take.refresh_from_db()
        assert take.verdict == review.Review(take).verdict.word == "changes"


class TestTakingAway:
    @pytest.fixture
    def take(self, clip):
        return clip()

    @pytest.fixture
    def write(self, take):
        def write(parent=None, text="Rude words", **speaker):
            return review.say(take, review.Speaker(**speaker), text=text, second=1.0, parent=parent)

        return write

    def ask(self, client, person, comment):
        client.force_login(person)
        return client.post(f"/comments/{comment.uuid}/take-away", follow=True)

    def test_ones_own_goes_for_good(self, client, vera, take, write):
        answer = self.ask(client, vera, write(person=vera))

        take.refresh_from_db()
        assert "The comment is gone." in answer.content.decode()
        assert not Comment.objects.exists()
        assert take.open_comments == 0
        assert Activity.objects.filter(verb="comment_taken", actor=vera).exists()

    @pytest.mark.parametrize(("person", "status"), [("alice", 200), ("bob", 200), ("vera", 403), ("charlie", 404)])
    def test_a_guests_is_the_editors_to_take_away(self, client, request, take, write, share, person, status):
        said = write(guest="Troll", link=share(take))
        person = request.getfixturevalue(person)
        client.force_login(person)
        offers = "Take the comment away" in client.get(take.get_absolute_url()).content.decode()

        assert self.ask(client, person, said).status_code == status
        assert offers == (status == 200)
        assert Comment.objects.exists() == (status != 200)

    def test_a_members_stays_to_others(self, client, alice, bob, write):
        assert self.ask(client, alice, write(person=bob)).status_code == 403
        assert Comment.objects.exists()

    @pytest.mark.parametrize(("person", "status"), [("alice", 200), ("bob", 403), ("vera", 403)])
    @pytest.mark.parametrize("is_removed", [True, False])
    def test_of_who_can_not_do_it_any_more_is_the_owners_to_take_away(
        self, client, request, alice, team, take, write, person, status, is_removed
    ):
        """Somebody who is not in the team any more, or whom administration has shut out."""
        gone = UserFactory()
        MembershipFactory(team=team, user=gone, role="editor")
        said = write(person=gone)
        if is_removed:
            people.remove(team, gone.uuid, by=alice)
        else:
            User.objects.filter(pk=gone.pk).update(is_active=False)
        person = request.getfixturevalue(person)
        client.force_login(person)
        offers = "Take the comment away" in client.get(take.get_absolute_url()).content.decode()

        assert self.ask(client, person, said).status_code == status
        assert offers == (status == 200)
        assert Comment.objects.exists() == (status != 200)
        assert Activity.objects.filter(verb="comment_taken", actor=person).exists() == (status == 200)

    def test_leaves_a_word_where_it_was_answered(self, client, visitor, alice, bob, take, write, share):
        link = share(take)
        first = write(guest="Troll", link=link)
        answer = write(parent=first, person=bob, text="Please be kind")

        page = self.ask(client, alice, first).content.decode()

        take.refresh_from_db()
        assert take.open_comments == 0
        for html in (page, visitor.get(link.address).content.decode()):
            assert "A comment was taken away." in html
            assert "Rude words" not in html
            assert "Troll" not in html.partition('id="comments"')[2].partition("</ol>")[0]
            assert "Please be kind" in html
        self.ask(client, bob, answer)
        assert not Comment.objects.exists()

    def test_at_once_with_the_last_answer_leaves_nothing(self, client, alice, bob, write):
        """Both have read the rows before either is taken away."""
        first = write(person=alice)
        write(parent=first, person=bob)
        answer = Comment.objects.select_related("parent").get(parent=first)

        review.take_away(first, by=alice)
        review.take_away(answer, by=bob)
        review.take_away(answer, by=bob)

        assert not Comment.objects.exists()
        assert Activity.objects.filter(verb="comment_taken").count() == 2

    @pytest.mark.parametrize("is_guest", [True, False])
    def test_while_it_is_answered_keeps_the_answer_in_the_field(
        self, client, visitor, alice, take, write, share, monkeypatch, is_guest
    ):
        link = share(take)
        first, is_valid = write(guest="Troll", link=link), CommentForm.is_valid
        client.force_login(alice)

        def is_valid_before(form):
            found = is_valid(form)
            review.take_away(first, by=alice)
            return found

        monkeypatch.setattr(CommentForm, "is_valid", is_valid_before)
        values = {"text": "Be kind", "name": "Carol", "parent": str(first.uuid)}
        if is_guest:
            answer = visitor.post(f"{link.address}clips/{take.uuid}/comments", values)
        else:
            answer = client.post(f"/generations/{take.uuid}/comments", values)

        page = answer.content.decode()
        assert answer.status_code == 422
        assert not Comment.objects.exists()
        assert "What you answer is gone." in page
        assert 'name="text" value="Be kind"' in page
