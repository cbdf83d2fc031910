"""/s/<token>/: what somebody with the address sees and may do, and everybody else does not."""

import gzip
import re
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils import timezone

from accounts import closing
from accounts.models import User
from generations.models import Generation, Scene
from generations.storage import StorageError
from screenings import review
from screenings.models import Comment, ShareLink, Verdict
from screenings.visiting import Visit
from teams import closing as places
from teams.models import Activity
from tests.factories import ProjectFactory, ReadyFactory
from tests.generations.test_files import keep
from tests.screenings.conftest import Visitor


def watch(visitor, link, *, headers=None, **query):
    """Open the page and load the pictures that are in it; the answer to the one that counts."""
    page = visitor.get(link.address, query, headers=headers).content.decode()
    (address,) = re.findall(r'<img src="([^"]+/seen)"', page)
    return visitor.get(address, headers=headers)


def assert_not_seen(link):
    link.refresh_from_db()
    assert (link.views, link.last_seen_at) == (0, None)
    assert not Activity.objects.filter(verb="link_seen").exists()


class TestShow:
    def test_shows_the_clips_of_the_link_and_nothing_else(self, visitor, share, clip):
        first, second, other = clip(), clip(), clip()
        link = share(first, second)

        response = visitor.get(link.address)

        html = response.content.decode()
        assert response.status_code == 200
        assert f"{link.address}clips/{first.uuid}/video" in html
        assert str(second.uuid) in html
        assert str(other.uuid) not in html
        assert visitor.get(link.address, {"clip": str(second.uuid)}).context["clip"] == second
        assert visitor.get(link.address, {"clip": str(other.uuid)}).status_code == 404
        assert visitor.get(link.address, {"clip": "x"}).status_code == 404

    def test_keeps_robots_out_and_the_address_to_itself(self, visitor, share, clip):
        response = visitor.get(share(clip()).address)

        assert "noindex" in response.headers["X-Robots-Tag"]
        assert '<meta name="robots" content="noindex, nofollow">' in response.content.decode()
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert "no-store" in response.headers["Cache-Control"]

    def test_has_one_small_stylesheet(self, visitor, share, clip):
        html = visitor.get(share(clip()).address).content.decode()

        (address,) = re.findall(r'<link rel="stylesheet" href="/static/([^"]+)"', html)
        styles = Path(finders.find(address)).read_bytes()
        assert b".player" in styles
        assert len(gzip.compress(styles)) < 10_000

    def test_says_nothing_of_money_and_the_recipe_only_if_allowed(self, visitor, share, clip):
        take = clip(cost="1.50")

        silent = visitor.get(share(take).address).content.decode()
        open_hearted = visitor.get(share(take, shows_recipe=True).address).content.decode()

        assert "A secret prompt" not in silent
        assert "A secret prompt" in open_hearted
        for html in (silent, open_hearted):
            assert "US$" not in html
            assert "1.50" not in html

    def test_without_the_recipe_names_no_clip_after_its_prompt(self, visitor, share, clip, scene):
        first, second = clip(), clip()
        link = share(first, second, allows_download=True)

        html = visitor.get(link.address, {"clip": str(second.uuid)}).content.decode()
        open_page = visitor.get(share(first, shows_recipe=True).address).content.decode()
        both = visitor.get(share(first, second, shows_recipe=True).address).content.decode()
        sent = visitor.get(f"{link.address}clips/{second.uuid}/download")  # ends the connection, so it comes last

        assert scene.name in open_page
        assert scene.name not in html
        assert "<h2>Clip 2</h2>" in html
        assert 'aria-label="Clip 2"' in html
        assert "Clip 1</a>" in html
        assert "Take " not in html
        assert re.findall(r"<small>Take (\d+)</small>", both) == [str(first.number), str(second.number)]
        assert 'filename="harbour-film_clip-2.mp4"' in sent.headers["Content-Disposition"]

    def test_calls_clips_as_a_person_named_their_scene(self, visitor, as_alice, share, clip, scene):
        link = share(clip(), allows_download=True)

        as_alice.post(f"/scenes/{scene.uuid}/rename", {"name": scene.name})
        unchanged = visitor.get(link.address).content.decode()
        as_alice.post(f"/scenes/{scene.uuid}/rename", {"name": "Opening"})

        assert scene.name not in unchanged
        assert "<h2>1 Opening</h2>" in visitor.get(link.address).content.decode()

    def test_counts_visitors_and_not_the_team(self, visitor, client, alice, share, clip):
        link = share(clip())
        watch(visitor, link)
        client.force_login(alice)
        watch(client, link)

        link.refresh_from_db()
        assert link.views == 1
        assert link.last_seen_at

    def test_counts_what_is_opened_within_half_an_hour_as_one_visit(self, visitor, share, clip):
        take = clip()
        link = share(take)
        with time_machine.travel(timezone.now(), tick=False) as now:
            for _ in range(2):
                watch(visitor, link)
                watch(visitor, link, clip=str(take.uuid))
                now.shift(timedelta(minutes=31))
            watch(Visitor(), link)

        link.refresh_from_db()
        assert link.views == 3

    def test_counting_leaves_alone_what_a_visitor_has_told(self, visitor, share, clip):
        """A name and a passcode are posted while the page's pictures load: the session is theirs."""
        link = share(clip())

        cookie = watch(visitor, link).cookies["screening-seen"]

        assert "sessionid" not in visitor.cookies
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (link.address, True, "Lax")

    def test_counts_for_each_link_by_itself(self, visitor, share, clip):
        first, second = share(clip()), share(clip())
        watch(visitor, first)

        watch(visitor, second)  # the test's browser sends it everywhere

        second.refresh_from_db()
        assert second.views == 1

    def test_counts_nobody_who_only_fetches_the_page(self, visitor, share, clip):
        link = share(clip())

        visitor.get(link.address)
        visitor.head(f"{link.address}seen")

        assert_not_seen(link)

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Purpose": "prefetch;prerender"},
            {"Purpose": "prefetch"},
            {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
            {"User-Agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"},
            {"User-Agent": "WhatsApp/2.24.1 A"},
            {"User-Agent": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5"},
            {"User-Agent": "TelegramBot (like TwitterBot)"},
            {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        ],
    )
    def test_counts_neither_robots_nor_what_is_fetched_ahead(self, visitor, share, clip, headers):
        link = share(clip())

        assert watch(visitor, link, headers=headers).status_code == 200

        assert_not_seen(link)

    @pytest.mark.parametrize(
        "agent",
        [
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
            "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/450.0]",
            "Mozilla/5.0 (Linux; Android 10; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36",
            "",
        ],
    )
    def test_counts_people_whatever_they_look_with(self, visitor, share, clip, agent):
        link = share(clip())

        watch(visitor, link, headers={"User-Agent": agent})

        link.refresh_from_db()
        assert link.views == 1

    def test_counts_nobody_before_the_passcode(self, visitor, share, clip):
        link = share(clip(), passcode="harbour-light")

        assert visitor.get(f"{link.address}seen").status_code == 401

        assert_not_seen(link)

    def test_is_a_few_queries(self, visitor, share, clip, django_assert_max_num_queries):
        take = clip()
        link = share(take, *(clip() for _ in range(5)))
        for _ in range(5):
            review.say(take, review.Speaker(guest="Carol", link=link), text="Fine", second=1.0, parent=None)

        visitor.get(link.address)  # the first visit is written down for the project, once
        with django_assert_max_num_queries(6):
            visitor.get(link.address)

    def test_of_a_clip_in_the_trash_says_that_it_is_gone(self, visitor, share, clip):
        take = clip()
        link = share(take)
        Generation.objects.filter(pk=take.pk).update(trashed_at=timezone.now())

        assert "nothing to watch" in visitor.get(link.address).content.decode()
        assert visitor.get(f"{link.address}clips/{take.uuid}/video").status_code == 404

    def test_of_a_clip_whose_project_was_deleted_shows_it_no_more(self, visitor, share, clip, team):
        """A collection's link shows clips of several projects."""
        take = clip()
        link = share(take)
        elsewhere = ProjectFactory(team=team, deleted_at=timezone.now())
        Generation.objects.filter(pk=take.pk).update(project=elsewhere)

        assert visitor.get(f"{link.address}clips/{take.uuid}/video").status_code == 404

    def test_of_a_clip_that_another_team_has_now_shows_it_no_more(self, visitor, share, clip):
        """Its owners cannot see this link, so they could not revoke it either."""
        take = clip()
        link = share(take)
        elsewhere = ProjectFactory()
        Generation.objects.filter(pk=take.pk).update(project=elsewhere, team=elsewhere.team)

        assert visitor.get(f"{link.address}clips/{take.uuid}/video").status_code == 404


class TestEnded:
    @pytest.mark.parametrize("how", ["expired", "revoked", "project"])
    def test_says_so_in_words(self, visitor, share, clip, project, how):
        take = clip()
        link = share(take)
        now = timezone.now()
        if how == "project":
            type(project).objects.filter(pk=project.pk).update(deleted_at=now)
        else:
            field = {"expired": "expires_at", "revoked": "revoked_at"}[how]
            ShareLink.objects.filter(pk=link.pk).update(**{field: now - timedelta(days=1)})

        for path in ("", f"clips/{take.uuid}/video", f"clips/{take.uuid}/poster"):
            response = visitor.get(link.address + path)
            assert response.status_code == 410
            assert "Ask whoever sent it for a new one." in response.content.decode()

    @pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "a" * 5000])
    def test_a_token_that_is_none_is_not_found(self, visitor, db, token):
        assert visitor.get(f"/s/{token}/").status_code == 404

    def test_a_new_address_ends_the_old_one(self, visitor, client, alice, share, clip):
        link = share(clip())
        client.force_login(alice)

        client.post(f"/screenings/{link.uuid}/renew")

        assert visitor.get(link.address).status_code == 404


class TestPasscode:
    def test_is_asked_before_anything_is_shown(self, visitor, share, clip):
        take = clip()
        link = share(take, passcode="open sesame")

        for path in ("", f"clips/{take.uuid}/video", f"clips/{take.uuid}/poster"):
            response = visitor.get(link.address + path)
            assert response.status_code == 401
            assert "has a passcode" in response.content.decode()
        assert visitor.post(f"{link.address}enter", {"passcode": "wrong"}).status_code == 401
        assert visitor.post(f"{link.address}enter", {"passcode": "open sesame"}).status_code == 303
        assert visitor.get(link.address).status_code == 200
        assert visitor.get(f"{link.address}clips/{take.uuid}/video").status_code == 200

    def test_may_be_pasted_with_a_space_around_it(self, visitor, share, clip):
        link = share(clip(), passcode="open sesame")

        assert visitor.post(f"{link.address}enter", {"passcode": " open sesame "}).status_code == 303

    def test_is_kept_as_a_hash(self, share, clip):
        link = share(clip(), passcode="open sesame")

        assert "sesame" not in link.passcode
        assert link.token_hash not in link.address

    def test_cannot_be_guessed_at_leisure(self, visitor, share, clip):
        link = share(clip(), passcode="1234")

        codes = [visitor.post(f"{link.address}enter", {"passcode": "0000"}).status_code for _ in range(12)]

        assert codes == [401] * 10 + [429] * 2
        assert visitor.post(f"{link.address}enter", {"passcode": "1234"}).status_code == 429

    def test_cannot_be_guessed_slowly_either(self, visitor, share, clip):
        link, codes = share(clip(), passcode="1234"), []
        with time_machine.travel(timezone.now(), tick=False) as now:
            for _ in range(7):
                codes += [visitor.post(f"{link.address}enter", {"passcode": "0"}).status_code for _ in range(10)]
                now.shift(timedelta(minutes=11))

        assert codes == [401] * 60 + [429] * 10

    def test_is_taken_from_the_client_while_others_guess(self, share, clip):
        link = share(clip(), passcode="open sesame")
        for number in range(120):
            guesser = {"REMOTE_ADDR": f"203.0.113.{number}"}
            Visitor().post(f"{link.address}enter", {"passcode": "wrong"}, **guesser)

        assert Visitor().post(f"{link.address}enter", {"passcode": "open sesame"}).status_code == 303

    def test_given_rightly_lets_the_next_of_the_same_house_try(self, share, clip):
        link = share(clip(), passcode="open sesame")

        codes = [Visitor().post(f"{link.address}enter", {"passcode": "open sesame"}).status_code for _ in range(12)]

        assert codes == [303] * 12

    def test_counts_a_network_of_ipv6_as_one(self, share, clip):
        link = share(clip(), passcode="open sesame")
        places = [{"REMOTE_ADDR": f"2001:db8:0:{number:x}::1"} for number in range(1, 12)]

        codes = [Visitor().post(f"{link.address}enter", {"passcode": "no"}, **place).status_code for place in places]

        assert codes == [401] * 10 + [429]

    def test_of_one_link_opens_no_other(self, visitor, share, clip):
        one, other = share(clip(), passcode="aaaa"), share(clip(), passcode="bbbb")
        visitor.post(f"{one.address}enter", {"passcode": "aaaa"})

        assert visitor.get(other.address).status_code == 401


class TestFiles:
    def test_are_sent_in_ranges(self, visitor, share, clip):
        take = clip()
        link = share(take)

        response = visitor.get(f"{link.address}clips/{take.uuid}/video", headers={"Range": "bytes=0-99"})

        assert response.status_code == 206
        assert response.headers["Content-Type"] == "video/mp4"
        assert "private" in response.headers["Cache-Control"]
        assert "noindex" in response.headers["X-Robots-Tag"]

    def test_of_other_clips_are_not_found(self, visitor, share, clip):
        link, other = share(clip()), clip()

        for name in ("video", "poster", "preview", "download"):
            assert visitor.get(f"{link.address}clips/{other.uuid}/{name}").status_code == 404

    def test_of_a_clip_that_goes_meanwhile_are_not_found(self, visitor, share, clip, monkeypatch):
        take = clip()

        find = Visit.clip

        def find_and_lose(visit, uuid):
            found = find(visit, uuid)
            Generation.objects.filter(pk=found.pk).update(trashed_at=timezone.now())
            return found

        monkeypatch.setattr(Visit, "clip", find_and_lose)

        assert visitor.get(f"{share(take, allows_download=True).address}clips/{take.uuid}/download").status_code == 404

    def test_are_downloaded_only_if_allowed(self, visitor, share, clip):
        take = clip()

        assert visitor.get(f"{share(take).address}clips/{take.uuid}/download").status_code == 403
        response = visitor.get(f"{share(take, allows_download=True).address}clips/{take.uuid}/download")
        assert response.headers["Content-Disposition"].startswith("attachment")

    @pytest.mark.parametrize(("named", "name"), [(True, "harbour-film_1-opening"), (False, "harbour-film_clip-1")])
    def test_of_another_project_carry_the_name_of_the_links(self, visitor, share, clip, scene, team, named, name):
        take = clip()
        link = share(take, allows_download=True)
        Scene.objects.filter(pk=scene.pk).update(is_named=named, name="Opening")
        Generation.objects.update(project=ProjectFactory(team=team, name="Secret client"))

        sent = visitor.get(f"{link.address}clips/{take.uuid}/download")

        assert f'filename="{name}.mp4"' in sent.headers["Content-Disposition"]


class TestWords:
    def comment(self, visitor, link, take, name="", **values):
        if name:
            visitor.post(f"{link.address}name", {"name": name, "clip": str(take.uuid)})
        return visitor.post(f"{link.address}clips/{take.uuid}/comments", {"text": "Lovely", "second": "2.5", **values})

    def test_of_a_guest_with_a_name_are_pinned(self, visitor, share, clip):
        take = clip()
        link = share(take)

        response = self.comment(visitor, link, take, name="Carol")

        said = Comment.objects.get()
        assert response.status_code == 303
        assert (said.name, said.second, said.link, said.person) == ("Carol", 2.5, link, None)
        html = visitor.get(link.address).content.decode()
        assert 'data-second="2.5"' in html
        assert "You are writing as Carol" in html
        take.refresh_from_db()
        assert take.open_comments == 1

    def test_by_a_name_that_nobody_sees_are_not_taken(self, visitor, share, clip):
        take = clip()
        link = share(take)

        told = visitor.post(f"{link.address}name", {"name": "\u200b", "clip": str(take.uuid)}, follow=True)
        answer = visitor.post(f"{link.address}clips/{take.uuid}/comments", {"text": "Lovely", "name": "\u200b"})

        assert "Say who you are first." in told.content.decode()
        assert answer.status_code == 422
        assert "Say who you are first." in answer.content.decode()
        assert not Comment.objects.exists()

    def test_without_a_name_are_not_taken(self, visitor, share, clip):
        take = clip()
        link = share(take)

        answer = self.comment(visitor, link, take)

        html = answer.content.decode()
        assert answer.status_code == 422
        assert not Comment.objects.exists()
        assert "Say who you are first." in html
        assert 'value="Lovely"' in html
        assert self.comment(visitor, link, take, text="Again").status_code == 422

    def test_with_a_name_that_is_too_long_say_so_and_keep_it(self, visitor, share, clip):
        take = clip()
        link = share(take)
        review.say(take, review.Speaker(guest="Dan", link=link), text="Warmer?", second=None, parent=None)
        name, parents = "C" * 61, ("", str(Comment.objects.get().uuid))

        pages = [
            visitor.post(
                f"{link.address}clips/{take.uuid}/comments", {"text": "Yes", "name": name, "parent": parent}
            ).content.decode()
            for parent in parents
        ]

        for html in pages:
            assert "A name has up to 60 characters." in html
            assert f'value="{name}"' in html
        assert Comment.objects.count() == 1

    @pytest.mark.parametrize(("second", "is_ticked"), [("", True), ("1.5", False), ("99", False)])
    def test_that_come_back_are_about_what_they_were_about(self, visitor, share, clip, second, is_ticked):
        take = clip()

        html = self.comment(visitor, share(take), take, name="Carol", text="x" * 4001, second=second).content.decode()

        assert ("data-whole checked" in html) == is_ticked

    def test_bring_a_name_along_where_none_was_given(self, visitor, share, clip):
        take = clip()
        link = share(take)

        visitor.post(f"{link.address}clips/{take.uuid}/comments", {"text": "Lovely", "name": "Carol"})

        assert Comment.objects.get().guest == "Carol"

    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"text": ""}, "Write a comment first."),
            ({"text": "\u200b\u200b"}, "Write a comment first."),
            ({"text": "x" * 100_000}, "A comment has up to 4000 characters, this one has 100000."),
            ({"second": "99"}, "The clip ends at 0:05."),
            ({"second": "-1"}, "The clip ends at 0:05."),
            ({"second": "nan"}, "This is no second of the clip."),
            ({"second": "x"}, "This is no second of the clip."),
            ({"parent": "x"}, "What you answer is gone."),
        ],
    )
    def test_that_make_no_sense_get_words(self, visitor, share, clip, values, says):
        take = clip()
        link = share(take)

        answer = self.comment(visitor, link, take, name="Carol", **values)

        html = answer.content.decode()
        assert answer.status_code == 422
        assert not Comment.objects.exists()
        assert says in html
        assert f'name="text" value="{values.get("text", "Lovely")}"' in html

    def test_with_scripts_are_text(self, visitor, share, clip):
        take = clip()
        link = share(take)
        self.comment(visitor, link, take, name="<b>Carol", text="<script>alert(1)</script>")

        html = visitor.get(link.address).content.decode()
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html
        assert "<b>Carol" not in html

    def test_are_not_taken_where_the_link_does_not_want_them(self, visitor, share, clip):
        take = clip()
        link = share(take, allows_comments=False)

        assert self.comment(visitor, link, take, name="Carol").status_code == 403
        assert visitor.post(f"{link.address}clips/{take.uuid}/verdict", {"verdict": "approved"}).status_code == 403
        assert "Comments" not in visitor.get(link.address).content.decode()

    def test_of_the_team_among_itself_stay_inside(self, visitor, share, clip, alice):
        take = clip()
        link = share(take)
        review.say(take, review.Speaker(person=alice), text="Between us", second=None, parent=None)

        assert "Between us" not in visitor.get(link.address).content.decode()

    def test_answer_only_what_was_said_through_the_link(self, visitor, share, clip, alice):
        take = clip()
        inside = review.say(take, review.Speaker(person=alice), text="Between us", second=None, parent=None)
        other = review.say(take, review.Speaker(guest="Dan", link=share(take)), text="Hm", second=None, parent=None)

        for number, parent in enumerate((inside, other)):
            values = {"text": f"Said {number}", "parent": str(parent.uuid)}
            answer = self.comment(visitor, share(take), take, name="Carol", **values)
            assert answer.status_code == 422
            assert "What you answer is gone." in answer.content.decode()
        assert not Comment.objects.filter(text__startswith="Said").exists()

    def test_are_answered_in_the_thread_once_a_name_is_known(self, visitor, share, clip):
        take = clip()
        link = share(take)
        field = 'name="parent" value="'
        review.say(take, review.Speaker(guest="Dan", link=link), text="Warmer?", second=None, parent=None)
        assert field not in visitor.get(link.address).content.decode()
        visitor.post(f"{link.address}name", {"name": "Carol", "clip": str(take.uuid)})

        parent = visitor.get(link.address).content.decode().partition(field)[2].partition('"')[0]
        self.comment(visitor, link, take, text="Yes, warmer", parent=parent)
        html = self.comment(visitor, link, take, text="x" * 4001, parent=parent).content.decode()

        assert Comment.objects.get(text="Yes, warmer").parent.text == "Warmer?"
        assert html.count("A comment has up to 4000 characters") == 1
        assert 'id="answer-error"' in html

    def test_that_answer_what_was_settled_open_it_again(self, visitor, share, clip, client, alice, bob):
        take = clip()
        link = share(take)
        self.comment(visitor, link, take, name="Carol", text="The logo is too small")
        thread = Comment.objects.get()
        review.settle(thread, by=bob)

        self.comment(visitor, link, take, text="Still too small", parent=str(thread.uuid))

        take.refresh_from_db()
        assert take.open_comments == 1
        client.force_login(alice)
        page = client.get(take.get_absolute_url()).content.decode()
        assert ("Open again" in page, "Settle" in page) == (False, True)
        client.force_login(bob)
        bell = client.get(reverse("notifications")).content.decode()
        assert "<b>Carol (guest)</b> opened a comment on" in bell

    def test_of_members_leave_settled_what_is_settled(self, visitor, share, clip, client, alice, bob):
        take = clip()
        link = share(take)
        thread = review.say(take, review.Speaker(guest="Carol", link=link), text="Hm", second=None, parent=None)
        review.settle(thread, by=bob)

        review.say(take, review.Speaker(person=alice), text="Done", second=None, parent=thread)

        take.refresh_from_db()
        assert take.open_comments == 0

    def test_that_answer_without_a_name_keep_their_thread(self, visitor, share, clip):
        take = clip()
        link = share(take)
        first = review.say(take, review.Speaker(guest="Dan", link=link), text="Warmer?", second=None, parent=None)

        html = self.comment(visitor, link, take, text="Yes", parent=str(first.uuid)).content.decode()

        assert 'name="name" form="answering"' in html
        assert 'id="comment-error"' not in html

    def test_that_answer_a_guest_reach_the_guest(self, visitor, client, alice, share, clip):
        take = clip()
        link = share(take)
        self.comment(visitor, link, take, name="Carol")
        client.force_login(alice)

        client.post(f"/generations/{take.uuid}/comments", {"text": "Fixed", "parent": str(Comment.objects.get().uuid)})

        html = visitor.get(link.address).content.decode()
        assert "Fixed" in html
        assert "Alice" in html

    def test_of_a_member_carry_their_own_name(self, client, alice, share, clip):
        take = clip()
        link = share(take)
        client.force_login(alice)

        self.comment(client, link, take, name="Somebody else")

        assert Comment.objects.get().person == alice

    def test_too_many_at_once_wait(self, visitor, share, clip):
        take = clip()
        link = share(take)

        answers = [self.comment(visitor, link, take, name="Carol", text="Sunny") for _ in range(31)]

        assert [answer.status_code for answer in answers] == [303] * 30 + [429]
        assert "That was a lot at once" in answers[-1].content.decode()
        assert 'value="Sunny"' in answers[-1].content.decode()
        assert int(answers[-1].headers["Retry-After"]) > 0


class TestNameless:
    """What somebody of the team is called there who has given no name."""

    @pytest.fixture
    def link(self, share, clip, alice, bob):
        User.objects.filter(pk__in=[alice.pk, bob.pk]).update(name="")
        return share(clip())

    @pytest.fixture
    def html(self, link, visitor):
        return lambda: visitor.get(link.address).content.decode()

    def test_nobody_reads_a_part_of_an_address(self, html, link, bob):
        bob.refresh_from_db()
        take, speaker = link.watchable.get(), review.Speaker(person=bob, link=link)
        review.say(take, speaker, text="Warmer", second=1, parent=None)
        review.judge(take, speaker, "changes")

        page = html()

        assert not re.search("alice|bob|example", page, re.IGNORECASE)
        assert page.count("Team member") == 3  # of the pin, the comment and the verdict
        assert ">1 clip<" in page

    @pytest.mark.parametrize("written", ["@Vera", "@bob.b", "@bob.b@example.com"])
    def test_nor_of_one_that_a_member_mentions(self, html, link, alice, bob, written):
        User.objects.filter(pk=bob.pk).update(email="bob.b@example.com")
        alice.refresh_from_db()
        text = f"Look, {written}: vera@example.org knows"
        review.say(link.watchable.get(), review.Speaker(person=alice, link=link), text=text, second=None, parent=None)

        name = written if written == "@Vera" else "@Team member"
        assert f"Look, {name}: vera@example.org knows" in html()

    def test_nor_of_one_that_was_mentioned_and_is_gone_for_good(self, html, link, alice, bob, team):
        alice.refresh_from_db()
        bob.refresh_from_db()
        said = review.Speaker(person=alice, link=link)
        review.say(link.watchable.get(), said, text="Look, @bob and @Vera", second=None, parent=None)
        closing.close(bob)
        with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
            for _ in range(3):
                places.sweep()
            ShareLink.objects.update(expires_at=timezone.now() + timedelta(days=1))

            assert "Look, @Somebody who left and @Vera" in html()
        assert Comment.objects.get().text == "Look, @Somebody who left and @Vera"


class TestSession:
    def test_of_a_guest_is_not_the_one_they_sign_in_with(self, visitor, share, clip, alice):
        """A session that somebody else may have planted gets another key."""
        alice.set_password("harbour-lamp-42")
        alice.save()
        take = clip()
        visitor.post(f"{share(take).address}name", {"name": "Carol", "clip": str(take.uuid)})
        before = visitor.session.session_key

        visitor.post("/accounts/login/", {"login": alice.email, "password": "harbour-lamp-42"})

        assert visitor.session["_auth_user_id"] == str(alice.pk)
        assert visitor.session.session_key != before


class TestVerdict:
    def test_of_a_guest_reaches_the_card(self, visitor, share, clip, client, alice):
        take = clip()
        link = share(take)
        visitor.post(f"{link.address}name", {"name": "Carol", "clip": str(take.uuid)})

        visitor.post(f"{link.address}clips/{take.uuid}/verdict", {"verdict": "changes"})
        visitor.post(f"{link.address}clips/{take.uuid}/verdict", {"verdict": "approved"})

        take.refresh_from_db()
        assert take.verdict == "approved"
        assert list(Verdict.objects.values_list("guest", "word")) == [("Carol", "changes"), ("Carol", "approved")]
        client.force_login(alice)
        assert "Approved" in client.get("/studio/", {"project": str(take.project.uuid)}).content.decode()

    def test_says_how_many_clips_have_one(self, visitor, share, clip, alice):
        first, second, third = clip(), clip(), clip()
        link = share(first, second, third)
        review.judge(second, review.Speaker(person=alice), "approved")  # of no link
        review.judge(second, review.Speaker(guest="Dan", link=share(second)), "approved")  # of another
        assert "0 of 3 answered" in visitor.get(link.address).content.decode()
        visitor.post(f"{link.address}name", {"name": "Carol", "clip": str(first.uuid)})

        for word in ("changes", "approved"):
            visitor.post(f"{link.address}clips/{first.uuid}/verdict", {"verdict": word})

        assert "1 of 3 answered" in visitor.get(link.address, {"clip": str(third.uuid)}).content.decode()

    def test_is_counted_in_the_list_of_links_as_on_the_page(self, as_alice, visitor, share, clip, project):
        clips = [clip() for _ in range(4)]
        link, *_others = share(*clips), share(clips[0]), share(*clips, allows_comments=False, name="Silent")
        review.judge(clips[0], review.Speaker(guest="Dan", link=share(clips[0])), "approved")  # of another link
        visitor.post(f"{link.address}name", {"name": "Carol"})
        for take in clips[:3]:
            visitor.post(f"{link.address}clips/{take.uuid}/verdict", {"verdict": "approved"})
        Generation.objects.filter(pk=clips[0].pk).update(trashed_at=timezone.now())

        listed = as_alice.get("/screenings/", {"project": str(project.uuid)}).content.decode()

        assert "2 of 3 answered" in visitor.get(link.address).content.decode()
        assert re.findall(r"\d+ of \d+ answered", listed) == ["2 of 3 answered"]
        assert "Client cut, 3 clips" in listed

    @pytest.mark.parametrize(
        ("what", "values"), [("verdict", {"verdict": "approved"}), ("comments", {"text": "Warmer", "name": "Carol"})]
    )
    def test_opens_a_screening_whose_view_was_not_counted(self, visitor, share, clip, what, values):
        take = clip()
        link = share(take)
        visitor.post(f"{link.address}name", {"name": "Carol"})

        for _ in range(2):
            visitor.post(f"{link.address}clips/{take.uuid}/{what}", values)
        watch(visitor, link)

        link.refresh_from_db()
        assert link.views == 1

    def test_of_a_member_opens_nothing(self, client, alice, share, clip):
        take = clip()
        link = share(take)
        client.force_login(alice)

        client.post(f"{link.address}clips/{take.uuid}/verdict", {"verdict": "approved"})

        assert_not_seen(link)

    def test_is_not_counted_where_none_is_asked_or_one_clip_is_shown(self, visitor, share, clip):
        for link in (share(clip(), clip(), allows_comments=False), share(clip())):
            assert "answered" not in visitor.get(link.address).content.decode()

    def test_of_guests_that_come_too_fast_wait_in_words(self, visitor, share, clip):
        take = clip()
        link = share(take)
        visitor.post(f"{link.address}name", {"name": "Carol", "clip": str(take.uuid)})
        address = f"{link.address}clips/{take.uuid}/verdict"

        answers = [visitor.post(address, {"verdict": ("approved", "changes")[number % 2]}) for number in range(31)]

        page = answers[-1].content.decode()
        assert [answer.status_code for answer in answers] == [303] * 30 + [429]
        assert "That was a lot at once, and this last time was not done." in page
        assert f'href="{link.address}"' in page
        assert "noindex" in answers[-1].headers["X-Robots-Tag"]
        assert int(answers[-1].headers["Retry-After"]) > 0
        take.refresh_from_db()
        assert (take.verdict, Verdict.objects.count()) == ("changes", 30)

    def test_stands_on_the_card_beside_the_comments_that_are_open(self, client, alice, clip):
        take = clip(open_comments=12)
        client.force_login(alice)

        shown = client.get("/studio/", {"project": str(take.project.uuid)}).content.decode()

        assert '12<span class="visually-hidden"> open comments</span>' in shown

    def test_is_pressed_only_for_who_gave_it(self, visitor, share, clip, client, alice):
        take = clip()
        link = share(take)
        other = Visitor()
        for guest, name in ((visitor, "Carol"), (other, "Dan")):
            guest.post(f"{link.address}name", {"name": name, "clip": str(take.uuid)})
        client.force_login(alice)

        visitor.post(f"{link.address}clips/{take.uuid}/verdict", {"verdict": "approved"})

        pressed = 'aria-pressed="true"'
        assert pressed in visitor.get(link.address).content.decode()
        assert pressed not in other.get(link.address).content.decode()
        page = client.get(take.get_absolute_url()).content.decode()
        assert pressed not in page.partition('class="buttons verdict"')[2].partition("</form>")[0]
        client.post(f"/generations/{take.uuid}/verdict", {"verdict": "changes"})
        page = client.get(take.get_absolute_url()).content.decode()
        assert pressed in page.partition('class="buttons verdict"')[2].partition("</form>")[0]

    def test_needs_a_name_and_a_word_that_exists(self, visitor, share, clip):
        take = clip()
        link = share(take)
        url = f"{link.address}clips/{take.uuid}/verdict"

        assert visitor.post(url, {"verdict": "approved"}).status_code == 303
        assert visitor.post(url, {"verdict": "great"}).status_code == 400
        assert not Verdict.objects.exists()
        assert visitor.get(url).status_code == 405


class TestInTheWay:
    """What guests can't have is said without a way to a studio that they have no account in."""

    def test_of_a_download_that_is_off(self, visitor, share, clip):
        take = clip()
        link = share(take, allows_download=False)

        response = visitor.get(f"{link.address}clips/{take.uuid}/download")

        html = response.content.decode()
        assert response.status_code == 403
        assert "This screening is for watching." in html
        assert f'href="{link.address}"' in html
        assert "To the studio" not in html
        assert 'href="/"' not in html
        assert "noindex" in response.headers["X-Robots-Tag"]

    def test_of_an_address_that_was_replaced(self, visitor, share, clip):
        link = share(clip())
        link.renew_token()
        link.save()

        response = visitor.get(link.address)

        assert response.status_code == 404
        assert "a newer one was made since" in response.content.decode()
        assert "To the studio" not in response.content.decode()

    @pytest.mark.parametrize("path", ["?clip=x", "clips/3b241101-e2bb-4255-8caf-4136c566a962/video", "nowhere"])
    def test_of_a_page_that_is_not_there(self, visitor, share, clip, path):
        link = share(clip())

        response = visitor.get(link.address + path)

        html = response.content.decode()
        assert response.status_code == 404
        assert f'class="button primary" href="{link.address}"' in html
        assert "To the studio" not in html
        assert 'href="/"' not in html

    def test_of_what_broke(self, visitor, share, clip, monkeypatch):
        link = share(clip())
        visitor.raise_request_exception = False
        monkeypatch.setattr("screenings.views.room._page", lambda *_arguments: 1 / 0)

        response = visitor.get(link.address)

        assert response.status_code == 500
        assert f'href="{link.address}"' in response.content.decode()
        assert "Your takes" not in response.content.decode()

    def test_of_a_storage_that_does_not_answer(self, visitor, share, clip, monkeypatch):
        def fail(*_arguments, **_more):
            raise StorageError("No access key.", transient=False)

        monkeypatch.setattr("generations.views.files._from_disk", fail)
        take = clip()

        response = visitor.get(f"{share(take, allows_download=True).address}clips/{take.uuid}/download")

        assert response.status_code == 503
        assert "The film can&#x27;t be loaded" in response.content.decode()
        assert "No access key" not in response.content.decode()

    def test_of_a_form_without_its_cookie(self, share, clip):
        link = share(clip())

        response = Visitor(enforce_csrf_checks=True).post(f"{link.address}name", {"name": "Carol"})

        assert response.status_code == 403
        assert f'href="{link.address}"' in response.content.decode()
        assert "To the studio" not in response.content.decode()


class TestBucket:
    """Where clips lie in a bucket, guests get signed addresses of the files that the link shows, and no others."""

    @pytest.fixture
    def take(self, scene, alice, bucket, tmp_path):
        return keep(ReadyFactory(scene=scene, owner=alice, prompt="A secret prompt"), tmp_path)

    @pytest.mark.parametrize("name", ["video", "poster", "preview", "download"])
    def test_files_are_signed_for_an_hour_at_most(self, visitor, share, take, name):
        link = share(take, allows_download=True)

        response = visitor.get(f"{link.address}clips/{take.uuid}/{name}")

        assert response.status_code == 302
        assert 0 < seconds_signed(response["Location"]) <= 3600
        assert response["Cache-Control"] == "private, max-age=1800"
        assert "noindex" in response["X-Robots-Tag"]
        assert requests.get(response["Location"], timeout=10).status_code == 200

    def test_the_page_holds_the_links_own_addresses_only(self, visitor, share, take, bucket):
        page = visitor.get(share(take).address).content.decode()

        assert bucket["bucket_name"] not in page
        assert "Signature=" not in page

    def test_the_download_is_named_as_the_page_names_the_clip(self, visitor, share, take):
        link = share(take, allows_download=True)

        response = visitor.get(f"{link.address}clips/{take.uuid}/download")

        assert "harbour-film_clip-1.mp4" in response["Location"]

    @pytest.mark.parametrize(
        ("changes", "status"),
        [({"expires_at": timezone.now()}, 410), ({"revoked_at": timezone.now()}, 410), ({"passcode": "x" * 20}, 401)],
    )
    def test_nothing_is_signed_behind_a_closed_door(self, visitor, share, take, changes, status):
        link = share(take, allows_download=True)
        ShareLink.objects.update(**changes)

        for name in ("video", "poster", "preview", "download"):
            response = visitor.get(f"{link.address}clips/{take.uuid}/{name}")
            assert (response.status_code, "Location" in response) == (status, False)

    def test_nothing_is_signed_of_other_clips(self, visitor, share, take, clip):
        link = share(clip(), allows_download=True)

        assert visitor.get(f"{link.address}clips/{take.uuid}/video").status_code == 404

    def test_a_head_is_answered_without_the_bucket(self, visitor, share, take, wire):
        response = visitor.head(f"{share(take).address}clips/{take.uuid}/video")

        assert (response.status_code, response["Content-Length"]) == (200, str(take.video_size))
        assert not wire


def seconds_signed(address):
    """For how long the signed address opens its file."""
    given = parse_qs(urlsplit(address).query)
    return int(given["X-Amz-Expires"][0]) if "X-Amz-Expires" in given else int(given["Expires"][0]) - time.time()


@pytest.mark.parametrize("fields", [{"passcode": "open sesame"}, {"revoked": True}, {"over": True}])
def test_tells_no_title_before_the_passcode_and_after_the_end(visitor, share, clip, alice, fields):
    link = share(clip(), passcode=fields.get("passcode", ""))
    now = timezone.now()
    ended = {"revoked_at": now, "revoked_by": alice} if "revoked" in fields else {"expires_at": now}
    type(link).objects.filter(pk=link.pk).update(name="Secret merger", **({} if link.passcode else ended))

    page = visitor.get(link.address).content.decode()

    assert "<h1>This screening" in page
    assert "Secret merger" not in page
