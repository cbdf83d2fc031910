"""A screening in its visitor's language: both Chinese scripts, with nothing left in English; the studio stays whole."""

from __future__ import annotations

import ast
import gettext
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as studio
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import trans_real
from django.utils.translation.template import templatize

from screenings import review
from screenings.models import ShareLink
from tests.screenings.conftest import Visitor

HANT, HANS = {"Accept-Language": "zh-TW,zh;q=0.9,en;q=0.8"}, {"Accept-Language": "zh-CN,zh;q=0.9"}
SCRIPTS = ["zh-hant", "zh-hans"]
TEMPLATES = Path(studio.BASE_DIR) / "templates"
ROOM = ("room", "locked", "ended", "refused")
NO_ROOM = (  # what a page says only where it is none of a screening's
    "To the studio",
    "Your takes are safe",
    "belongs to a team that you are not in",
)
ERRORS = ("400", "403_csrf", "404", "413", "429", "500")
LITERAL = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
MARKED = re.compile(rf"\b(?:ngettext|gettext|_)\(\s*{LITERAL}")


@pytest.fixture(autouse=True)
def _only_rooms_are_translated(settings):
    settings.STUDIO_LANGUAGES = ["en"]


@pytest.fixture
def asked(monkeypatch):
    """Words that a page in Chinese asked for, and that are in no catalogue."""
    missing = set()

    def watched(name):
        real = getattr(trans_real, name)

        def call(message, *more):
            language = translation.get_language() or ""
            if language.startswith("zh") and message and not _is_known(language, message):
                missing.add(message)
            return real(message, *more)

        return call

    for name in ("gettext", "ngettext"):
        monkeypatch.setattr(translation._trans, name, watched(name), raising=False)
    return missing


def _is_known(language, word):
    catalogue = trans_real.translation(language)._catalog
    return word in catalogue or (word, 0) in catalogue  # the second, where it has a plural


def guests_templates():
    """What guests may see, with all that it includes."""
    found = set()
    waiting = [*(f"screenings/{name}.html" for name in ROOM), *(f"{name}.html" for name in ERRORS)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += re.findall(r'{%\s*(?:include|extends)\s+"([^"]+)"', (TEMPLATES / name).read_text())
    return sorted(found)


def words_of(name):
    marked = templatize((TEMPLATES / name).read_text())
    words = [ast.literal_eval(found) for found in MARKED.findall(marked)]
    return [word for word in words if not any(part in word for part in NO_ROOM)]


class TestCatalogues:
    @pytest.mark.parametrize("language", SCRIPTS)
    @pytest.mark.parametrize("name", guests_templates())
    def test_hold_every_word_of_what_guests_see(self, language, name):
        assert [word for word in words_of(name) if not _is_known(language, word)] == []

    @pytest.mark.parametrize("language", SCRIPTS)
    def test_are_compiled_as_they_are_written(self, language, tmp_path):
        if not shutil.which("msgfmt"):
            pytest.skip("needs gettext")
        folder = Path(studio.BASE_DIR) / "locale" / translation.to_locale(language) / "LC_MESSAGES"

        subprocess.run(["msgfmt", "--check", "-o", tmp_path / "now.mo", folder / "django.po"], check=True)

        assert _read(folder / "django.mo") == _read(tmp_path / "now.mo")

    def test_are_written_in_their_own_script(self):
        hant, hans = (_written(language) for language in SCRIPTS)

        assert not set("这个视频评论请网链") & set(hant)
        assert not set("這個視頻評論請網連結") - set("個") & set(hans)


def _read(path):
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)._catalog


def _written(language):
    folder = Path(studio.BASE_DIR) / "locale" / translation.to_locale(language) / "LC_MESSAGES"
    return "".join(_read(folder / "django.mo").values())


class TestRoom:
    @pytest.mark.parametrize(
        ("wish", "language"),
        [
            *(("zh-TW", "zh-hant"), ("zh-HK,en", "zh-hant"), ("zh-Hant-TW", "zh-hant"), ("zh-MO", "zh-hant")),
            *(("zh-CN", "zh-hans"), ("zh-SG", "zh-hans"), ("zh", "zh-hans"), ("zh-Hans-CN", "zh-hans")),
            *(("en-GB", "en"), ("fr", "en"), ("", "en"), ("fr,zh-TW;q=0.5", "zh-hant")),
        ],
    )
    def test_speaks_what_the_browser_asks_for(self, visitor, share, clip, wish, language):
        response = visitor.get(share(clip()).address, headers={"Accept-Language": wish})

        assert f'<html lang="{language}"' in response.content.decode()
        assert response.headers["Content-Language"] == language
        assert "Accept-Language" in response.headers["Vary"]

    @pytest.mark.parametrize(
        ("wish", "says"),
        [
            (
                HANT,
                ["Alice 提供的 2 支影片", "連結有效至 12月24日", "核准", "要求修改", "留言", "11月29日 10:30，訪客"],
            ),
            (HANS, ["Alice 分享的 2 个视频", "链接有效期至 12月24日", "通过", "评论", "11月29日 10:30，访客"]),
        ],
    )
    def test_is_read_in_both_scripts(self, visitor, share, clip, asked, wish, says):
        take = clip(seed=7, negative_prompt="fog", shots=[{"seconds": 5, "text": "A lamp"}])
        with time_machine.travel(datetime(2026, 11, 29, 10, 30, tzinfo=UTC), tick=False):
            end = datetime(2026, 12, 24, 12, tzinfo=UTC)
            link = share(take, clip(), expires_at=end, allows_download=True, shows_recipe=True)
            carol = review.Speaker(guest="Carol", link=link)
            said = review.say(take, carol, text="Fine", second=1.0, parent=None)
            review.say(take, carol, text="Yes", second=None, parent=said)
            review.judge(take, carol, "approved")
            unnamed = visitor.get(link.address, headers=wish).content.decode()
            visitor.post(f"{link.address}name", {"name": "Carol"}, headers=wish)

            html = visitor.get(link.address, headers=wish).content.decode()

        for words in says:
            assert words in html
        assert "核准或留言" in unnamed or "通过或评论" in unnamed
        assert [word for word in asked if word in html + unnamed] == []

    @pytest.mark.parametrize("wish", [HANT, HANS])
    def test_refuses_in_words_of_the_same_language(self, visitor, share, clip, asked, wish):
        take = clip()
        link, locked = share(take), share(take, passcode="open sesame")
        silent, over = share(take, allows_comments=False), share(take)
        ShareLink.objects.filter(pk=over.pk).update(expires_at=timezone.now() - timedelta(days=1))
        talk, verdict = f"clips/{take.uuid}/comments", f"clips/{take.uuid}/verdict"
        refusals = [{"text": ""}, {"text": "x" * 4001}, {"second": "99"}, {"second": "x"}, {"parent": "x"}]

        pages = [
            *(visitor.get(address, headers=wish) for address in ("/s/x/", over.address, locked.address)),
            *(
                visitor.get(link.address + path, headers=wish)
                for path in ("?clip=x", "nowhere", talk[:-8] + "download")
            ),
            visitor.get(f"{link.address}clips/{take.uuid}/download", headers=wish),
            *(visitor.post(f"{locked.address}enter", {"passcode": "no"}, headers=wish) for _ in range(11)),
            visitor.post(link.address + talk, {"text": "Hm"}, headers=wish),
            visitor.post(link.address + talk, {"text": "Hm", "name": "C" * 61}, headers=wish),
            *(visitor.post(link.address + talk, {"text": "Hm", "name": "C"} | one, headers=wish) for one in refusals),
            visitor.post(silent.address + talk, {"text": "Hm"}, headers=wish),
            visitor.post(link.address + verdict, {"verdict": "great"}, headers=wish),
            Visitor(enforce_csrf_checks=True).post(f"{link.address}name", {"name": "C"}, headers=wish),
            *(visitor.post(link.address + verdict, {"verdict": "approved"}, headers=wish) for _ in range(31)),
        ]

        assert {page.status_code for page in pages} >= {303, 400, 401, 403, 404, 410, 422, 429}
        assert asked == set()

    @pytest.mark.parametrize(("wish", "says"), [(HANT, "我們這邊出了問題"), (HANS, "我们这边出了问题")])
    def test_breaks_in_words_of_the_same_language(self, visitor, share, clip, monkeypatch, wish, says):
        link = share(clip())
        visitor.raise_request_exception = False
        monkeypatch.setattr("screenings.views.room._page", lambda *_arguments: 1 / 0)

        assert says in visitor.get(link.address, headers=wish).content.decode()

    @pytest.mark.parametrize(("wish", "says"), [(HANT, "回到試片"), (HANS, "返回审片")])
    def test_cannot_read_a_form_in_words_of_the_same_language(self, visitor, share, clip, settings, wish, says):
        settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1
        link = share(clip())

        response = visitor.post(f"{link.address}name", {"name": "C", "other": "x"}, headers=wish)

        html = response.content.decode()
        assert response.status_code == 400
        assert f'href="{link.address}"' in html
        assert "studio" not in html.lower().replace("studio.room", "")
        assert says in html

    def test_speaks_the_language_that_a_member_chose(self, client, alice, share, clip):
        alice.language = "en"
        alice.save()
        client.force_login(alice)

        assert '<html lang="en"' in client.get(share(clip()).address, headers=HANT).content.decode()


class TestStudio:
    """As long as only rooms are translated, no page of it is half in Chinese."""

    @pytest.mark.parametrize("language", ["", "zh-hant"])
    def test_stays_english(self, client, alice, clip, share, language):
        """Its pages share words with the room: Comment, Approve, Play."""
        take = clip()
        share(take)
        alice.language = language
        alice.save()
        client.force_login(alice)

        for address in (take.get_absolute_url(), reverse("screenings:index"), reverse("accounts:profile"), "/nowhere"):
            html = client.get(address, headers=HANT).content.decode()
            assert '<html lang="en"' in html
            assert not re.search("[\u4e00-\u9fff]", html)

    def test_stays_english_on_the_way_in(self, visitor, alice):
        html = visitor.get(reverse("account_login"), headers=HANS).content.decode()

        assert '<html lang="en"' in html
        assert not re.search("[\u4e00-\u9fff]", html)

    def test_cannot_be_asked_for_in_another(self, as_alice, alice):
        as_alice.post(reverse("accounts:language"), {"language": "zh-hant"})

        alice.refresh_from_db()
        assert alice.language == ""
