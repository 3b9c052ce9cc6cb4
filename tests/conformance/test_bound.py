"""The least and greatest values of a profile; what cannot be compared is not called wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from adapter.conformance.bound import compare
from tests.conformance.made import judge, profile, told

Json = dict[str, Any]


@pytest.mark.parametrize(("bound", "good", "bad"), [
    ({"minValueInteger": 1}, {"valueInteger": 1}, {"valueInteger": 0}),
    ({"maxValueInteger": 5}, {"valueInteger": 5}, {"valueInteger": 6}),
    ({"minValueDateTime": "2026-01-01"}, {"valueDateTime": "2026-01-01"}, {"valueDateTime": "2025-12-31"}),
    ({"maxValueQuantity": {"value": 10, "code": "mg", "system": "urn:x"}}, {"valueQuantity": {"value": 10, "code": "mg", "system": "urn:x"}},
     {"valueQuantity": {"value": 11, "code": "mg", "system": "urn:x"}}),
    ({"maxValueTime": "12:00:00"}, {"valueTime": "11:59:59"}, {"valueTime": "12:00:01"}),
])
def test_a_value_beyond_its_bound_is_told_at_its_place(bound: Json, good: Json, bad: Json) -> None:
    definition = profile("Observation", {"id": "Observation.value[x]", "path": "Observation.value[x]", **bound})
    tree = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    assert told(judge(tree | good, definition)) == []
    assert told(judge(tree | bad, definition)) == [("profile.value", "Observation.value")]


@pytest.mark.parametrize(("value", "bound"), [
    ({"value": 1, "code": "mg", "system": "urn:x"}, {"value": 2, "code": "g"}), ("2026", "2026-01-01"), (True, 0), ("x", 1), (None, 1),
    ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00+01:00"), ("2026-01-01T00:00:00+02:00", "2026-01-01T00:00:00+01:00"),
])
def test_what_cannot_be_compared_has_no_order(value: Any, bound: Any) -> None:
    assert compare(value, bound) is None


def test_decimals_are_compared_exactly() -> None:
    assert compare(Decimal("0.1"), Decimal("0.10")) == 0
    assert compare(Decimal("0.1000000000000000000000000001"), Decimal("0.1")) == 1
