"""What a differential says as a schema, and what is refused because nothing can check it."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from adapter.conformance.base import BaseFacts, DefinitionError
from adapter.conformance.definitions import Definitions

Json = dict[str, Any]
TERMINOLOGY = [
    {"resourceType": "CodeSystem", "url": "urn:cs", "content": "complete", "concept": [{"code": "a"}, {"code": "b"}]},
    {"resourceType": "ValueSet", "url": "urn:vs", "compose": {"include": [{"system": "urn:cs"}]}},
]


def _overlay(base_schema: Json, base_facts: BaseFacts, element: Json) -> Json:
    definition = {
        "resourceType": "StructureDefinition", "url": "urn:profile", "type": "Claim", "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Claim", "differential": {"element": [element]},
    }
    rules = Definitions(base_schema, base_facts, [*TERMINOLOGY, definition]).rules("urn:profile")
    assert rules is not None
    return dict(rules.source.schema)


def _code(code: str, system: str = "urn:cs") -> Json:
    return {"coding": [{"system": "urn:other", "code": "z"}, {"system": system, "code": code}]}


CASES: list[tuple[Json, Json, Json]] = [
    ({"path": "Claim.item", "min": 2}, {"item": [{}, {}]}, {"item": [{}]}),
    ({"path": "Claim.item", "min": 1}, {"item": [{}]}, {}),
    ({"path": "Claim.item", "max": "1"}, {"item": [{}]}, {"item": [{}, {}]}),
    ({"path": "Claim.item", "max": "0"}, {}, {"item": [{}]}),
    ({"path": "Claim.implicitRules", "max": "0"}, {}, {"_implicitRules": {}}),
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
def test_a_rule_takes_the_good_and_refuses_the_bad(element: Json, good: Json, bad: Json, base_schema: Json, base_facts: BaseFacts) -> None:
    validator = jsonschema_rs.Draft202012Validator(_overlay(base_schema, base_facts, element))
    assert validator.is_valid(good)
    assert not validator.is_valid(bad)


@pytest.mark.parametrize("element", [
    {"path": "Claim", "min": 0, "max": "*"}, {"path": "Claim.status", "short": "x", "mustSupport": True},
    {"path": "Claim.type", "binding": {"strength": "example", "valueSet": "urn:nowhere"}}, {"path": "Claim.use", "min": 1},
])
def test_what_asks_for_nothing_more_than_the_base_adds_nothing(element: Json, base_schema: Json, base_facts: BaseFacts) -> None:
    assert not _overlay(base_schema, base_facts, element).get("required")
    assert not _overlay(base_schema, base_facts, element).get("allOf")


@pytest.mark.parametrize("element", [
    {"path": "Claim.nothing", "min": 1},
    {"path": "Patient.name", "min": 1}, {"path": "Claim.item.net", "type": [{"code": "Quantity"}]},
    {"path": "Claim.item.serviced[x]", "type": [{"code": "string"}]}, {"path": "Claim.item.serviced[x].start", "min": 1},
    {"path": "Claim.item.serviced[x]", "fixedString": "x"}, {"min": 1}, {"path": "Claim.item", "min": 2, "max": "1"},
    {"path": "Claim.item", "constraint": [{"key": "x-1", "severity": "error", "human": "x", "expression": "nonsense("}]},
])
def test_what_cannot_be_checked_is_refused_and_not_skipped(element: Json, base_schema: Json, base_facts: BaseFacts) -> None:
    with pytest.raises(DefinitionError):
        _overlay(base_schema, base_facts, element)
