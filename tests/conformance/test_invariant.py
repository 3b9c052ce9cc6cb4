"""Invariants and bindings that a profile adds."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.conformance.base import DefinitionError
from tests.conformance.made import extension, judge, profile, told

Json = dict[str, Any]


def _constrained(path: str, expression: str, severity: str = "error") -> Json:
    constraint = {"key": "our-1", "severity": severity, "human": "What we ask is there.", "expression": expression}
    return profile("Observation", {"id": path, "path": path, "constraint": [constraint]})


def _observation(**more: Any) -> Json:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}} | more


@pytest.mark.parametrize(("path", "expression", "place"), [
    ("Observation", "value.exists() or dataAbsentReason.exists()", "Observation"),
    ("Observation.code", "coding.exists()", "Observation.code.coding"),
    ("Observation.code", "coding.count() > 0", "Observation.code"),
    ("Observation.component", "value.exists()", "Observation.component[1].value"),
    ("Observation.status", "$this = 'amended'", "Observation.status"),
])
def test_a_broken_invariant_is_told_at_each_instance_with_its_key_and_sentence(path: str, expression: str, place: str) -> None:
    components = [{"code": {"text": "x"}, "valueString": "x"}, {"code": {"text": "x"}}]
    (issue,) = judge(_observation(component=components), _constrained(path, expression))
    assert (issue.rule, issue.expression) == ("profile.invariant", (place,))
    assert "our-1: What we ask is there" in issue.text


def test_an_invariant_of_severity_warning_is_a_warning() -> None:
    (issue,) = judge(_observation(), _constrained("Observation", "value.exists()", "warning"))
    assert not issue.is_error


@pytest.mark.parametrize("expression", ["nonsense(", "code.nothingLikeThis()"])
def test_an_invariant_that_cannot_be_run_stops_the_start_and_names_its_place(expression: str) -> None:
    with pytest.raises(DefinitionError, match=r"Observation\.code"):
        judge(_observation(), _constrained("Observation.code", expression))


@pytest.mark.parametrize(("strength", "value_set", "coding", "severity"), [
    ("extensible", "urn:vs", {"system": "urn:cs", "code": "a"}, None),
    ("extensible", "urn:vs", {"system": "urn:cs", "version": "9", "code": "z"}, "warning"),
    ("extensible", "urn:part", {"system": "http://snomed.info/sct", "code": "1"}, None),
    ("extensible", "urn:part", {"system": "urn:cs", "version": "9", "code": "z"}, "warning"),
    ("required", "urn:part", {"system": "urn:cs", "version": "9", "code": "z"}, "error"),
    ("required", "urn:part", {"system": "http://snomed.info/sct", "code": "1"}, None),
    ("required", "urn:vs", {"system": "urn:cs", "version": "9", "code": "z"}, "error"),
    ("preferred", "urn:vs", {"system": "urn:cs", "version": "9", "code": "z"}, None),
])
def test_a_code_outside_of_a_value_set_weighs_as_the_binding_does(
    strength: str, value_set: str, coding: Json, severity: str | None
) -> None:
    binding = {"strength": strength, "valueSet": value_set}
    definition = profile("Observation", {"id": "Observation.category", "path": "Observation.category", "binding": binding})
    issues = judge(_observation(category=[{"coding": [coding]}]), definition)
    assert [str(issue.severity.value) for issue in issues] == ([severity] if severity else [])
    assert all(issue.rule in ("profile.code", "profile.value") and issue.expression[0].startswith("Observation.category") for issue in issues)


def test_an_invariant_without_a_result_is_said_to_be_unchecked() -> None:
    components = [{"code": {"text": "x"}}, {"code": {"text": "y"}}]
    (issue,) = judge(_observation(component=components), _constrained("Observation", "component.code and status.exists()"))
    assert (issue.rule, issue.is_error) == ("profile.not-checked", False)


def test_an_invariant_in_a_bundle_sees_the_resource_that_it_stands_in() -> None:
    ours = _constrained("Observation.code", "%resource.status = 'final' and %rootResource.status = 'final'") | {"url": "urn:ours"}
    observation = _observation(meta={"profile": ["urn:ours"]})
    entries = [{"fullUrl": f"urn:x:{status}", "resource": observation | {"status": status}} for status in ("final", "amended")]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    (issue,) = judge(bundle, profile("Bundle"), ours)
    assert issue.expression == ("Bundle.entry[1].resource.code",)


def test_an_invariant_in_a_contained_resource_sees_it_and_its_container() -> None:
    ours = _constrained("Observation.code", "%resource.status = 'amended' and %rootResource.status = 'final'") | {"url": "urn:ours"}
    inner = _observation(id="i", status="amended", meta={"profile": ["urn:ours"]})
    tree = _observation(contained=[inner], hasMember=[{"reference": "#i"}])
    assert judge(tree, profile("Observation"), ours) == ()
    assert judge(tree | {"status": "preliminary"}, profile("Observation"), ours) != ()


def _at_finals(*invariants: str) -> Json:
    context = [{"type": "element", "expression": "Observation"}]
    return extension("urn:x:seal", "string") | {"context": context, "contextInvariant": [*invariants]}


@pytest.mark.parametrize(("value", "status", "places"), [
    ("sealed", "final", []),
    ("sealed", "preliminary", ["Observation.extension[0]"]),
    ("open", "final", ["Observation.extension[0]"]),
])
def test_an_invariant_of_its_context_is_asked_of_what_has_an_extension(value: str, status: str, places: list[str]) -> None:
    seal = _at_finals("status = 'final'", "status != 'final' or %extension.value = 'sealed'")
    tree = _observation(status=status, extension=[{"url": "urn:x:seal", "valueString": value}])
    issues = judge(tree, profile("Observation"), seal)
    assert told(issues) == [("base.extension-invariant", place) for place in places]


def test_an_invariant_of_a_context_that_cannot_be_run_stops_the_start_and_names_its_definition() -> None:
    with pytest.raises(DefinitionError, match=r"urn:x:seal: contextInvariant"):
        judge(_observation(), profile("Observation"), _at_finals("status.nothingLikeThis()"))
