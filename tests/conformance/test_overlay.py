"""What a differential says as a schema, and what is refused because a schema cannot say it."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from adapter.conformance.overlay import DefinitionError, compile_overlay
from adapter.conformance.terminology import ValueSets

Json = dict[str, Any]
VALUE_SETS = ValueSets({"urn:vs": frozenset({("urn:cs", "a"), ("urn:cs", "b")}), "urn:open": None})


def _overlay(base_schema: Json, *elements: Json, kind: str = "Claim") -> Json:
    definition = {"url": "urn:profile", "type": kind, "differential": {"element": list(elements)}}
    return compile_overlay(base_schema, definition, VALUE_SETS)


def _code(code: str, system: str = "urn:cs") -> Json:
    return {"coding": [{"system": "urn:other", "code": "z"}, {"system": system, "code": code}]}


CASES: list[tuple[Json, Json, Json]] = [
    ({"path": "Claim.item", "min": 2}, {"item": [{}, {}]}, {"item": [{}]}),
    ({"path": "Claim.item", "min": 1}, {"item": [{}]}, {}),
    ({"path": "Claim.item", "max": "1"}, {"item": [{}]}, {"item": [{}, {}]}),
    ({"path": "Claim.item", "max": "0"}, {}, {"item": [{}]}),
    ({"path": "Claim.status", "max": "0"}, {}, {"_status": {}}),
    ({"path": "Claim.billablePeriod.start", "min": 1}, {"billablePeriod": {"_start": {}}}, {"billablePeriod": {}}),
    ({"path": "Claim.billablePeriod.start", "min": 1}, {}, {"billablePeriod": {"end": "2026"}}),
    ({"path": "Claim.item.net.value", "min": 1}, {"item": [{"net": {"value": 1}}, {}]}, {"item": [{}, {"net": {}}]}),
    ({"path": "Claim.use", "fixedCode": "claim"}, {"use": "claim"}, {"use": "other"}),
    ({"path": "Claim.total", "patternMoney": {"currency": "USD"}}, {"total": {"value": 1, "currency": "USD"}}, {"total": {"value": 1}}),
    ({"path": "Claim.total", "fixedMoney": {"currency": "USD"}}, {"total": {"currency": "USD"}}, {"total": {"value": 1, "currency": "USD"}}),
    ({"path": "Claim.type", "patternCodeableConcept": {"coding": [{"code": "a"}]}}, {"type": _code("a")}, {"type": _code("c")}),
    ({"path": "Claim.type", "patternCodeableConcept": {"coding": [{"code": "a"}, {"code": "z"}]}}, {"type": _code("a")}, {"type": {"coding": [{"code": "a"}]}}),
    ({"path": "Claim.item.modifier", "patternCodeableConcept": {"text": "x"}}, {"item": [{"modifier": [{"text": "x"}]}]}, {"item": [{"modifier": [{"text": "x"}, {}]}]}),
    ({"path": "Claim.type", "binding": {"strength": "required", "valueSet": "urn:vs|1"}}, {"type": _code("b")}, {"type": _code("b", "urn:wrong")}),
    ({"path": "Claim.status", "binding": {"strength": "required", "valueSet": "urn:vs"}}, {"status": "a"}, {"status": "c"}),
    ({"path": "Claim.item.serviced[x]", "min": 1}, {"item": [{"servicedPeriod": {}}]}, {"item": [{}]}),
    ({"path": "Claim.item.serviced[x]", "type": [{"code": "date"}]}, {"item": [{"servicedDate": "2026"}]}, {"item": [{"servicedPeriod": {}}]}),
    ({"path": "Claim.item.location[x]", "patternCodeableConcept": {"text": "x"}}, {"item": [{"locationCodeableConcept": {"text": "x"}}]}, {"item": [{"locationCodeableConcept": {}}]}),
    ({"path": "Claim.disposition", "short": "no rule"}, {}, {}),
    ({"path": "Claim.identifier.value", "maxLength": 3}, {"identifier": [{"value": "123"}]}, {"identifier": [{"value": "1234"}]}),
]


@pytest.mark.parametrize(("element", "good", "bad"), [case for case in CASES if case[0]["path"] != "Claim.disposition"])
def test_a_rule_takes_the_good_and_refuses_the_bad(element: Json, good: Json, bad: Json, base_schema: Json) -> None:
    validator = jsonschema_rs.Draft202012Validator(_overlay(base_schema, element))
    assert validator.is_valid(good)
    assert not validator.is_valid(bad)


@pytest.mark.parametrize("element", [
    {"path": "Claim", "min": 0, "max": "*"}, {"path": "Claim.status", "short": "x", "mustSupport": True},
    {"path": "Claim.type", "binding": {"strength": "example", "valueSet": "urn:nowhere"}}, {"path": "Claim.use", "min": 1},
])
def test_what_asks_for_nothing_more_than_the_base_adds_nothing(element: Json, base_schema: Json) -> None:
    assert not _overlay(base_schema, element).get("required")
    assert not _overlay(base_schema, element).get("allOf")


@pytest.mark.parametrize("element", [
    {"path": "Claim.item", "slicing": {"rules": "open"}}, {"path": "Claim.item", "sliceName": "a"},
    {"path": "Claim.item", "constraint": [{"key": "x-1"}]}, {"path": "Claim.item", "contentReference": "#x"},
    {"path": "Claim.item", "minValueInteger": 1}, {"path": "Claim.nothing", "min": 1}, {"path": "Patient.name", "min": 1},
    {"path": "Claim.item.udi", "type": [{"code": "Reference", "targetProfile": ["urn:x"]}]},
    {"path": "Claim.item.net", "type": [{"code": "Quantity"}]}, {"path": "Claim.item.serviced[x]", "type": [{"code": "string"}]},
    {"path": "Claim.item.serviced[x].start", "min": 1}, {"path": "Claim.type", "binding": {"strength": "extensible", "valueSet": "urn:vs"}},
    {"path": "Claim.type", "binding": {"strength": "required", "valueSet": "urn:nowhere"}},
    {"path": "Claim.type", "binding": {"strength": "required", "valueSet": "urn:open"}},
    {"path": "Claim.item.serviced[x]", "fixedString": "x"}, {"path": "Claim", "fixedString": "x"}, {"min": 1},
])
def test_what_a_schema_cannot_say_is_refused_and_not_skipped(element: Json, base_schema: Json) -> None:
    with pytest.raises(DefinitionError):
        _overlay(base_schema, element)
