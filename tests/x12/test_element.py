"""Single elements: tables read both ways, numbers lose no digit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from adapter.x12 import element
from adapter.x12.element import read_table, write_day, write_number


@given(st.decimals(0, 10**8, allow_nan=False, allow_infinity=False), st.integers(0, 6))
def test_a_number_reads_back_as_itself_without_exponent_or_leading_zero(value, places):
    text = write_number(value, places)
    assert Decimal(text) == value
    assert set(text) <= set("0123456789.")
    assert text == "0" or not text.startswith("0")
    assert not text.endswith(".")


def test_a_number_beyond_any_element_is_not_spelled_out():
    assert write_number(Decimal("1E+999999"), 2) == "1E+999999"
    assert write_number(Decimal("NaN"), 2) == "NaN"


@given(st.dates())
def test_a_day_is_eight_digits(day):
    assert write_day(day) == day.isoformat().replace("-", "")


@pytest.mark.parametrize("name", ["RELATIONSHIPS", "SEQUENCES", "YES_NO", "ACCEPT_ASSIGNMENT", "RELEASE_OF_INFORMATION"])
def test_every_row_of_a_table_reads_back(name):
    table = getattr(element, name)
    assert {code: key for key, code in table.items()} == read_table(table)


def test_the_only_row_that_does_not_read_back_is_the_one_in_the_losses():
    turned = read_table(element.GENDERS)
    assert [sex for sex, code in element.GENDERS.items() if turned[code] != sex] == ["other"]


def test_a_day_has_its_leading_zeros():
    assert write_day(date(7, 1, 2)) == "00070102"
