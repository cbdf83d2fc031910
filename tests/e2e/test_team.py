"""A team as its people live it: invited, given another role, taken out; its projects, account, budget; and passkeys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_journey import sign_up
from tests.e2e.test_screening import is_within, serious

pytestmark = pytest.mark.e2e
PASSWORD = "a-calm-harbour-at-dusk"  # of sign_up


def make_team(page, name: str) -> None:
    page.goto("/teams/")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def sign_out(page) -> None:
    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("login|/$"))


def pressed(page, button: str) -> None:
    page.get_by_role("button", name=button).click()
    page.wait_for_load_state()


class TestName:
    def test_of_any_length_stays_on_a_phones_screen(self, browse):
        page = browse(width=390, height=844)
        sign_up(page)
        make_team(page, "W" * 80)

        assert is_within(page)
        page.goto("/teams/")
        assert is_within(page)


class TestPeople:
    def test_from_the_invitation_to_the_door(self, browse):
        owner, guest = browse(), browse(width=390, height=844)
        sign_up(owner)
        make_team(owner, "Harbour crew")
        owner.get_by_label("E-mail").fill("guest@example.com")
        owner.get_by_role("button", name="Send invitation").click()
        link = re.search(r"/teams/join/[\w-]+/", owner.locator(".address").input_value())[0]
        assert serious(owner) == []

        guest.goto(link)
        expect(guest.get_by_role("heading", name="Join Harbour crew")).to_be_visible()
        assert serious(guest) == []
        guest.get_by_role("link", name="Create an account").click()
        guest.fill("[name=email]", f"{link[12:20].lower().strip('-_')}@example.com")
        guest.fill("[name=password1]", PASSWORD)
        pressed(guest, "Create the account")
        pressed(guest, "Join the team")
        expect(guest.get_by_role("heading", level=1, name="Harbour crew")).to_be_visible()
        team = guest.url
        again = guest.goto(link)
        assert again.status == 410

        owner.reload()
        role = owner.locator(".people select").last
        expect(role).to_have_value("editor")
        with owner.expect_response(re.compile("/role")):
            role.select_option("viewer")
        expect(owner.locator(".toast")).to_contain_text("Viewer from now on")
        guest.goto(team)
        guest.get_by_role("link", name="My first project", exact=True).click()
        expect(guest.get_by_text("You can watch and comment here")).to_be_visible()

        owner.get_by_role("button", name=re.compile("^More for")).click()
        pressed(owner, "Take out of the team")
        expect(owner.locator(".people tbody tr")).to_have_count(1)
        assert guest.goto(team).status == 404
        browse.meant += ["status of 410", "status of 404", "Error Code 404"]  # counts that her page still asked for


class TestProject:
    def test_is_described_moved_archived_deleted_and_brought_back(self, browse):
        page = browse()
        sign_up(page)
        make_team(page, "Night shift")
        page.goto("/projects/")
        page.get_by_label("Name").fill("Harbour film")
        pressed(page, "Make it")
        page.get_by_role("link", name="Project settings").click()
        page.get_by_label("description").fill("For the festival")
        page.get_by_role("region", name="About").get_by_role("button", name="Save").click()
        expect(page.get_by_text("For the festival")).to_be_visible()

        page.get_by_role("link", name="Project settings").click()
        assert serious(page) == []
        page.get_by_label("Move to the team").select_option(label="Night shift")
        page.get_by_role("button", name="Move", exact=True).click()
        expect(page.locator(".toast")).to_contain_text("belongs to Night shift now")
        for press, said in (("Archive", "In the archive"), ("Take out of the archive", "For the festival")):
            page.get_by_role("link", name="Project settings").click()
            page.get_by_role("button", name=press, exact=True).click()
            expect(page.locator(".page-head")).to_contain_text(said)
        page.get_by_role("link", name="Project settings").click()
        page.get_by_role("button", name="Delete this project").click()
        expect(page.get_by_text("its screening links stop at once")).to_be_visible()
        page.get_by_role("button", name="Delete", exact=True).click()
        page.wait_for_load_state()
        expect(page.get_by_text("gone for good in")).to_be_visible()
        pressed(page, "Bring back")
        expect(page.get_by_role("heading", level=1, name="Harbour film")).to_be_visible()

    def test_has_a_cover_that_its_card_shows(self, browse, library):
        page = browse()
        page.goto(library(sign_up(page), 3))
        page.goto("/projects/")
        card = page.locator(".project-card").filter(has_text="Seeded library")
        expect(card.locator("img")).to_have_count(0)
        card.get_by_role("link", name="About").click()
        page.get_by_role("link", name="Project settings").click()
        page.locator(".covers button").first.click()
        expect(page.locator(".covers [aria-pressed=true]")).to_have_count(1)
        assert serious(page) == []
        page.goto("/projects/")
        expect(card.locator("img")).to_have_js_property("complete", True)
        assert card.locator("img").evaluate("image => image.naturalWidth") > 0

    def test_has_an_account_that_is_tried_and_a_budget_that_is_shown(self, browse):
        page = browse()
        sign_up(page)
        make_team(page, "Money matters")
        page.get_by_role("link", name="Accounts, keys and limits").click()
        page.get_by_label("name").first.fill("Crew")
        page.get_by_label("Region").select_option(label="Singapore")
        page.get_by_label("API key").fill("sk-crew-0123456789")
        pressed(page, "Save and try it")
        expect(page.locator("#check")).to_contain_text("Key, region and model are right.", timeout=120_000)
        assert serious(page) == []
        assert "sk-crew-0123456789" not in page.content()

        page.goto("/projects/?q=Money")
        page.locator(".project-cards a").first.click()
        page.goto(page.get_by_role("link", name="Usage", exact=True).first.get_attribute("href"))
        page.get_by_role("link", name="Budgets").click()
        row = page.locator("form").filter(has=page.locator("input[name=which][value=team]"))
        row.locator("input[name=team-amount]").fill("40")
        row.get_by_role("button", name="Save").click()
        expect(page.locator(".toast")).to_contain_text("Saved")
        assert serious(page) == []
        page.get_by_role("link", name="Usage", exact=True).first.click()
        expect(page.locator(".budgets")).to_contain_text("left of US$\xa040.00")
        assert serious(page) == []
        page.set_viewport_size({"width": 390, "height": 844})
        assert is_within(page)

    @pytest.mark.parametrize("size", [{"width": 1280, "height": 700}, {"width": 390, "height": 700}])
    def test_opens_a_refused_form_at_what_is_wrong(self, browse, size):
        page = browse(**size)
        browse.meant.append("status of 422")
        sign_up(page)
        make_team(page, "Harbour crew")
        page.goto(f"{page.url}wan/")
        page.get_by_label("Name").fill("Ours")
        page.get_by_label("Region").select_option("singapore")
        page.get_by_label("Running takes").fill("5000")
        page.get_by_label("API key").fill("sk-crew-0123456789")
        page.evaluate("document.querySelector('form.fields').noValidate = true")

        pressed(page, "Save and try it")

        expect(page.get_by_label("Running takes")).to_be_focused()
        expect(page.locator("main .error")).to_be_in_viewport(ratio=1)


class TestPasskey:
    """With Chromium's virtual authenticator. Passkeys belong to a name, so the studio is opened as localhost."""

    @pytest.fixture
    def page(self, browse, studio):
        page = browse(base_url=studio.replace("127.0.0.1", "localhost"))
        self.keys = page.context.new_cdp_session(page)
        self.keys.send("WebAuthn.enable")
        device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        options = device | {"isUserVerified": True, "automaticPresenceSimulation": True}
        self.device = self.keys.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
        return page

    def test_signs_in_alone_and_is_the_second_factor(self, page):
        email = sign_up(page)
        page.goto("/accounts/2fa/webauthn/add/")
        page.fill("[name=password]", PASSWORD)
        page.locator("main form button").last.click()
        page.get_by_label("Name").fill("Laptop")
        page.get_by_label("Sign in with it alone").check()
        assert serious(page) == []
        page.get_by_role("button", name="Add it").click()
        expect(page.get_by_text("10 of 10 are unused")).to_be_visible()
        page.goto("/accounts/2fa/webauthn/")
        expect(page.get_by_text("Laptop")).to_be_visible()

        sign_out(page)
        page.goto("/accounts/login/")
        page.get_by_role("button", name="Use a passkey").click()
        expect(page).to_have_url(re.compile("/studio/"))

        sign_out(page)
        page.goto("/accounts/login/")
        page.fill("[name=login]", email)
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        assert serious(page) == []
        page.goto("/studio/")
        expect(page).to_have_url(re.compile("/accounts/2fa/authenticate/"))
        page.get_by_role("button", name="Use a passkey").click()
        expect(page).to_have_url(re.compile("/studio/"))

    def test_that_does_not_come_is_told_in_words(self, page):
        sign_up(page)
        sign_out(page)
        page.goto("/accounts/login/")
        self.keys.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.device})
        refuse = "() => { navigator.credentials.get = async () => { throw new DOMException('', 'NotAllowedError') } }"
        page.evaluate(refuse)

        page.get_by_role("button", name="Use a passkey").click()

        expect(page.get_by_role("alert")).to_have_text(re.compile("No passkey was used"))


class TestAccount:
    def test_is_deleted_after_what_happens_was_said(self, browse):
        page = browse()
        email = sign_up(page)
        for address in ("/accounts/profile/", "/accounts/sessions/", "/accounts/data/"):
            page.goto(address)
            assert serious(page) == []
        page.get_by_role("link", name="See what that means").click()
        page.fill("[name=password]", PASSWORD)
        page.locator("main form button").last.click()
        expect(page.get_by_text("For 30 days an administrator can open the account again")).to_be_visible()
        page.get_by_label("Yes, delete my account").check()
        page.get_by_role("button", name="Delete it").click()
        expect(page).to_have_url(re.compile("/accounts/login/"))

        page.fill("[name=login]", email)
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()

        expect(page.get_by_text("This account is closed.").or_(page.locator(".error").first)).to_be_visible()
