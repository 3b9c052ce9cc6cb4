"""Typed access to elements takes what is exact and refuses what only looks like it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from adapter.fhir.datatypes import children, codes, day, extension, number, positive, text
from adapter.fhir.reading import Reading


@pytest.mark.parametrize(("value", "expected"), [
    (2, Decimal(2)), (Decimal("1.50"), Decimal("1.50")), (1.5, None), (True, None), ("1", None), (Decimal("NaN"), None), (None, None),
])
def test_only_exact_finite_numbers_are_numbers(value: object, expected: Decimal | None) -> None:
    assert number({"value": value}, "value") == expected


@pytest.mark.parametrize(("value", "expected"), [(1, 1), (Decimal(3), 3), (0, None), (Decimal("1.5"), None), ("1", None), (-1, None)])
def test_only_whole_numbers_from_one_are_positive(value: object, expected: int | None) -> None:
    assert positive(value) == expected


@pytest.mark.parametrize(("value", "expected"), [
    ("2026-03-02", date(2026, 3, 2)), ("2026-03-02T23:30:00-05:00", date(2026, 3, 2)), ("2026-03", None), ("2026-02-30", None),
    ("", None), (20260302, None),
])
def test_only_a_full_date_is_a_day(value: object, expected: date | None) -> None:
    assert day(value) == expected


def test_what_is_not_there_reads_as_absent() -> None:
    assert text(None, "y") is text({}, "y") is None
    assert codes(None, "urn:x") == codes({}, "urn:x") == ()
    assert list(children({}, "Claim", "item")) == []
    assert extension({"extension": [{"url": "u"}, {"url": "u"}]}, "u") is None


def test_an_absent_reference_is_no_issue_and_one_that_leads_nowhere_is() -> None:
    reading = Reading({"resourceType": "Claim"}, "")
    assert reading.follow({}, "Claim", "patient") is None
    assert reading.issues == []
    assert reading.follow({"patient": {"reference": "Patient/1"}}, "Claim", "patient") is None
    assert [issue.expression for issue in reading.issues] == [("Claim.patient",)]
