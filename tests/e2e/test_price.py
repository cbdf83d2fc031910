"""The price at the button, with an account that costs something: right after each change, and why the button is off."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_composer import SHOTS

pytestmark = pytest.mark.e2e


def costs(page, price):
    expect(page.locator("#generate")).to_have_text(f"Generate · {price}")


@pytest.fixture
def listening(priced):
    """A page with a clock that is set forward, and what it says to those who listen."""

    def listening(address):
        page = priced("singapore", 50)
        page.clock.install()
        page.goto(address)
        page.evaluate(
            """() => {
              window.heard = [];
              const box = document.querySelector("#announce");
              new MutationObserver(() => heard.push(box.textContent)).observe(box, { childList: true });
            }"""
        )
        return page

    return listening


class TestPrice:
    @pytest.mark.parametrize(
        ("region", "prices"),
        [
            ("singapore", ["US$\u00a00.75", "US$\u00a01.50", "US$\u00a06.00", "US$\u00a04.00", "US$\u00a01.20"]),
            ("beijing", ["CN¥\u00a05.00", "CN¥\u00a010.00", "CN¥\u00a040.00", "CN¥\u00a024.00", "CN¥\u00a07.20"]),
        ],
    )
    def test_follows_duration_takes_resolution_and_proof(self, priced, region, prices):
        page = priced(region)
        page.fill("#prompt", "A kite over the dunes")
        changes = [
            lambda: None,
            lambda: page.fill("#duration", "10"),
            lambda: page.select_option("#takes", "4"),
            lambda: page.select_option("#resolution", "720P"),
            lambda: page.check("#proof"),
        ]

        for change, price in zip(changes, prices, strict=True):
            change()
            costs(page, price)

    def test_follows_the_shots(self, priced):
        page = priced()
        page.fill("#prompt", SHOTS)
        page.locator("[data-fill-board]").click()
        costs(page, "US$\u00a01.50")

        page.fill("[name=shots-1-seconds]", "8")
        costs(page, "US$\u00a02.10")
        page.get_by_role("button", name="Remove shot 3").click()
        costs(page, "US$\u00a01.65")

    def test_is_not_guessed_at_a_length_that_cannot_be(self, priced):
        page = priced()
        page.fill("#prompt", "A kite over the dunes")

        for typed in ("", "1", "40", "2.5"):
            page.fill("#duration", typed)

            expect(page.locator("#generate")).to_have_text("Generate")
            expect(page.locator("#blocked li")).to_have_text(["Wan takes whole seconds from 2 to 15."])

    @pytest.mark.parametrize(
        ("price", "seconds", "shown"), [("0.145", "3", "US$\u00a00.44"), ("0.001", "2", "US$\u00a00.002")]
    )
    def test_is_the_servers_to_the_cent(self, priced, price, seconds, shown):
        page = priced()
        priced.charge(price)
        page.goto("/studio/")

        page.fill("#prompt", "A kite over the dunes")
        page.fill("#duration", seconds)

        costs(page, shown)


class TestAnotherPrice:
    """While a page stands open a second comes to cost something else."""

    def test_is_shown_by_a_refused_press_which_keeps_what_is_typed(self, browse, priced):
        browse.meant.append("422")
        page = priced()
        page.route("**/generations/status?*", lambda route: route.fulfill(status=204))  # which would tell it before
        page.fill("#prompt", "A kite over the dunes")
        costs(page, "US$\u00a00.75")
        priced.charge(0.5)

        page.click("#generate")

        expect(page.locator("#composer-notice")).to_contain_text("The price has changed: a second costs US$\u00a00.50")
        expect(page.locator("#announce")).to_contain_text("The price has changed")
        expect(page.locator("#composer-errors")).to_have_count(0)
        expect(page.locator("#prompt")).to_have_value("A kite over the dunes")
        costs(page, "US$\u00a02.50")
        expect(page.locator("#scenes .take")).to_have_count(0)
        page.click("#generate")
        expect(page.locator("#scenes .take")).to_have_count(1)
        expect(page.locator("#composer-notice")).to_have_count(0)

    def test_comes_by_itself(self, listening, priced):
        page = listening("/studio/")
        page.fill("#prompt", "A kite over the dunes")
        expect(page.locator("#promise")).to_contain_text("Ready")

        priced.charge(0.5)
        page.clock.fast_forward(31_000)

        costs(page, "US$\u00a02.50")
        expect(page.locator("#composer [name=quoted]")).to_have_value("USD 720P:0.5000 1080P:0.5000")

    def test_comes_to_the_rows_of_a_call_sheet(self, listening, priced):
        page = listening("/studio/sheet/")
        page.fill("#text", "prompt,duration,resolution\nRain,2,720P\nSnow,3,720P")
        expect(page.locator("#send")).to_contain_text("US$\u00a00.50")

        priced.charge(0.5)
        page.clock.fast_forward(36_000)

        expect(page.locator("#send")).to_contain_text("US$\u00a02.50")
        expect(page.locator("#sheet-rows td.price")).to_have_text(["US$\u00a01.00", "US$\u00a01.50"])
        expect(page.locator("#sheet-send [name=quoted]")).to_have_value("USD 720P:0.5000 1080P:0.5000")


class TestBudget:
    @pytest.mark.parametrize(
        ("region", "amount", "words"),
        [
            ("singapore", 2, "This needs US$\u00a03.00, the team has US$\u00a02.00 left this month."),
            ("beijing", 15, "This needs CN¥\u00a020.00, the team has CN¥\u00a015.00 left this month."),
        ],
    )
    def test_a_press_that_it_does_not_hold_is_told_before(self, priced, region, amount, words):
        page = priced(region, amount)
        page.fill("#prompt", "A kite over the dunes")
        expect(page.locator("#blocked")).to_be_hidden()

        page.select_option("#takes", "4")

        expect(page.locator("#blocked li")).to_have_text([words])
        expect(page.locator("#generate")).to_have_attribute("aria-disabled", "true")
        page.select_option("#takes", "1")
        expect(page.locator("#blocked")).to_be_hidden()

    def test_stands_with_every_other_reason(self, priced):
        page = priced("singapore", 0.5)
        page.locator("[popovertarget=more]").click()
        page.fill("#seed", "many")

        expect(page.locator("#blocked li")).to_have_text(
            [
                "This needs US$\u00a00.75, the team has US$\u00a00.50 left this month.",
                "Write a prompt first.",
                "A seed is a whole number from 0 to 2,147,483,647, or empty for a random one.",
            ]
        )

    def test_another_one_is_told_while_the_page_stands_open(self, listening, priced):
        page = listening("/studio/")
        page.fill("#prompt", "A kite over the dunes")
        expect(page.locator("#promise")).to_contain_text("Ready")
        words = "This needs US$\u00a00.75, the team has US$\u00a00.50 left this month."

        priced.spend(0.5)
        page.clock.fast_forward(31_000)

        expect(page.locator("#blocked li")).to_have_text([words])
        expect(page.locator("#generate")).to_have_attribute("aria-disabled", "true")
        expect(page.locator("#announce")).to_have_text(words)
        expect(page.locator("#prompt")).to_be_focused()
        page.evaluate("heard.length = 0")
        priced.spend(0.9)
        page.clock.fast_forward(31_000)
        expect(page.locator("#generate")).not_to_have_attribute("aria-disabled", "true")
        expect(page.locator("#announce")).to_have_text("You can generate again.")
        expect(page.locator("#prompt")).to_be_focused()

    def test_what_leaves_the_button_as_it_is_comes_quietly(self, listening, priced):
        page = listening("/studio/")
        page.fill("#prompt", "A kite over the dunes")
        expect(page.locator("#promise")).to_contain_text("Ready")
        page.locator("#generate").focus()

        priced.spend(0.9)
        with page.expect_response(lambda answer: "promised=" in answer.url):
            page.clock.fast_forward(31_000)

        expect(page.locator("#purse")).to_have_attribute("value", "0.9000")
        expect(page.locator("#generate")).to_be_focused()
        assert page.evaluate("heard") == []

    def test_what_is_left_is_told_on_a_call_sheet_that_stands_open(self, listening, priced):
        page = listening("/studio/sheet/")
        page.fill("#text", "prompt,duration,resolution\nRain,2,720P\nSnow,2,720P")
        expect(page.locator("#send")).to_contain_text("US$\u00a00.40")
        page.locator("#text").press("Control+Home")
        expect(page.locator("#announce")).to_contain_text("2 rows")

        priced.spend(0.3)
        page.clock.fast_forward(36_000)

        expect(page.locator("#send")).to_have_attribute("aria-disabled", "true")
        words = "This needs US$\u00a00.40, the team has US$\u00a00.30 left this month."
        expect(page.locator("#sheet-problems")).to_contain_text(words)
        expect(page.locator("#announce")).to_contain_text(words)
        expect(page.locator("#text")).to_be_focused()
        priced.spend(50)
        page.clock.fast_forward(36_000)
        expect(page.locator("#send")).not_to_have_attribute("aria-disabled", "true")
        expect(page.locator("#sheet-problems")).to_be_empty()
