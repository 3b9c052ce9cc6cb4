"""What one element of a differential changes, and what the base does not let it change."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.conformance.base import DefinitionError
from adapter.conformance.differential import lay_element

Json = dict[str, Any]
STRING = {"code": "http://hl7.org/fhirpath/System.String", "extension": [
    {"url": "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type", "valueUrl": "uri"},
]}
BASE: Json = {
    "id": "Claim.item", "path": "Claim.item", "min": 1, "max": "3", "type": [{"code": "code"}, {"code": "Coding"}], "isModifier": True,
    "constraint": [{"key": "a"}], "binding": {"strength": "required", "valueSet": "urn:vs"}, "base": {"path": "Claim.item"}, "fixedCode": "x",
}


@pytest.mark.parametrize(("rules", "changed"), [
    ({}, {}),
    ({"min": 2, "max": "2"}, {"min": 2, "max": "2"}),
    ({"type": [{"code": "Coding"}]}, {"type": [{"code": "Coding"}]}),
    ({"constraint": [{"key": "a", "human": "again"}, {"key": "b"}]}, {"constraint": [{"key": "a"}, {"key": "b"}]}),
    ({"binding": {"strength": "required", "valueSet": "urn:other"}}, {"binding": {"strength": "required", "valueSet": "urn:other"}}),
    ({"binding": {"strength": "preferred"}}, {"binding": {"strength": "preferred", "valueSet": "urn:vs"}}),
    ({"patternCode": "y", "mustSupport": True, "maxLength": 5}, {"patternCode": "y", "mustSupport": True, "maxLength": 5}),
    ({"fixedCode": "x", "slicing": {"rules": "closed"}}, {"slicing": {"rules": "closed"}}),
    ({"path": "Claim.other", "id": "x", "base": {}, "sliceName": "s", "contentReference": "#x"}, {}),
])
def test_a_rule_changes_what_it_says_and_nothing_else(rules: Json, changed: Json) -> None:
    before = repr(BASE)
    assert lay_element(BASE, rules, "urn:p") == {**BASE, **changed}
    assert repr(BASE) == before


@pytest.mark.parametrize(("rules", "why"), [
    ({"min": 0}, "min 0 is less than the base's 1"),
    ({"max": "4"}, "max 4 is more than the base's 3"),
    ({"max": "*"}, r"max \* is more than the base's 3"),
    ({"max": "0"}, "min 1 is more than max 0"),
    ({"max": "many"}, r"max is neither a number nor \*"),
    ({"type": [{"code": "Quantity"}]}, "type Quantity is none of the base's: code, Coding"),
    ({"fixedCode": "y"}, "fixedCode differs"),
])
def test_a_rule_that_the_base_contradicts_is_refused_with_the_place_and_the_reason(rules: Json, why: str) -> None:
    with pytest.raises(DefinitionError, match=f"^urn:p, Claim.item: {why}"):
        lay_element(BASE, rules, "urn:p, Claim.item")


def test_a_type_of_fhirpath_answers_to_its_name_in_fhir_and_keeps_what_it_is() -> None:
    element = {"path": "Extension.url", "min": 1, "max": "1", "type": [STRING], "fixedUri": "urn:a"}
    assert lay_element(element, {"type": [{"code": "uri"}]}, "")["type"] == [{"code": "uri"}]
    assert lay_element(element, {"type": [{"code": STRING["code"]}]}, "")["type"] == [STRING]
    assert lay_element(element, {"fixedUri": "urn:b"}, "")["fixedUri"] == "urn:b"


def test_any_type_is_derived_from_an_abstract_one() -> None:
    element = {"path": "Bundle.entry.resource", "min": 0, "max": "1", "type": [{"code": "Resource"}]}
    assert lay_element(element, {"type": [{"code": "Claim"}]}, "")["type"] == [{"code": "Claim"}]


def test_a_content_reference_keeps_its_reference_where_a_differential_gives_a_type() -> None:
    element = {"path": "ClaimResponse.adjudication", "min": 0, "max": "*", "contentReference": "#ClaimResponse.item.adjudication"}
    assert lay_element(element, {"type": [{"code": "BackboneElement"}], "min": 1}, "") == {**element, "min": 1}


def test_a_base_that_does_not_say_how_often_is_refused() -> None:
    with pytest.raises(DefinitionError, match="gives no min or no max"):
        lay_element({"path": "Claim.item", "min": 0}, {"max": "1"}, "urn:p, Claim.item")
