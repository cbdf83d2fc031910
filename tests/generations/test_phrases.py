from decimal import Decimal

import pytest

from generations import phrases


@pytest.mark.parametrize(("amount", "words"), [("0.75", "0.75"), ("1234.5", "1,234.50"), ("2.666667", "2.67")])
def test_money_is_rounded_to_the_cent(amount, words):
    assert phrases.money(phrases.Price(Decimal(amount), "USD")) == f"US$\xa0{words}"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "0.00"),
        ("0.005", "0.01"),
        ("0.435", "0.44"),
        ("0.002", "0.002"),
        ("0.0049", "0.0049"),
        ("0.00001", "0.0001"),
    ],
)
def test_less_than_half_a_cent_is_not_nothing(amount, words):
    assert phrases.money(phrases.Price(Decimal(amount), "USD")) == f"US$\xa0{words}"
