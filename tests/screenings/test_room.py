"""/s/<token>/: what somebody with the address sees and may do, and everybody else does not."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone

from generations.models import Generation
from screenings import review
from screenings.models import Comment, ShareLink, Verdict
from tests.factories import ProjectFactory


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

    def test_speaks_the_visitors_language(self, visitor, share, clip):
        response = visitor.get(share(clip()).address, headers={"Accept-Language": "zh-Hant"})

        assert 'lang="zh-hant"' in response.content.decode()

    def test_counts_visitors_and_not_the_team(self, visitor, client, alice, share, clip):
        link = share(clip())
        visitor.get(link.address)
        client.force_login(alice)
        client.get(link.address)

        link.refresh_from_db()
        assert link.views == 1
        assert link.last_seen_at

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

    def test_is_kept_as_a_hash(self, share, clip):
        link = share(clip(), passcode="open sesame")

        assert "sesame" not in link.passcode
        assert link.token_hash not in link.address

    def test_cannot_be_guessed_at_leisure(self, visitor, share, clip):
        link = share(clip(), passcode="1234")

        codes = [visitor.post(f"{link.address}enter", {"passcode": "0000"}).status_code for _ in range(12)]

        assert codes == [401] * 10 + [429] * 2
        assert visitor.post(f"{link.address}enter", {"passcode": "1234"}).status_code == 429

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

    def test_are_downloaded_only_if_allowed(self, visitor, share, clip):
        take = clip()

        assert visitor.get(f"{share(take).address}clips/{take.uuid}/download").status_code == 403
        response = visitor.get(f"{share(take, allows_download=True).address}clips/{take.uuid}/download")
        assert response.headers["Content-Disposition"].startswith("attachment")


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

    def test_without_a_name_are_not_taken(self, visitor, share, clip):
        take = clip()
        link = share(take)

        self.comment(visitor, link, take)

        assert not Comment.objects.exists()
        assert "Say who you are first." in visitor.get(link.address).content.decode()

    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"text": ""}, "Write a comment first."),
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

        self.comment(visitor, link, take, name="Carol", **values)

        assert not Comment.objects.exists()
        assert says in visitor.get(link.address).content.decode()

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
            self.comment(visitor, share(take), take, name="Carol", text=f"Said {number}", parent=str(parent.uuid))
            assert Comment.objects.get(text=f"Said {number}").parent is None

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

        codes = [self.comment(visitor, link, take, name="Carol").status_code for _ in range(31)]

        assert codes == [303] * 30 + [429]


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

    def test_needs_a_name_and_a_word_that_exists(self, visitor, share, clip):
        take = clip()
        link = share(take)
        url = f"{link.address}clips/{take.uuid}/verdict"

        assert visitor.post(url, {"verdict": "approved"}).status_code == 303
        assert visitor.post(url, {"verdict": "great"}).status_code == 400
        assert not Verdict.objects.exists()
        assert visitor.get(url).status_code == 405
