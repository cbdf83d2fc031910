"""Nobody pays a price that the page did not show: what it quoted comes back with a press."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal
from html import unescape

import pytest

from generations.models import Batch, Generation, WanAccount
from tests.factories import AccountFactory, GenerationFactory, ProjectFactory, ReadyFactory, SceneFactory

HTMX = {"HX-Request": "true"}
CHANGED = (
    "The price has changed: a second costs US$\xa00.50 at 720P, US$\xa00.15 at 1080P now. Press again to generate."
)


@pytest.fixture
def account(team):
    return AccountFactory(team=team)


@pytest.fixture
def set_price(account):
    return lambda price="0.5": WanAccount.objects.filter(pk=account.pk).update(own_price_720p=price)


def hidden(response, name="quoted"):
    return re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())[1]


class TestComposer:
    @pytest.fixture
    def open_page(self, as_alice, project):
        """The fields of a page as it came, with a prompt typed."""

        def open_page():
            page = as_alice.get(f"/studio/?project={project.uuid}")
            fields = {name: hidden(page, name) for name in ("quoted", "press", "project")}
            return fields | {"prompt": "A kite", "resolution": "720P", "duration": "10", "takes": "1", "seed": "7"}

        return open_page

    def test_is_made_at_the_price_that_was_shown(self, as_alice, account, open_page):
        fields = open_page()

        as_alice.post("/generations/", fields)

        assert fields["quoted"] == "USD 720P:0.1000 1080P:0.1500"
        assert Generation.objects.get().reserved == Decimal("1.00")

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_another_price_is_refused_and_shown_and_the_second_press_works(
        self, as_alice, open_page, set_price, headers
    ):
        fields = open_page()
        set_price()

        refused = as_alice.post("/generations/", fields, headers=headers)

        html = refused.content.decode()
        assert refused.status_code == 422
        assert [html.count(words) for words in (CHANGED, "composer-notice", 'id="composer-errors"')] == [1, 1, 0]
        assert not Generation.objects.exists()
        assert "A kite</textarea>" in html
        assert hidden(refused, "press") == fields["press"]
        assert "US$\xa05.00" in html
        made = as_alice.post("/generations/", fields | {"quoted": hidden(refused)}, headers=headers)
        assert made.status_code == (200 if headers else 303)
        assert Generation.objects.get().reserved == Decimal("5.00")

    def test_a_price_of_another_resolution_stops_nothing(self, as_alice, open_page, set_price):
        fields = open_page() | {"resolution": "1080P"}
        set_price()

        as_alice.post("/generations/", fields)

        assert Generation.objects.get().reserved == Decimal("1.50")

    def test_another_currency_is_refused(self, as_alice, team, project, open_page):
        fields = open_page()
        project.account = AccountFactory(team=team, region="beijing")
        project.save()
        AccountFactory(team=team)  # the team's usual one

        refused = as_alice.post("/generations/", fields)

        assert refused.status_code == 422
        assert "a second costs CN¥\xa00.60 at 720P" in refused.content.decode()
        assert hidden(refused).startswith("CNY ")

    def test_a_page_that_spoke_of_a_demo_or_of_no_account_pays_nothing(self, as_alice, account, open_page):
        WanAccount.objects.update(is_demo=True)
        shown = open_page()
        WanAccount.objects.update(is_demo=False)

        assert shown["quoted"] == "USD 720P:0.0000 1080P:0.0000"
        assert as_alice.post("/generations/", shown).status_code == 422
        assert as_alice.post("/generations/", shown | {"quoted": "none"}).status_code == 422
        assert not Generation.objects.exists()

    def test_a_demo_that_came_instead_is_said(self, as_alice, account, open_page):
        shown = open_page()
        WanAccount.objects.update(is_demo=True)

        assert "the simulator makes the takes now, at no cost" in as_alice.post("/generations/", shown).content.decode()

    def test_what_was_made_already_is_led_to(self, as_alice, open_page, set_price):
        fields = open_page()
        as_alice.post("/generations/", fields)
        set_price()

        assert as_alice.post("/generations/", fields).status_code == 303
        assert Generation.objects.count() == 1

    def test_who_quotes_nothing_takes_the_price_as_it_is(self, as_alice, open_page, set_price):
        fields = open_page()
        del fields["quoted"]
        set_price()

        as_alice.post("/generations/", fields)

        assert Generation.objects.get().reserved == Decimal("5.00")

    def test_an_open_page_is_told_of_it(self, as_alice, project, account, set_price):
        asked = {"project": project.uuid, "resolution": "720P", "duration": "5", "takes": "1"}
        known = as_alice.get("/generations/promise", asked)
        digest = re.search(r'id="promised" value="([^"]+)"', known.content.decode())[1]
        set_price()

        poll = as_alice.get("/generations/status", asked | {"ids": "", "v": "", "promised": digest}, headers=HTMX)

        assert hidden(known) == "USD 720P:0.1000 1080P:0.1500"
        assert hidden(poll) == "USD 720P:0.5000 1080P:0.1500"


class TestSheet:
    @pytest.fixture
    def rows(self, project):
        values = {"project": project.uuid, "press": uuid.uuid4(), "text": "Rain\nSnow"}
        return values | {"resolution": "720P", "duration": "10"}

    def test_another_price_is_refused_and_shown_and_the_second_press_works(self, as_alice, account, rows, set_price):
        shown = as_alice.post("/studio/sheet/", rows | {"do": "check"})
        set_price()

        refused = as_alice.post("/studio/sheet/", rows | {"do": "send", "quoted": hidden(shown)})

        html = refused.content.decode()
        assert refused.status_code == 422
        assert [html.count(words) for words in (CHANGED, "sheet-notice", 'id="sheet-errors"')] == [1, 1, 0]
        assert not Batch.objects.exists()
        assert "Rain\nSnow</textarea>" in html
        assert html.count("US$\xa05.00") == 2
        assert "US$\xa010.00" in html
        sent = as_alice.post("/studio/sheet/", rows | {"do": "send", "quoted": hidden(refused)})
        assert sent.status_code == 303
        assert {take.reserved for take in Generation.objects.all()} == {Decimal("5.00")}

    def test_the_rows_of_an_open_page_are_told_of_it(
        self, as_alice, account, rows, set_price, django_assert_max_num_queries
    ):
        quoted = hidden(as_alice.post("/studio/sheet/", rows | {"do": "check"}))
        asks = rows | {"do": "reckon", "quoted": quoted}
        before = as_alice.post("/studio/sheet/", asks, headers=HTMX)
        set_price()

        with django_assert_max_num_queries(10):
            after = as_alice.post("/studio/sheet/", asks, headers=HTMX)

        assert "sheet-table" not in before.content.decode()
        assert hidden(after) == "USD 720P:0.5000 1080P:0.1500"
        assert after.content.decode().count('<td class="price">US$\xa05.00</td>') == 2


class TestPrint:
    @pytest.fixture
    def clip(self, project, alice, account):
        scene = SceneFactory(project=project, created_by=alice, takes_made=1000)
        return ReadyFactory(scene=scene, owner=alice, account=account, duration=5)

    def test_another_price_is_refused_and_shown_and_the_second_press_works(self, as_alice, clip):
        page = as_alice.get(clip.get_absolute_url())
        form = {"token": uuid.uuid4(), "quoted": hidden(page)}
        WanAccount.objects.update(own_price_1080p="0.4")

        refused = as_alice.post(f"/generations/{clip.uuid}/print", form, follow=True)

        html = refused.content.decode()
        assert "a second costs US$\xa00.10 at 720P, US$\xa00.40 at 1080P now." in html
        assert "Print at 1080P" in html
        assert "· US$\xa02.00" in html
        assert not Generation.objects.filter(origin="print").exists()
        as_alice.post(f"/generations/{clip.uuid}/print", form | {"quoted": hidden(refused)})
        assert Generation.objects.get(origin="print").reserved == Decimal("2.00")

    def test_the_button_names_the_account_that_would_pay(self, as_alice, team, project, clip):
        project.account = AccountFactory(team=team, region="beijing")
        project.save()

        assert "· CN¥\xa05.00" in as_alice.get(clip.get_absolute_url()).content.decode()

    def test_no_price_where_nobody_would_pay(self, as_alice, team, clip):
        WanAccount.objects.update(closed_at=clip.created_at)
        team.uses_installation_account = False
        team.save()

        page = as_alice.get(clip.get_absolute_url())

        assert page.context["pair"].price == ""
        assert hidden(page) == "none"


class TestTile:
    """What its buttons make costs money, so each says how much, and sends what it said."""

    @pytest.fixture
    def clip(self, project, alice, account):
        scene = SceneFactory(project=project, created_by=alice, takes_made=1000)
        return ReadyFactory(scene=scene, owner=alice, account=account, duration=5)

    @pytest.fixture
    def failed(self, clip, account):
        return GenerationFactory(scene=clip.scene, account=account, status="failed", due_at=None, resolution="1080P")

    @staticmethod
    def of(page, take):
        return page.content.decode().partition(f'id="take-{take.uuid}"')[2].partition("</article>")[0]

    def test_says_what_another_take_and_a_print_cost(self, as_alice, project, clip, failed):
        page = as_alice.get(f"/studio/?project={project.uuid}")

        assert 'title="Again with a new seed, US$\xa00.50"' in self.of(page, clip)
        assert 'title="Print at 1080P, US$\xa00.75"' in self.of(page, clip)
        assert 'Try again <span class="price">· US$\xa00.75</span>' in self.of(page, failed)

    @pytest.mark.parametrize(("action", "new"), [("retry", "US$\xa02.50"), ("print", "US$\xa02.00")])
    def test_another_price_is_refused_and_shown_and_the_second_press_works(self, as_alice, project, clip, action, new):
        shown = self.of(as_alice.get(f"/studio/?project={project.uuid}"), clip)
        form = {"token": uuid.uuid4(), "quoted": re.search(r'name="quoted" value="([^"]+)"', shown)[1]}
        WanAccount.objects.update(own_price_720p="0.5", own_price_1080p="0.4")
        headers = HTMX | {"HX-Target": f"take-{clip.uuid}"}

        refused = as_alice.post(f"/generations/{clip.uuid}/{action}", form, headers=headers)

        assert refused.status_code == 409
        assert "The price has changed" in refused.content.decode()
        assert new in self.of(refused, clip)
        assert not clip.children.exists()
        made = as_alice.post(f"/generations/{clip.uuid}/{action}", form | {"quoted": hidden(refused)}, headers=headers)
        assert made.status_code == 200
        assert clip.children.get().reserved == Decimal(new[4:])

    def test_of_another_project_names_what_pays_there(self, as_alice, alice, team, project, clip):
        beijing = AccountFactory(team=team, region="beijing")
        AccountFactory(team=team)  # the newest, which is the usual one
        there = ProjectFactory(team=team, account=beijing)
        other = ReadyFactory(scene=SceneFactory(project=there, created_by=alice), owner=alice, duration=5)

        page = as_alice.get(f"/studio/?project={project.uuid}&scope=team&show=clips")

        assert "Again with a new seed, CN¥\xa03.00" in self.of(page, other)
        assert "Again with a new seed, US$\xa00.50" in self.of(page, clip)

    def test_without_script_the_clip_s_page_says_the_new_price(self, as_alice, clip):
        form = {"token": uuid.uuid4(), "seed": "new", "quoted": "USD 720P:0.0500 1080P:0.1500"}

        refused = as_alice.post(f"/generations/{clip.uuid}/retry", form)

        assert (refused.status_code, refused["Location"]) == (303, clip.get_absolute_url())
        assert "The price has changed" in as_alice.get(clip.get_absolute_url()).content.decode()
        assert not clip.children.exists()

    def test_in_the_demo_nothing_is_priced(self, as_alice, project, clip):
        WanAccount.objects.update(is_demo=True)

        assert 'title="Again with a new seed"' in self.of(as_alice.get(f"/studio/?project={project.uuid}"), clip)


class TestRetryAll:
    @pytest.fixture
    def failed(self, project, alice, account):
        scene = SceneFactory(project=project, created_by=alice, takes_made=1000)
        shared = {"scene": scene, "owner": alice, "account": account, "status": "failed", "due_at": None}
        return [GenerationFactory(**shared, resolution=resolution) for resolution in ("720P", "1080P")]

    @pytest.fixture
    def view(self, as_alice, project, failed):
        return lambda: as_alice.get(f"/studio/?project={project.uuid}&show=failed")

    def fields(self, page):
        form = page.content.decode().partition('id="retry-failed"')[2].partition("</form>")[0]
        found = re.findall(r'name="(project|view|token|quoted)" value="([^"]*)"', form)
        return {name: unescape(value) for name, value in found}, form

    def test_says_what_it_costs(self, as_alice, view, failed):
        fields, form = self.fields(view())

        as_alice.post("/generations/retry-failed", fields)

        assert 'Retry all 2 failed takes <span class="price">· US$\xa01.25</span>' in form
        assert sum(take.children.get().reserved for take in failed) == Decimal("1.25")

    def test_another_total_is_refused_and_shown_and_the_second_press_works(self, as_alice, view, failed, set_price):
        fields, _form = self.fields(view())
        set_price()

        refused = as_alice.post("/generations/retry-failed", fields, follow=True)

        assert "It is 2 takes now, for US$\xa03.25. Press again to retry." in refused.content.decode()
        assert Generation.objects.count() == 2
        again, form = self.fields(refused)
        assert "US$\xa03.25" in form
        as_alice.post("/generations/retry-failed", again)
        assert Generation.objects.count() == 4

    def test_twice_makes_the_same_takes(self, as_alice, view):
        fields, _form = self.fields(view())

        for _ in range(2):
            last = as_alice.post("/generations/retry-failed", fields, follow=True)

        assert Generation.objects.count() == 4
        assert "Press again" not in last.content.decode()
