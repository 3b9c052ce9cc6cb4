"""Where references of a profile lead, and what the values of its types must themselves conform to."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.conformance.base import BASE_URL
from adapter.conformance.target import type_of_reference
from tests.conformance.made import judge, profile, told

Json = dict[str, Any]

MALE = profile("Patient", {"id": "Patient.gender", "path": "Patient.gender", "min": 1, "fixedCode": "male"}, url="urn:male")
SUBJECT = {"id": "Observation.subject", "path": "Observation.subject", "type": [
    {"code": "Reference", "targetProfile": [BASE_URL + "Group", "urn:male"]},
]}


def _bundle(subject: Json, patient: Json | None = None) -> Json:
    observation = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "subject": subject,
                   "meta": {"profile": ["urn:observation"]}}
    entries = [{"fullUrl": "https://ehr.example/fhir/Observation/1", "resource": observation}]
    if patient is not None:
        entries.append({"fullUrl": "https://ehr.example/fhir/Patient/1", "resource": {"resourceType": "Patient", "id": "1"} | patient})
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


ANY_BUNDLE = profile("Bundle", url="urn:bundle")
OBSERVATION = profile("Observation", SUBJECT, url="urn:observation")


@pytest.mark.parametrize(("subject", "patient", "found"), [
    ({"reference": "Patient/1"}, {"gender": "male"}, []),
    ({"reference": "https://ehr.example/fhir/Patient/1"}, {"gender": "male"}, []),
    ({"reference": "Patient/1"}, {"gender": "female"}, [("profile.value", "Bundle.entry[1].resource.gender")]),
    ({"reference": "Patient/1"}, {}, [("profile.required", "Bundle.entry[1].resource.gender")]),
    ({"reference": "Patient/2"}, None, []),
    ({"reference": "Group/2"}, None, []),
    ({"reference": "https://other.example/Device/2"}, None, [("profile.target", "Bundle.entry[0].resource.subject")]),
    ({"reference": "urn:uuid:1", "type": "Location"}, None, [("profile.target", "Bundle.entry[0].resource.subject")]),
    ({"display": "somebody"}, None, []),
])
def test_a_reference_is_judged_by_what_it_leads_to_else_by_the_type_it_shows(
    subject: Json, patient: Json | None, found: list[tuple[str, str]]
) -> None:
    assert told(judge(_bundle(subject, patient), ANY_BUNDLE, OBSERVATION, MALE)) == found


def test_a_contained_target_is_found_in_its_own_container() -> None:
    tree = _bundle({"reference": "#p"})
    tree["entry"][0]["resource"]["contained"] = [{"resourceType": "Patient", "id": "p", "gender": "female"}]
    found = told(judge(tree, ANY_BUNDLE, OBSERVATION, MALE))
    assert found == [("profile.value", "Bundle.entry[0].resource.contained[0].gender")]


def test_a_value_must_conform_to_one_of_the_profiles_of_its_type() -> None:
    dollars = profile("Money", {"id": "Money.currency", "path": "Money.currency", "min": 1, "fixedCode": "USD"}, url="urn:usd")
    total = {"id": "Claim.item.net", "path": "Claim.item.net", "type": [{"code": "Money", "profile": ["urn:usd"]}]}
    definition = profile("ExplanationOfBenefit", total | {"id": "ExplanationOfBenefit.item.net", "path": "ExplanationOfBenefit.item.net"})
    tree = {"resourceType": "ExplanationOfBenefit", "item": [{"sequence": 1, "net": {"value": 1, "currency": "EUR"}}]}
    places = [place for rule, place in told(judge(tree, definition, dollars)) if rule == "profile.value"]
    assert places == ["ExplanationOfBenefit.item[0].net.currency"]


def test_two_resources_that_refer_to_each_other_end() -> None:
    mother = profile("Patient", {"id": "Patient.link.other", "path": "Patient.link.other", "type": [
        {"code": "Reference", "targetProfile": ["urn:mother"]}]}, url="urn:mother")
    pair = [{"fullUrl": f"urn:x:{one}", "resource": {
        "resourceType": "Patient", "meta": {"profile": ["urn:mother"]},
        "link": [{"type": "seealso", "other": {"reference": f"urn:x:{other}"}}]}} for one, other in ("ab", "ba")]
    assert told(judge({"resourceType": "Bundle", "type": "collection", "entry": pair}, ANY_BUNDLE, mother)) == []


@pytest.mark.parametrize(("reference", "kind"), [
    ({"reference": "Patient/1"}, "Patient"), ({"reference": "urn:uuid:1"}, None), ({"type": "Group"}, "Group"),
    ({"reference": "https://x.example/a/Patient/1"}, "Patient"), ({"reference": "#a"}, None), ({}, None),
])
def test_a_reference_shows_its_type_or_does_not(reference: Json, kind: str | None) -> None:
    assert type_of_reference(reference) == kind
