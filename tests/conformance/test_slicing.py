"""Slices by every kind of discriminator, counted, closed and ordered; an entry that fits none learns why."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.conformance.base import DefinitionError
from tests.conformance.made import extension, judge, profile, told

Json = dict[str, Any]

LOINC = "http://loinc.org"


def _observation(*codes: str, **more: Any) -> Json:
    components = [{"code": {"coding": [{"system": LOINC, "code": code}]}, "valueString": "x"} for code in codes]
    tree = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "component": components} | more
    return {key: value for key, value in tree.items() if value}


def _sliced(rules: str = "open", ordered: bool = False, kind: str = "pattern", **slices: Json) -> Json:
    path = "Observation.component"
    slicing = {"discriminator": [{"type": kind, "path": "code"}], "rules": rules, "ordered": ordered}
    elements: list[Json] = [{"id": path, "path": path, "slicing": slicing}]
    for name, told_of in slices.items():
        pattern = {"coding": [{"system": LOINC, "code": name}]}
        elements.append({"id": f"{path}:{name}", "path": path, "sliceName": name} | told_of)
        elements.append({"id": f"{path}:{name}.code", "path": f"{path}.code", "patternCodeableConcept": pattern})
    return profile("Observation", *elements)


@pytest.mark.parametrize(("definition", "codes", "found"), [
    (_sliced(a={"min": 1}), ["a", "x"], []),
    (_sliced(a={"min": 1}), ["x"], [("profile.slice-missing", "Observation.component")]),
    (_sliced(a={"min": 1}), [], [("profile.slice-missing", "Observation.component")]),
    (_sliced(a={"max": "1"}), ["a", "x", "a"], [("profile.slice-too-many", "Observation.component[2]")]),
    (_sliced(a={"min": 2}), ["a"], [("profile.slice-missing", "Observation.component")]),
    (_sliced(a={"max": "0"}), ["a"], [("profile.slice-too-many", "Observation.component[0]")]),
    (_sliced("closed", a={}), ["a", "x"], [("profile.slice-closed", "Observation.component[1]")]),
    (_sliced("openAtEnd", a={}), ["x", "a", "x"], [("profile.slice-order", "Observation.component[0]")]),
    (_sliced("openAtEnd", a={}), ["a", "x"], []),
    (_sliced(ordered=True, a={}, b={}), ["b", "a"], [("profile.slice-order", "Observation.component[1]")]),
    (_sliced(ordered=True, a={}, b={}), ["a", "x", "b"], []),
    (_sliced(kind="value", a={"min": 1}), ["a"], []),
    (_sliced(kind="value", a={"min": 1}), ["x"], [("profile.slice-missing", "Observation.component")]),
])
def test_slices_are_told_apart_counted_closed_and_ordered(definition: Json, codes: list[str], found: list[tuple[str, str]]) -> None:
    assert told(judge(_observation(*codes), definition)) == found


def test_what_a_slice_asks_is_asked_of_its_entries_alone() -> None:
    definition = _sliced(a={})
    value = {"id": "Observation.component:a.value[x]", "path": "Observation.component.value[x]", "min": 1, "type": [{"code": "Quantity"}]}
    definition["differential"]["element"].append(value)
    assert told(judge(_observation("x", "a"), definition)) == [("profile.not-allowed", "Observation.component[1].value")]
    tree = _observation("a")
    tree["component"][0] = {"code": tree["component"][0]["code"], "valueQuantity": {"value": 1}}
    assert told(judge(tree, definition)) == []


def test_a_sliced_element_that_is_required_and_absent_is_told_once() -> None:
    definition = _sliced(a={"min": 1})
    next(each for each in definition["differential"]["element"] if each["path"] == "Observation.component")["min"] = 1
    tree = _observation("a")
    del tree["component"]
    assert told(judge(tree, definition)) == [("profile.required", "Observation.component")]


def test_a_binding_of_a_slice_is_asked_of_its_entries() -> None:
    definition = _sliced(a={})
    slicing = {"id": "Observation.category", "path": "Observation.category",
               "slicing": {"discriminator": [{"type": "value", "path": "coding.system"}], "rules": "open"}}
    piece = {"id": "Observation.category:own", "path": "Observation.category", "sliceName": "own", "max": "1",
             "binding": {"strength": "required", "valueSet": "urn:vs"}}
    system = {"id": "Observation.category:own.coding.system", "path": "Observation.category.coding.system", "fixedUri": "urn:cs"}
    definition["differential"]["element"] = [slicing, piece, system]
    tree = _observation("a") | {"category": [{"coding": [{"system": "urn:cs", "code": "z"}]}]}
    assert told(judge(tree, definition)) == [("base.unknown-code", "Observation.category[0].coding[0].code")]
    tree["category"][0]["coding"][0]["code"] = "a"
    assert told(judge(tree, definition)) == []


def test_an_entry_that_fits_no_slice_learns_the_nearest_and_the_fact_that_failed() -> None:
    (issue,) = judge(_observation("x"), _sliced("closed", a={}))
    assert "nearest, a, asks that code is system http://loinc.org and code a" in issue.text
    (issue,) = judge(_observation("x"), _sliced(a={"min": 1}))
    assert "the nearest one fails in this" in issue.text


def _by(kind: str, path: str, *elements: Json, element: str = "Observation.component", name: str = "s") -> Json:
    slicing = {"discriminator": [{"type": kind, "path": path}], "rules": "closed"}
    root = {"id": element, "path": element, "slicing": slicing}
    inner = [{"id": f"{element}:{name}{one.pop('at')}", **one} for one in ({**each} for each in elements)]
    return profile("Observation", root, {"id": f"{element}:{name}", "path": element, "sliceName": name}, *inner)


@pytest.mark.parametrize(("definition", "good", "bad"), [
    (_by("exists", "interpretation", {"at": ".interpretation", "path": "Observation.component.interpretation", "min": 1}),
     {"interpretation": [{"text": "high"}]}, {}),
    (_by("exists", "interpretation", {"at": ".interpretation", "path": "Observation.component.interpretation", "max": "0"}),
     {}, {"interpretation": [{"text": "high"}]}),
    (_by("type", "value", {"at": ".value[x]", "path": "Observation.component.value[x]", "type": [{"code": "Quantity"}]}),
     {"valueQuantity": {"value": 1}}, {"valueString": "x"}),
    (_by("value", "code.coding.code", {"at": ".code", "path": "Observation.component.code"},
         {"at": ".code.coding", "path": "Observation.component.code.coding"},
         {"at": ".code.coding.code", "path": "Observation.component.code.coding.code", "fixedCode": "a"}),
     {"code": {"coding": [{"code": "a"}, {"code": "a", "display": "A"}]}}, {"code": {"coding": [{"code": "b"}]}}),
    (_by("value", "code", {"at": ".code", "path": "Observation.component.code", "binding": {"strength": "required", "valueSet": "urn:vs"}}),
     {"code": {"coding": [{"system": "urn:cs", "code": "b"}]}}, {"code": {"coding": [{"system": "urn:cs", "code": "z"}]}}),
])
def test_each_kind_of_discriminator_tells_its_slice(definition: Json, good: Json, bad: Json) -> None:
    component = {"code": {"text": "x"}}
    assert told(judge(_observation(component=[component | good]), definition)) == []
    rules = {rule for rule, _ in told(judge(_observation(component=[component | bad]), definition))}
    assert "profile.slice-closed" in rules


@pytest.mark.long
def test_an_extension_is_a_slice_by_its_url_and_held_to_its_own_definition() -> None:
    url = "urn:extension"
    element = {"id": "Patient.extension:mine", "path": "Patient.extension", "sliceName": "mine", "min": 1, "max": "1",
               "type": [{"code": "Extension", "profile": [url]}]}
    definitions = profile("Patient", element), extension(url, "string")
    patient = {"resourceType": "Patient", "extension": [{"url": url, "valueString": "x"}]}
    assert told(judge(patient, *definitions)) == []
    patient["extension"] = [{"url": "urn:other", "valueString": "x"}]
    assert told(judge(patient, *definitions)) == [("profile.slice-missing", "Patient.extension")]
    patient["extension"] = [{"url": url, "valueString": "x"}] * 2
    assert told(judge(patient, *definitions)) == [("profile.slice-too-many", "Patient.extension[1]")]
    patient["extension"] = [{"url": url, "valueCode": "x"}]
    assert {place for _, place in told(judge(patient, *definitions))} == {"Patient.extension[0].value"}


@pytest.mark.parametrize(("entry", "found"), [("Patient", []), ("Device", ["profile.slice-missing"])])
def test_entries_of_a_bundle_are_slices_by_the_type_of_their_resource(entry: str, found: list[str]) -> None:
    path = "Bundle.entry"
    slicing = {"discriminator": [{"type": "type", "path": "resource"}], "rules": "open"}
    definition = profile(
        "Bundle", {"id": path, "path": path, "slicing": slicing}, {"id": f"{path}:p", "path": path, "sliceName": "p", "min": 1},
        {"id": f"{path}:p.resource", "path": f"{path}.resource", "min": 1, "type": [{"code": "Patient"}]},
    )
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "urn:x", "resource": {"resourceType": entry}}]}
    assert [issue.rule for issue in judge(bundle, definition)] == found


def test_a_slice_may_be_sliced_again() -> None:
    definition = _sliced(a={})
    definition["differential"]["element"] += [
        {"id": "Observation.component:a/b", "path": "Observation.component", "sliceName": "a/b", "min": 1},
        {"id": "Observation.component:a/b.code", "path": "Observation.component.code", "patternCodeableConcept": {"text": "b"}},
    ]
    tree = _observation("a")
    assert told(judge(tree, definition)) == [("profile.slice-missing", "Observation.component")]
    tree["component"][0]["code"]["text"] = "b"
    assert told(judge(tree, definition)) == []


def _members(discriminator: Json, kind: Json) -> Json:
    path = "Observation.hasMember"
    return profile(
        "Observation", {"id": path, "path": path, "slicing": {"discriminator": [discriminator], "rules": "open"}},
        {"id": f"{path}:s", "path": path, "sliceName": "s", "min": 1, "type": [{"code": "Reference", **kind}]},
    )


@pytest.mark.parametrize(("target", "found"), [("Observation", []), ("QuestionnaireResponse", ["profile.slice-missing"])])
def test_references_are_slices_by_the_base_type_that_they_lead_to(target: str, found: list[str]) -> None:
    kind = {"targetProfile": ["http://hl7.org/fhir/StructureDefinition/Observation"]}
    inner = {"resourceType": target, "id": "i", "status": "completed" if target == "QuestionnaireResponse" else "final"}
    inner |= {"code": {"text": "x"}} if target == "Observation" else {}
    tree = _observation(contained=[inner], hasMember=[{"reference": "#i"}])
    definition = _members({"type": "type", "path": "resolve()"}, kind)
    assert [issue.rule for issue in judge(tree, definition)] == found


def test_a_slice_that_nothing_tells_apart_is_said_to_be_unchecked() -> None:
    (issue,) = judge(_observation(hasMember=[{"reference": "urn:x"}]), _members({"type": "value", "path": "display"}, {}))
    assert (issue.rule, issue.is_error) == ("profile.not-checked", False)


def test_a_discriminator_path_that_cannot_be_read_stops_the_start() -> None:
    with pytest.raises(DefinitionError, match="discriminator path"):
        judge(_observation("a"), _members({"type": "value", "path": "(x)"}, {}))


@pytest.mark.parametrize(("url", "found"), [("urn:absent", []), ("urn:other", ["profile.slice-missing"])])
def test_an_extension_whose_definition_is_not_here_is_still_known_by_its_url(url: str, found: list[str]) -> None:
    element = {"id": "Patient.extension:it", "path": "Patient.extension", "sliceName": "it", "min": 1,
               "type": [{"code": "Extension", "profile": ["urn:absent|1.0"]}]}
    patient = {"resourceType": "Patient", "extension": [{"url": url, "valueString": "x"}]}
    assert [issue.rule for issue in judge(patient, profile("Patient", element))] == found
