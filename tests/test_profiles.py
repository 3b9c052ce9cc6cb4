"""Our profiles refuse no record that the program codes: claiming every one of them changes no verdict."""

import json
from datetime import UTC, date, datetime

import pytest

from adapter.conformance.validation import validate_resource
from adapter.fhir.json import decode_json, encode_json
from adapter.fhir.systems import own_code_system, own_structure
from adapter.flow import Context, code_document
from adapter.issues import Severity, has_errors
from adapter.load import data_folder, load_rule_book
from adapter.settings import load_sites

SAMPLES = data_folder("samples")
BUNDLES = [path for path in sorted(SAMPLES.glob("*.json")) if not path.name.startswith("claim")]
OWN = {
    "Device": "pump-device", "MedicationAdministration": "refill-medication-administration", "Medication": "refill-medication",
    "Observation": "refill-observation", "Encounter": "refill-encounter", "Location": "refill-location", "Coverage": "refill-coverage",
    "ClaimResponse": "refill-claim-response", "Bundle": "refill-bundle", "Procedure": "refill-procedure",
}


def claiming(tree):
    """Claim its profile for every resource that has one; a Procedure that is no act of ours is another service."""
    resources = [tree, *(entry["resource"] for entry in tree.get("entry", ())), *tree.get("contained", ())]
    for resource in resources:
        name = OWN.get(resource["resourceType"])
        if name:
            resource["meta"] = {"profile": [own_structure(name)]}
    return tree


def coded(tree, site):
    now = datetime(2026, 11, 24, tzinfo=UTC)
    (one,) = load_sites(SAMPLES / site).values()
    return code_document(encode_json(tree), Context(load_rule_book(), one, date(2026, 11, 24), now, str))


def verdicts(answer):
    return [(record.status, record.code, record.proposed, [line.code for line in record.lines]) for record in answer.records]


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem)
def test_a_sample_that_claims_every_profile_has_the_verdict_that_it_had(path):
    site = "site-hospital.toml" if "hospital" in path.stem else "site.toml"
    before = coded(decode_json(path.read_bytes()).value, site)
    after = coded(claiming(decode_json(path.read_bytes()).value), site)
    assert verdicts(after) == verdicts(before)
    assert before.records
    added = {issue.rule for issue in after.all_issues} - {issue.rule for issue in before.all_issues}
    assert added <= {"profile.invariant", "profile.code"}


def test_a_profile_that_asks_too_much_would_be_seen():
    tree = claiming(json.loads((SAMPLES / "two-drug-fill.json").read_text()))
    for entry in tree["entry"]:
        if entry["resource"]["resourceType"] == "Procedure":
            entry["resource"]["meta"] = {"profile": [own_structure("refill-bundle")]}
    assert verdicts(coded(tree, "site.toml")) != verdicts(coded(json.loads((SAMPLES / "two-drug-fill.json").read_text()), "site.toml"))


WARNED = [
    ("refill-location", {"resourceType": "Location", "name": "x"}, "rlo-1"),
    ("refill-medication", {"resourceType": "Medication", "batch": {"lotNumber": "1"}}, "rme-1"),
    ("refill-medication", {"resourceType": "Medication", "code": {"coding": [{"system": "urn:s", "code": "a"}]}}, "rme-2"),
    ("refill-coverage", {"resourceType": "Coverage", "status": "active", "beneficiary": {"display": "x"}, "payor": [{"display": "x"}], "subscriberId": "1"}, "rco-2"),
    ("refill-observation", {"resourceType": "Observation", "status": "final", "code": {"coding": [{"system": own_code_system("refill-observation"), "code": "interrogation"}]}}, "rob-1"),
]


@pytest.mark.parametrize(("name", "tree", "key"), WARNED, ids=[key for _, _, key in WARNED])
def test_what_is_missing_is_warned_of_and_no_error(name, tree, key):
    (issue,) = validate_resource(tree, load_rule_book().profiles, own_structure(name))
    assert (issue.severity, issue.rule) == (Severity.WARNING, "profile.invariant")
    assert f"invariant {key}:" in issue.text


def response(**changes):
    return {
        "resourceType": "ClaimResponse", "status": "active", "type": {"text": "x"}, "use": "claim", "patient": {"display": "x"}, "created": "2026-03-02",
        "insurer": {"display": "x"}, "outcome": "complete", "request": {"display": "x"}, **changes,
    }


@pytest.mark.parametrize(("tree", "place", "is_error"), [
    (response(), None, False),
    ({key: value for key, value in response().items() if key != "request"}, "ClaimResponse.request", True),
    ({key: value for key, value in response(use="preauthorization", preAuthRef="1").items() if key != "request"}, None, False),
    (response(use="preauthorization"), "ClaimResponse.preAuthRef", False),
    (response(use="preauthorization", outcome="queued"), None, False),
])
def test_an_answer_names_its_claim_and_an_authorisation_its_number(tree, place, is_error):
    issues = validate_resource(tree, load_rule_book().profiles, own_structure("refill-claim-response"))
    assert [issue.expression for issue in issues] == ([(place,)] if place else [])
    assert has_errors(issues) is is_error
