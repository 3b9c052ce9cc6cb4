"""The answer to a Claim is a ClaimResponse that our own validator takes, for that Claim and no other."""

import json
from datetime import UTC, datetime

import pytest

from adapter.fhir.json import decode_json, encode_json
from adapter.fhir.receipt import read_received
from adapter.flow import validate_document
from adapter.issues import has_errors
from adapter.load import load_rule_book
from adapter.payer.response import write_response
from tests.samples import SAMPLES

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DIGEST = "ab" * 32


def bundle(**changes):
    tree = decode_json((SAMPLES / "claim-to-restore.json").read_bytes()).value
    for name, value in changes.items():
        if value is None:
            tree["entry"][0]["resource"].pop(name)
        else:
            tree["entry"][0]["resource"][name] = value
    return tree


def answered(tree, answer="accept"):
    received = read_received(tree, DIGEST)
    assert received.value is not None, received.issues
    return write_response(received.value, answer, NOW)


def rules(tree):
    outcome = read_received(tree, DIGEST)
    assert outcome.value is None
    return [(issue.rule, issue.expression) for issue in outcome.issues]


@pytest.mark.parametrize("answer", ["accept", "reject", "slow", "lie"])
def test_every_answer_is_valid(answer):
    issues = validate_document(encode_json(answered(bundle(), answer)), load_rule_book())
    assert not has_errors(issues), issues


@pytest.mark.parametrize(("answer", "outcome"), [("accept", "complete"), ("slow", "complete"), ("reject", "error")])
def test_an_answer_is_for_the_claim_that_was_sent(answer, outcome):
    tree = bundle()
    claim, response = tree["entry"][0]["resource"], answered(tree, answer)
    assert response["outcome"] == outcome
    assert ("error" in response) is (outcome == "error")
    assert response["request"] == {"reference": tree["entry"][0]["fullUrl"], "identifier": claim["identifier"][0]}
    assert [response[name] for name in ("patient", "insurer", "type", "use")] == [claim[name] for name in ("patient", "insurer", "type", "use")]
    assert (response["created"], response["id"]) == ("2026-11-24T12:00:00+00:00", DIGEST)


def test_a_lie_names_a_claim_that_nobody_sent():
    told, lie = answered(bundle())["request"], answered(bundle(), "lie")
    assert lie["outcome"] == "complete"
    assert lie["request"]["reference"] != told["reference"]
    assert lie["request"]["identifier"]["value"] != told["identifier"]["value"]
    assert lie["request"]["identifier"]["system"] == told["identifier"]["system"]


def test_a_claim_alone_is_named_by_its_id_and_what_it_contains_of_the_parties_travels_along():
    claim = bundle(id="c1", identifier=None, patient={"reference": "#p"})["entry"][0]["resource"]
    claim["contained"] = [
        {"resourceType": "Organization", "id": "o", "name": "Example Clinic"},
        {"resourceType": "Patient", "id": "p", "managingOrganization": {"reference": "#o"}},
        {"resourceType": "Location", "id": "l"},
    ]
    response = answered(claim)
    assert response["request"] == {"reference": "Claim/c1"}
    assert [each["id"] for each in response["contained"]] == ["o", "p"]
    assert not has_errors(validate_document(encode_json(response), load_rule_book()))


def test_what_cannot_be_answered_is_said_and_nothing_is_made_up():
    unnamed = bundle(identifier=None)
    del unnamed["entry"][0]["fullUrl"]
    assert rules(unnamed) == [("payer.claim-unnamed", ("Bundle.entry[0].resource.identifier",))]
    assert rules(bundle(insurer=None)) == [("payer.insurer-missing", ("Bundle.entry[0].resource.insurer",))]


@pytest.mark.parametrize("entries", [[], [0, 0], [1]], ids=["none", "two", "another"])
def test_another_number_of_claims_than_one_is_refused(entries):
    tree = bundle()
    tree["entry"] = [tree["entry"][at] for at in entries]
    assert rules(json.loads(json.dumps(tree, default=str))) == [("claim.one", ("Resource",))]


def test_another_resource_is_no_claim():
    assert rules({"resourceType": "Patient"}) == [("claim.one", ("Resource",))]
