"""Data types are read or absent: no shape raises, and no value is made up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from adapter.fhir.datatypes import (
    children,
    codes,
    day,
    extension,
    number,
    own_extension,
    own_extension_codes,
    positive,
    read_codes,
    read_day,
    read_decimal,
    read_quantity,
    text,
)
from adapter.fhir.systems import CPT, UCUM, own_structure
from adapter.terms import Quantity

TREES = st.recursive(st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text(max_size=5) | st.sampled_from(["2026-03-02", "2026-02-30T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "coding", "system", "code", "value", "url", "extension", "identifier"]), inner, max_size=4),
    max_leaves=12)
MOMENTS = st.builds(datetime.combine, st.dates(date(1970, 1, 2), date(2099, 12, 30)), st.times())
NEW_YORK = ZoneInfo("America/New_York")


@given(TREES)
def test_a_value_of_another_kind_is_no_number_and_no_day(tree):
    assert read_decimal(tree) is None or type(tree) in (int, Decimal)
    positive(tree)
    day(tree)


def test_children_are_placed_as_fhirpath_counts_them():
    assert [where for _, where in children({"a": [{}, {}]}, "P", "a")] == ["P.a[0]", "P.a[1]"]
    assert [where for _, where in children({"a": {}}, "P", "a")] == ["P.a"]
    assert list(children({}, "P", "a")) == list(children({"a": []}, "P", "a")) == []


@pytest.mark.parametrize("value", ["", " ", "\t\n", None])
def test_a_text_that_says_nothing_is_absent(value):
    assert text({"a": value}, "a") is None


@given(st.decimals(allow_nan=False, allow_infinity=False) | st.integers())
def test_a_number_keeps_its_digits(value):
    assert read_decimal(value) == value
    assert number({"a": value}, "a") == value


@pytest.mark.parametrize("value", [True, False, 1.5, "1", None, [1], Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_exact_number_is_absent(value):
    assert number({"a": value}, "a") is None


@pytest.mark.parametrize(("value", "read"), [(1, 1), (Decimal("2.0"), 2), (0, None), (-1, None), (Decimal("1.5"), None), (True, None), ("1", None)])
def test_a_position_is_a_whole_number_from_one(value, read):
    assert positive(value) == read


@pytest.mark.parametrize(("system", "code", "unit"), [(UCUM, "mg", "mg"), (None, "mg", ""), ("http://other.example", "mg", "")])
def test_only_a_ucum_code_is_a_unit(system, code, unit):
    assert read_quantity({"value": 180, "unit": "mg", "system": system, "code": code}) == Quantity(Decimal(180), unit)


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_a_time_with_an_offset_is_of_its_own_calendar_day(moment, minutes):
    written = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes))).isoformat()
    if minutes:
        assert read_day(written, NEW_YORK) == read_day(written, None) == (moment.date(), False)
    assert day(written) == moment.date()


@given(MOMENTS)
def test_a_utc_time_is_read_in_the_zone_of_the_site_or_says_that_it_is_not(moment):
    written = moment.replace(microsecond=0).isoformat() + "Z"
    assert read_day(written, NEW_YORK) == (moment.replace(microsecond=0, tzinfo=UTC).astimezone(NEW_YORK).date(), False)
    assert read_day(written, None) == (moment.date(), True)


@pytest.mark.parametrize(("written", "read"), [("2026-03-08T06:59:59Z", date(2026, 3, 8)), ("2026-03-02T04:59:59Z", date(2026, 3, 1)), ("2026-03-02T05:00:00Z", date(2026, 3, 2)),
    ("2026-07-02T03:59:59Z", date(2026, 7, 1)), ("2026-07-02T04:00:00Z", date(2026, 7, 2))])
def test_summer_and_winter_have_their_own_midnight(written, read):
    assert read_day(written, NEW_YORK).day == read


@pytest.mark.parametrize("written", ["", "2026", "2026-03", "2026-3-2", "2026-02-29", "2026-13-01", "03/02/2026", "20260302", "2026-03-02T10", "2026-03-02 10:00:00Z", "2026-03-02T10:15:00",
    " 2026-03-02", "2026-03-02\n", "0000-01-01", "9999-12-31T23:59:59Zx", "\u0662\u0660\u0662\u0666-03-02"])
def test_what_names_no_calendar_day_is_none(written):
    assert read_day(written, NEW_YORK) is None


def test_the_first_and_the_last_day_of_the_calendar_do_not_overflow():
    assert read_day("0001-01-01T00:00:00Z", NEW_YORK) is None
    assert read_day("9999-12-31T23:59:59Z", timezone(timedelta(hours=14))) is None


def test_codes_are_under_canonical_systems_with_their_places():
    tree = {"code": {"coding": [{"system": "urn:oid:2.16.840.1.113883.6.12", "code": "96522"}, {"system": "s"}, {}, {"code": "c"}]}}
    assert read_codes(tree, "code", "P") == [(CPT, "96522", "P.code.coding[0]"), (None, "c", "P.code.coding[3]")]
    assert codes(tree["code"], CPT) == ("96522",)


def test_two_extensions_of_one_url_are_none_for_who_asks_for_the_only_one():
    assert extension({"extension": [{"url": "u"}, {"url": "u"}]}, "u") is None
    assert len(own_extension({"extension": [{"url": own_structure("container")}] * 2}, "container", "P")) == 2


def test_an_own_extension_tells_a_code_or_codings():
    tree = {"extension": [{"url": own_structure("modifier"), "valueCode": "25"}, {"url": own_structure("modifier"), "valueCodeableConcept": {"coding": [{"code": "XS"}]}}, {"url": "other", "valueCode": "59"}]}
    assert [tuple(told) for told in own_extension_codes(tree, "modifier", "P")] == [("25", "P.extension[0].value"), ("XS", "P.extension[1].value.coding[0]")]
