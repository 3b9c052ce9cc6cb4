"""Times and amounts hold their laws for all values: order, sums, units."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from adapter.fhirpath import Quantity
from adapter.fhirpath.arithmetic import ARITHMETIC
from adapter.fhirpath.quantity import EXACT, compare_quantities, is_like
from adapter.fhirpath.temporal import add_to, compare_temporals, parse_temporal
from adapter.fhirpath.ucum import scale_of

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=10)


@st.composite
def instants(draw):
    """Make a text of a dateTime of any precision, with an offset as FHIR asks where it tells the time."""
    day, length = draw(DAYS).isoformat(), draw(st.sampled_from([4, 7, 10, 99]))
    clock = draw(st.times()).isoformat()
    offset = draw(st.sampled_from(["Z", "+14:00", "-12:00", "+05:30"]))
    return day[:length] + (f"T{clock}{offset}" if length == 99 else "")


@given(instants(), instants())
def test_order_turns_round_with_its_sides(left, right):
    one, other = parse_temporal("DateTime", left), parse_temporal("DateTime", right)
    forth, back = compare_temporals(one, other), compare_temporals(other, one)
    assert (forth is None and back is None) or forth == -back


@given(instants())
def test_a_time_is_written_as_it_was_read_and_equals_itself(text):
    value = parse_temporal("DateTime", text)
    assert str(value) == text
    assert compare_temporals(value, value) == 0


@given(DAYS, DAYS)
def test_whole_days_have_the_order_of_the_calendar(left, right):
    one, other = (parse_temporal("Date", day.isoformat()) for day in (left, right))
    assert compare_temporals(one, other) == (left > right) - (left < right)


@given(DAYS, st.integers(-20_000, 20_000))
def test_adding_days_is_what_the_calendar_says(day, count):
    expected = (day + timedelta(count)).isoformat()
    assert str(add_to(parse_temporal("Date", day.isoformat()), Decimal(count), "days")) == expected


@given(DAYS, st.integers(-200, 200))
def test_adding_months_keeps_the_day_or_takes_the_last_one(day, count):
    moved = add_to(parse_temporal("Date", day.isoformat()), Decimal(count), "months")
    assert (moved.parts[0] * 12 + moved.parts[1]) - (day.year * 12 + day.month) == count
    assert moved.parts[2] == day.day or (moved.parts[2] < day.day and date(*moved.parts) + timedelta(1) == date(*moved.parts[:2], 1) + timedelta(moved.parts[2]))


@given(st.times(), st.integers(-100_000, 100_000))
def test_a_time_of_day_goes_round_the_clock(time, seconds):
    start = parse_temporal("Time", time.isoformat())
    there = add_to(start, Decimal(seconds), "seconds")
    assert compare_temporals(add_to(there, Decimal(-seconds), "seconds"), start) == 0


@given(NUMBERS, NUMBERS)
def test_sums_and_products_lose_no_digit(left, right):
    for sign, result in (("+", Fraction(left) + Fraction(right)), ("-", Fraction(left) - Fraction(right)), ("*", Fraction(left) * Fraction(right))):
        assert Fraction(ARITHMETIC[sign][0](left, right)) == result


@given(NUMBERS, st.sampled_from([("g", "mg", 1000), ("L", "mL", 1000), ("h", "min", 60), ("d", "h", 24), ("[lb_av]", "[oz_av]", 16), ("[ft_i]", "[in_i]", 12)]))
def test_an_amount_equals_itself_in_another_unit(value, units):
    large, small, factor = units
    exact = EXACT.multiply(value, factor)
    assert compare_quantities(Quantity(value, large), Quantity(exact, small)) == 0
    assert is_like(Quantity(value, large), Quantity(exact, small))
    assert Quantity(value, large).identity == Quantity(exact, small).identity


@pytest.mark.parametrize(
    ("unit", "factor", "powers"),
    [
        ("ug/h", Fraction(1, 3_600_000_000), {"g": 1, "s": -1}), ("mg/dL", 10, {"g": 1, "m": -3}), ("10*3/uL", 10**12, {"m": -3}), ("m2", 1, {"m": 2}),
        ("/min", Fraction(1, 60), {"s": -1}), ("(mg/kg)/d", Fraction(1, 86_400_000_000), {"s": -1}), ("mg{total}", Fraction(1, 1000), {"g": 1}),
        ("{score}", 1, {}), ("mm[Hg]", 133322, {"g": 1, "m": -1, "s": -2}), ("%", Fraction(1, 100), {}), ("m[iU]/mL", 1000, {"[iU]": 1, "m": -3}),
        ("wk", 604_800, {"s": 1}), ("kg.m/s2", 1000, {"g": 1, "m": 1, "s": -2}), ("10*-3", Fraction(1, 1000), {}),
    ],
)
def test_a_unit_of_ucum_is_known_in_base_units(unit, factor, powers):
    found = scale_of(unit)
    assert (found.factor, dict(found.powers)) == (factor, powers)


@pytest.mark.parametrize("unit", ["", "mcg", "foo", "g//m", "m99", "(g", "g)", "1" * 65, "mg/", "[smoot]", "dda", "ml mg"])
def test_a_unit_that_is_none_is_not_guessed(unit):
    assert scale_of(unit) is None


@given(st.text(alphabet="mgLsdk.[]{}()/*1-2^u", max_size=12))
def test_no_text_makes_the_reader_of_units_raise(text):
    found = scale_of(text)
    assert found is None or found.factor > 0
