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
