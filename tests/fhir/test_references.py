"""A Reference leads to one resource and its FHIRPath, or to a plain word why not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from adapter.fhir.references import ReferenceIndex

BASE = "https://ehr.example/fhir"


def entry(name: str, identity: str, full_url: str | None = None, **more: Any) -> dict[str, Any]:
    resource = {"resourceType": name, "id": identity, **more}
    return {"fullUrl": full_url, "resource": resource} if full_url else {"resource": resource}


def bundle(*entries: dict[str, Any]) -> ReferenceIndex:
    return ReferenceIndex({"resourceType": "Bundle", "type": "collection", "entry": list(entries)})


def place(index: ReferenceIndex, literal: str, from_path: str = "Bundle.entry[0].resource.subject") -> str | None:
    found = index.resolve({"reference": literal}, from_path)
    return found[1] if found else None


MIXED = bundle(
    entry("Procedure", "1", f"{BASE}/Procedure/1", contained=[{"resourceType": "Device", "id": "pump"}]),
    entry("Patient", "2", f"{BASE}/Patient/2", meta={"versionId": "3"},
          identifier=[{"system": "https://ehr.example/mrn", "value": "M1"}]),
    entry("Patient", "2", "https://other.example/fhir/Patient/2"),
    entry("Device", "4", "urn:uuid:0B7A1A52-9B1F-4C12-8C35-5D3F3C9B1F10"),
    entry("Practitioner", "5", identifier=[{"system": "urn:oid:2.16.840.1.113883.4.6", "value": "1993999907"}]),
    {"search": {"mode": "outcome"}},
)


@pytest.mark.parametrize(("literal", "expected"), [
    ("Patient/2", 1),
    (f"{BASE}/Patient/2", 1),
    ("https://other.example/fhir/Patient/2", 2),
    ("Patient/2/_history/3", 1),
    ("Patient/2/_history/4", None),
    ("urn:uuid:0b7a1a52-9b1f-4c12-8c35-5d3f3c9b1f10", 3),
    ("Device/4", 3),
    ("Practitioner/5", 4),
    ("https://else.example/Practitioner/5", 4),
    ("https://else.example/Device/4", None),
    ("Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1993999907", 4),
    ("Practitioner?identifier=http%3A%2F%2Fhl7.org%2Ffhir%2Fsid%2Fus-npi%7C1993999907", 4),
    ("Practitioner?identifier=1993999907", 4),
    ("Patient?identifier=http://hl7.org/fhir/sid/us-npi|1993999907", None),
    ("Practitioner?name=x", None),
    ("Patient/9", None),
    ("", None),
    ("not a reference", None),
])
def test_each_way_to_refer_leads_to_the_one_entry_it_names(literal: str, expected: int | None) -> None:
    assert place(MIXED, literal) == (None if expected is None else f"Bundle.entry[{expected}].resource")


def test_a_relative_reference_is_read_against_the_server_of_the_entry_it_stands_in() -> None:
    assert place(MIXED, "Patient/2", "Bundle.entry[2].resource.link[0].other") == "Bundle.entry[2].resource"


def test_a_relative_reference_that_two_servers_answer_is_ambiguous_and_says_so() -> None:
    asked = {"reference": "Patient/2"}, "Bundle.entry[3].resource.patient"
    assert MIXED.resolve(*asked) is None
    issue = MIXED.problem(*asked)
    assert issue is not None
    assert (issue.rule, issue.code, issue.expression) == (
        "reference.ambiguous", "multiple-matches", ("Bundle.entry[3].resource.patient",))


def test_contained_resources_are_seen_only_from_their_container() -> None:
    assert place(MIXED, "#pump", "Bundle.entry[0].resource.focalDevice[0].manipulated") == (
        "Bundle.entry[0].resource.contained[0]")
    assert place(MIXED, "#pump", "Bundle.entry[1].resource.link") is None
    assert place(MIXED, "#", "Bundle.entry[0].resource.contained[0].patient") == "Bundle.entry[0].resource"


def test_a_single_resource_resolves_what_it_contains_and_itself() -> None:
    patient = {"resourceType": "Patient", "id": "a"}
    index = ReferenceIndex({"resourceType": "Procedure", "id": "p", "contained": [patient]})
    assert place(index, "#a", "Procedure.subject") == "Procedure.contained[0]"
    assert place(index, "#", "Procedure.contained[0].link") == "Procedure"
    assert place(index, "Procedure/p", "Procedure.partOf[0]") == "Procedure"


def test_a_logical_identifier_resolves_also_where_the_literal_leads_out_of_the_bundle() -> None:
    logical = {"identifier": {"system": "https://ehr.example/mrn", "value": "M1"}}
    elsewhere = {**logical, "reference": "https://else.example/Patient/77"}
    for reference in (logical, elsewhere, {**logical, "type": "Patient"}):
        found = MIXED.resolve(reference, "Bundle.entry[0].resource.subject")
        assert found is not None
        assert found[1] == "Bundle.entry[1].resource"
    assert MIXED.resolve({**logical, "type": "Device"}, "Bundle.entry[0].resource.subject") is None


def test_the_same_resource_sent_twice_is_no_ambiguity_but_two_different_ones_are() -> None:
    same = bundle(entry("Patient", "1", "urn:uuid:1"), entry("Patient", "1", "urn:uuid:1"))
    assert place(same, "urn:uuid:1") == "Bundle.entry[0].resource"
    other = bundle(entry("Patient", "1", "urn:uuid:1"), entry("Patient", "1", "urn:uuid:1", active=True))
    assert place(other, "urn:uuid:1") is None


def test_all_resources_of_a_type_are_listed_with_the_contained_ones() -> None:
    assert [path for _, path in MIXED.of_type("Device")] == [
        "Bundle.entry[0].resource.contained[0]", "Bundle.entry[3].resource"]


def test_a_missing_resource_is_an_issue_that_does_not_repeat_the_reference() -> None:
    issue = MIXED.problem({"reference": "Patient/secret-name"}, "Bundle.entry[0].resource.subject")
    assert issue is not None
    assert issue.rule == "reference.not-found"
    assert "secret" not in issue.text
    assert MIXED.problem({"reference": f"{BASE}/Patient/2"}, "Bundle.entry[0].resource.subject") is None


IDS = st.sampled_from(["1", "2", "#1"])
TYPES = st.sampled_from(["Patient", "Device"])
LITERALS = st.sampled_from(["", "#", "#1", "urn:uuid:1", "URN:UUID:1", "Patient/1", "Device/1/_history/2", f"{BASE}/Patient/1", "Patient?identifier=s|v", "?"])
IDENTIFIERS = st.fixed_dictionaries({}, optional={"system": st.just("s"), "value": st.just("v")})
RESOURCES = st.fixed_dictionaries({}, optional={
    "resourceType": TYPES, "id": IDS, "identifier": st.lists(IDENTIFIERS, max_size=2) | IDENTIFIERS, "meta": st.sampled_from([{}, {"versionId": "2"}]),
    "contained": st.lists(st.fixed_dictionaries({}, optional={"resourceType": TYPES, "id": IDS}), max_size=2)})
ENTRIES = st.lists(st.fixed_dictionaries({}, optional={"fullUrl": LITERALS, "resource": RESOURCES}), max_size=4)
REFERENCES = st.fixed_dictionaries({}, optional={"reference": LITERALS, "type": TYPES, "identifier": IDENTIFIERS})
PLACES = st.sampled_from(["", "Bundle", "Bundle.entry[0].resource.subject", "Bundle.entry[9].resource"])


@given(ENTRIES, REFERENCES, PLACES)
def test_a_reference_is_resolved_or_says_why_not_whatever_is_left_out(entries: Any, reference: Any, from_path: str) -> None:
    index = ReferenceIndex({"resourceType": "Bundle", "entry": entries})
    found = index.resolve(reference, from_path)
    assert (found is None) == (index.problem(reference, from_path) is not None)


@given(st.lists(st.tuples(st.sampled_from(["Patient", "Device"]), st.integers(0, 5)), max_size=12))
def test_whatever_resolves_is_the_resource_at_the_path_that_is_given(kinds: list[tuple[str, int]]) -> None:
    entries = [entry(name, str(number), f"{BASE}/{name}/{number}") for name, number in kinds]
    index = bundle(*entries)
    for name, number in kinds:
        found = index.resolve({"reference": f"{name}/{number}"}, "Bundle.entry[0].resource")
        assert found is not None
        position = int(found[1].removeprefix("Bundle.entry[").removesuffix("].resource"))
        assert entries[position]["resource"] is found[0]
        assert (found[0]["resourceType"], found[0]["id"]) == (name, str(number))
