"""Bindings of a profile: stronger than the base's, and codes that are none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.made import judge, profile, told
from tests.conformance.resources import concept, coverage

Json = dict[str, Any]
_SYSTEM = "http://terminology.hl7.org/CodeSystem/subscriber-relationship"
_STRONGER = {"id": "Coverage.relationship", "path": "Coverage.relationship",
             "binding": {"strength": "required", "valueSet": "http://hl7.org/fhir/ValueSet/subscriber-relationship"}}


def test_a_binding_that_only_makes_the_base_s_stronger_is_asked() -> None:
    definition = profile("Coverage", _STRONGER)
    assert told(judge(coverage(), definition)) == []
    tree = coverage() | {"relationship": concept("urn:other", "zork")}
    assert told(judge(tree, definition)) == [("profile.code", "Coverage.relationship.coding")]


@pytest.mark.parametrize("wrong", [{"system": ["x"], "code": "a"}, {"system": "urn:cs", "code": {}}, {"system": 1, "code": 1}, "x", None])
def test_a_coding_that_is_none_is_told_by_the_base_and_does_not_end_the_run(wrong: Any) -> None:
    element = {"id": "Coverage.type", "path": "Coverage.type", "binding": {"strength": "extensible", "valueSet": "urn:part"}}
    issues = judge(coverage() | {"type": {"coding": [wrong]}}, profile("Coverage", element))
    assert {issue.rule.partition(".")[0] for issue in issues} == {"base"}


@pytest.mark.parametrize(("strength", "value", "rules"), [
    ("required", {"text": "a plan"}, ["profile.code"]), ("required", {"coding": [{"system": "urn:x", "display": "a plan"}]}, ["profile.code"]),
    ("required", {"coding": [{"system": "http://snomed.info/sct", "code": "1"}]}, []), ("extensible", {"text": "a plan"}, []),
    ("required", {"text": "a plan", "extension": [{"url": "urn:why", "valueCode": "unknown"}]}, []),
])
def test_words_alone_are_in_no_required_value_set_though_its_codes_are_not_here(strength: str, value: Json, rules: list[str]) -> None:
    binding = {"strength": strength, "valueSet": "http://hl7.org/fhir/ValueSet/procedure-code"}
    element = {"id": "Coverage.type", "path": "Coverage.type", "binding": binding}
    issues = judge(coverage() | {"type": value}, profile("Coverage", element))
    assert [issue.rule for issue in issues if issue.is_error] == rules
