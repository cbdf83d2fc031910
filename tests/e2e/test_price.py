"""The price at the button, with an account that costs something: right after each change, and why the button is off."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_composer import SHOTS

pytestmark = pytest.mark.e2e


def costs(page, price):
    expect(page.locator("#generate")).to_have_text(f"Generate · {price}")


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
