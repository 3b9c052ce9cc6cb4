"""Amounts are exact: compared with fractions, which cannot lose a digit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given, strategies as st

from adapter.coding.amount import ratio, three_places, whole_cents, whole_down, whole_up
from adapter.coding.decision import Visit
from adapter.terms import Act, Quantity, RefillFacts, Told
from tests.coding.decisions import context, site

FACTS = RefillFacts(acts=(Act("Procedure", Told("completed", "Procedure.status")),))
VISIT = Visit(FACTS, site("practice"), context().rule_book.tables, None, None, context().as_of)
# As wide as the decoder lets in: forty digits, exponents to sixty.
NUMBERS = st.builds(lambda digits, exponent: Decimal(digits).scaleb(exponent), st.integers(-(10**27), 10**27), st.integers(-60, 60))
AMOUNTS = st.builds(lambda digits, places: Decimal(digits).scaleb(-places), st.integers(0, 10**12), st.integers(0, 6))
UNITS = {"kg": ("ug", 10**9), "g": ("ug", 10**6), "mg": ("ug", 1000), "ug": ("ug", 1), "ng": ("ug", Fraction(1, 1000)), "mL": ("mL", 1), "ml": ("mL", 1),
    "L": ("mL", 1000), "l": ("mL", 1000), "uL": ("mL", Fraction(1, 1000)), "ul": ("mL", Fraction(1, 1000)), "[USP'U]": ("[USP'U]", 1),
    "10*3.[USP'U]": ("[USP'U]", 1000), "[iU]": ("[USP'U]", 1), "[IU]": ("[USP'U]", 1), "10*3.[iU]": ("[USP'U]", 1000), "k[iU]": ("[USP'U]", 1000), "{vial}": ("{vial}", 1), "{Vial}": ("{vial}", 1)}


@given(NUMBERS)
def test_whole_numbers_are_the_next_above_and_below(value):
    assert int(whole_up(Fraction(value))) == ceil(Fraction(value))
    assert int(whole_down(Fraction(value))) == floor(Fraction(value))


@given(NUMBERS)
def test_cents_are_the_same_amount_or_none(value):
    cents = whole_cents(value)
    if (Fraction(value) * 100).denominator == 1:
        assert cents == value
        assert cents.as_tuple().exponent == -2
    else:
        assert cents is None


@given(NUMBERS.filter(lambda value: value >= 0))
def test_three_places_are_rounded_half_up_and_end_in_no_zero(value):
    rounded = three_places(Fraction(value))
    assert Fraction(rounded) == Fraction(floor(Fraction(value) * 1000 + Fraction(1, 2)), 1000)
    assert not ("." in f"{rounded:f}" and f"{rounded:f}".endswith("0"))


@given(st.sampled_from([1, 3, 7, 15, 900]), st.integers(1, 10**6))
def test_a_ratio_that_no_decimal_holds_stays_exact(whole, times):
    told = ratio(VISIT, Quantity(Decimal(times), "mg"), Quantity(Decimal(whole), "mg"))
    assert told == Fraction(times, whole)
    assert whole_up(told) - whole_down(told) == (0 if times % whole == 0 else 1)


def test_a_division_in_decimals_would_be_caught():
    rounded = Fraction(Decimal(1) / Decimal(3))
    assert ratio(VISIT, Quantity(Decimal(1), "mg"), Quantity(Decimal(3), "mg")) != rounded


def test_every_unit_of_the_table_is_one_of_these():
    assert {one for row in VISIT.tables["unit"].rows for one in row.when["unit"]} == set(UNITS)


@pytest.mark.parametrize("unit", ["", "MG", "Mg", "mcg", "µg", "cc", "drop", "mg/mL", " mg", "g/L", "vial", "IU", "U"])
def test_a_unit_that_the_table_does_not_have_converts_to_nothing(unit):
    assert ratio(VISIT, Quantity(Decimal(1), unit), Quantity(Decimal(1), unit)) is None


@given(AMOUNTS, st.sampled_from(sorted(UNITS)), st.sampled_from(sorted(UNITS)))
def test_a_ratio_is_of_one_kind_or_none(value, unit, other):
    times = ratio(VISIT, Quantity(value, unit), Quantity(Decimal("0.5"), other))
    if UNITS[unit][0] != UNITS[other][0]:
        assert times is None
    else:
        assert times == Fraction(value) * UNITS[unit][1] * 2 / UNITS[other][1]


def test_nothing_goes_into_an_amount_so_many_times():
    assert ratio(VISIT, Quantity(Decimal(1), "mg"), Quantity(Decimal(0), "mg")) is None
