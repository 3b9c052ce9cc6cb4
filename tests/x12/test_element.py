"""Single elements: tables read both ways, numbers lose no digit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from adapter.x12 import element
from adapter.x12.element import is_npi, read_table, write_day, write_number
from tests.strategies import npis


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


@given(npis(), st.integers(2, 9), st.integers(1, 9))
def test_an_npi_with_one_wrong_digit_is_no_npi(npi, place, step):
    wrong = npi[:place] + str((int(npi[place]) + step) % 10) + npi[place + 1 :]
    assert is_npi(npi)
    assert not is_npi(wrong)


@pytest.mark.parametrize("text", ["", "199399990", "3993999907", "199399990x", "\uff11\uff19\uff19\uff13\uff19\uff19\uff19\uff19\uff10\uff17"])
def test_what_has_not_the_form_of_an_npi_is_none(text):
    assert not is_npi(text)


def test_a_day_has_its_leading_zeros():
    assert write_day(date(7, 1, 2)) == "00070102"
