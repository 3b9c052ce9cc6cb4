"""What a value set holds: counted where it can be, open with a reason where it cannot."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.conformance.base import BaseFacts
from adapter.conformance.expansion import Expansion, expand_value_set, gather_terminology

Json = dict[str, Any]
SNOMED = "http://snomed.info/sct"
V3 = "http://terminology.hl7.org/CodeSystem/v3-"
SYSTEM: Json = {"resourceType": "CodeSystem", "url": "urn:s", "content": "complete", "concept": [
    {"code": "a", "concept": [{"code": "b", "concept": [{"code": "c"}]}, {"code": "d", "property": [{"code": "old", "valueBoolean": True}]}]},
    {"code": "e", "property": [{"code": "child", "valueCode": "c"}, {"code": "kind", "valueCode": "k"}]},
    {"code": "f", "property": [{"code": "parent", "valueCode": "e"}]},
]}
PART: Json = {"resourceType": "CodeSystem", "url": "urn:part", "content": "fragment", "concept": [{"code": "a"}]}
ALL = {"urn:s": frozenset("abcdef")}


def _expand(*include: Json, exclude: tuple[Json, ...] = (), **more: Json) -> Expansion:
    compose = {"include": list(include), **({"exclude": list(exclude)} if exclude else {})}
    sets = {"v": {"compose": compose}, **{name: {"compose": {"include": [part]}} for name, part in more.items()}}
    trees = [{"resourceType": "ValueSet", "url": f"urn:{name}", **told} for name, told in sets.items()]
    return expand_value_set("urn:v|1.0", gather_terminology([SYSTEM, PART, *trees]))


def _filter(name: str, kind: str, value: str, system: str = "urn:s") -> Json:
    return {"system": system, "filter": [{"property": name, "op": kind, "value": value}]}


@pytest.mark.parametrize(("include", "codes"), [
    ({"system": "urn:s"}, "abcdef"),
    ({"system": "urn:s", "concept": [{"code": "a"}, {"code": "z"}]}, "az"),
    (_filter("concept", "is-a", "a"), "abcd"),
    (_filter("concept", "is-a", "e"), "cef"),
    (_filter("concept", "descendent-of", "a"), "bcd"),
    (_filter("code", "is-not-a", "a"), "ef"),
    (_filter("concept", "=", "b"), "b"),
    (_filter("concept", "in", "b,c,z"), "bc"),
    (_filter("concept", "not-in", "a,b"), "cdef"),
    (_filter("kind", "=", "k"), "e"),
    (_filter("kind", "in", "j,k"), "e"),
    (_filter("old", "=", "true"), "d"),
    ({"system": "urn:s", "filter": [_filter("concept", "is-a", "a")["filter"][0], _filter("concept", "is-a", "e")["filter"][0]]}, "c"),
])
def test_an_include_of_a_whole_code_system_is_counted(include: Json, codes: str) -> None:
    assert _expand(include) == Expansion({"urn:s": frozenset(codes)})


@pytest.mark.parametrize(("include", "reason"), [
    ({"system": SNOMED}, "SNOMED CT is not here"),
    (_filter("concept", "is-a", "1", SNOMED), "SNOMED CT is not here"),
    ({"system": "urn:part"}, "urn:part is here only in part"),
    (_filter("colour", "=", "red"), "filter colour = on urn:s cannot be counted"),
    (_filter("concept", "generalizes", "a"), "filter concept generalizes on urn:s cannot be counted"),
    (_filter("canonical", "=", "m", "http://unitsofmeasure.org"), "UCUM is not here"),
])
def test_what_cannot_be_counted_is_open_with_its_reason(include: Json, reason: str) -> None:
    found = _expand(include, {"system": "urn:other", "concept": [{"code": "x"}]})
    assert found == Expansion({"urn:other": frozenset("x")}, open={include["system"]: reason})
    assert (found.holds("urn:other", "x"), found.holds("urn:other", "y"), found.holds(include["system"], "y")) == (True, False, None)
    assert (found.holds_code("x"), found.holds_code("y")) == (True, None)


def test_a_system_with_a_form_instead_of_a_list_says_the_form() -> None:
    assert _expand({"system": "urn:ietf:bcp:47"}) == Expansion(forms={"urn:ietf:bcp:47": "bcp-47"})
    assert expand_value_set("http://www.rfc-editor.org/bcp/bcp13.txt", gather_terminology([])).forms == {"urn:ietf:bcp:13": "bcp-13"}


NESTED: list[tuple[Json, tuple[Json, ...], Expansion]] = [
    ({"valueSet": ["urn:w"]}, (), Expansion(ALL)),
    ({"valueSet": ["urn:w|2", "urn:few"]}, (), Expansion({"urn:s": frozenset("ab")})),
    ({"system": "urn:s", "valueSet": ["urn:few"]}, (), Expansion({"urn:s": frozenset("ab")})),
    ({"system": "urn:s", "valueSet": ["urn:none"]}, (), Expansion(open={"urn:s": "value set urn:none is not here"})),
    ({"system": SNOMED, "valueSet": ["urn:few"]}, (), Expansion()),
    ({"system": SNOMED, "valueSet": ["urn:none"]}, (), Expansion(open={SNOMED: "SNOMED CT is not here"})),
    ({"valueSet": ["urn:none", "urn:few"]}, (), Expansion(open={"urn:s": "value set urn:none is not here"})),
    ({"valueSet": ["urn:v"]}, (), Expansion(open={"*": "value set urn:v includes itself"})),
    ({"system": "urn:s"}, (_filter("concept", "is-a", "a"),), Expansion({"urn:s": frozenset("ef")})),
    ({"system": "urn:s"}, ({"valueSet": ["urn:none"]},), Expansion(open={"urn:s": "value set urn:none is not here"})),
    ({"system": "urn:s"}, ({"system": SNOMED},), Expansion(ALL)),
    ({"system": "urn:ietf:bcp:47"}, ({"system": "urn:ietf:bcp:47", "concept": [{"code": "de"}]},),
     Expansion(open={"urn:ietf:bcp:47": "a part of urn:ietf:bcp:47 is excluded"})),
    ({}, (), Expansion(open={"*": "an include names no system and no value set"})),
]


@pytest.mark.parametrize(("include", "exclude", "expected"), NESTED)
def test_value_sets_are_joined_crossed_and_taken_away(include: Json, exclude: tuple[Json, ...], expected: Expansion) -> None:
    few = {"system": "urn:s", "concept": [{"code": "a"}, {"code": "b"}]}
    assert _expand(include, exclude=exclude, w={"system": "urn:s"}, few=few) == expected


def test_a_whole_expansion_stands_in_for_what_cannot_be_counted_and_a_part_of_one_does_not() -> None:
    listed = {"total": 1, "contains": [{"system": SNOMED, "abstract": True, "code": "0", "contains": [{"system": SNOMED, "code": "1"}]}]}
    tree = {"resourceType": "ValueSet", "url": "urn:v", "compose": {"include": [{"system": SNOMED}]}, "expansion": listed}
    assert expand_value_set("urn:v", gather_terminology([tree])) == Expansion({SNOMED: frozenset("1")})
    partial = tree | {"expansion": listed | {"total": 2}}
    assert not expand_value_set("urn:v", gather_terminology([partial])).is_counted
    assert expand_value_set("urn:v", gather_terminology([{"resourceType": "ValueSet", "url": "urn:v"}])).open


@pytest.mark.parametrize(("include", "expected"), [
    ({"valueSet": ["http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1"]}, {"http://hl7.org/fhir/administrative-gender": {"male", "female", "other", "unknown"}}),
    ({"system": "http://hl7.org/fhir/administrative-gender"}, {"http://hl7.org/fhir/administrative-gender": {"male", "female", "other", "unknown"}}),
    ({"system": f"{V3}ActCode", "filter": [{"property": "concept", "op": "is-a", "value": "EMER"}]}, {f"{V3}ActCode": {"EMER"}}),
    ({"system": f"{V3}ParticipationType", "filter": [{"property": "concept", "op": "descendent-of", "value": "INF"}]}, {}),
])
def test_what_base_r4_has_is_known_where_a_folder_asks_for_it(include: Json, expected: dict[str, set[str]], base_facts: BaseFacts) -> None:
    tree = {"resourceType": "ValueSet", "url": "urn:v", "compose": {"include": [include]}}
    found = expand_value_set("urn:v", gather_terminology([tree], base_facts))
    assert found.is_counted
    assert {system: set(codes) for system, codes in found.codes.items() if codes} == expected


def test_a_code_system_at_hand_wins_over_the_one_of_base_r4(base_facts: BaseFacts) -> None:
    system = "http://hl7.org/fhir/administrative-gender"
    own = {"resourceType": "CodeSystem", "url": system, "content": "complete", "concept": [{"code": "x"}]}
    tree = {"resourceType": "ValueSet", "url": "urn:v", "compose": {"include": [{"system": system}]}}
    assert expand_value_set("urn:v", gather_terminology([tree, own], base_facts)) == Expansion({system: frozenset("x")})


def test_r4_expanded_from_its_code_systems_is_what_was_counted_from_the_package(base_facts: BaseFacts) -> None:
    inner = base_facts.code_system(f"{V3}ObservationInterpretation")
    assert inner is not None
    tree = {"resourceType": "ValueSet", "url": "urn:v", "compose": {"include": [{"system": inner["url"]}]}}
    counted = base_facts.value_set("http://hl7.org/fhir/ValueSet/observation-interpretation")
    assert counted is not None
    found = expand_value_set("urn:v", gather_terminology([tree], base_facts))
    assert counted.codes[inner["url"]] <= found.codes[inner["url"]]
    assert base_facts.code_system("http://snomed.info/sct") is None


def test_a_code_that_is_not_written_as_its_system_asks_is_in_no_value_set_of_it() -> None:
    tags = Expansion(forms={"urn:ietf:bcp:47": "bcp-47"})
    assert [tags.holds("urn:ietf:bcp:47", code) for code in ("en-US", "no tag")] == [None, False]
    assert [tags.holds_code(code) for code in ("en-US", "no tag")] == [None, False]
    assert Expansion(forms=tags.forms, open={"*": "more"}).holds_code("no tag") is None
