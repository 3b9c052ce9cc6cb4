"""Each operation answers with what it made, or with all that is in the way."""

import json
from uuid import NAMESPACE_URL, uuid5

import pytest

from adapter.load import load_rule_book
from adapter.web import Service, create_app
from tests.samples import SAMPLES, refill_bytes
from tests.web.exchange import CODE, RESTORE, outcome, post, refill, rules, types


def two_refills():
    """Give one Bundle with the refills of two days; the later one is last."""
    tree = refill()
    again = [one for one in tree["entry"] if one["resource"]["resourceType"] in ("Encounter", "MedicationAdministration", "Procedure")]
    text = json.dumps(again).replace("2026-09-14T", "2026-09-28T")
    for identity in [one["resource"]["id"] for one in again]:
        text = text.replace(identity, str(uuid5(NAMESPACE_URL, identity)))
    later = json.loads(text)
    for one in later:
        one["resource"].pop("identifier", None)
    return {**tree, "entry": [*tree["entry"], *later]}


@pytest.mark.parametrize("path", [CODE, CODE + "/"])
def test_a_refill_becomes_a_claim_bundle(client, path):
    response = post(client, path, refill_bytes())
    assert response.status_code == 200
    assert response.content_type == "application/fhir+json; charset=utf-8"
    assert types(response)[0] == "Claim"
    assert b"190.00" in response.data


def test_the_same_refill_gives_the_same_bytes(client):
    assert post(client, CODE, refill_bytes()).data == post(client, CODE, refill_bytes()).data


def test_warnings_stand_in_an_outcome_that_is_last(client):
    tree = refill()
    tree["entry"] = [entry for entry in tree["entry"] if entry["resource"]["resourceType"] != "Consent"]
    response = post(client, CODE, json.dumps(tree))
    assert response.status_code == 200
    assert types(response)[0] == "Claim"
    assert types(response)[-1] == "OperationOutcome"


def test_a_held_refill_is_a_422_outcome(client):
    response = post(client, CODE, json.dumps(refill(status="in-progress")))
    assert response.status_code == 422
    assert any(issue["severity"] == "error" for issue in outcome(response)["issue"])


def test_nothing_to_bill_is_a_200_bundle_of_an_outcome(client):
    response = post(client, CODE, json.dumps(refill(status="not-done")))
    assert response.status_code == 200
    assert types(response) == ["OperationOutcome"]
    assert b"act.not-done" in response.data


def test_several_claims_are_an_entry_each(client):
    response = post(client, CODE, json.dumps(two_refills()))
    assert response.status_code == 200
    assert types(response)[:2] == ["Bundle", "Bundle"]


def test_a_held_record_beside_a_coded_one_is_told_in_the_outcome(client):
    tree = two_refills()
    procedures = [one["resource"] for one in tree["entry"] if one["resource"]["resourceType"] == "Procedure"]
    procedures[-1]["status"] = "in-progress"
    response = post(client, CODE, json.dumps(tree))
    assert response.status_code == 200
    assert (types(response)[0], types(response)[-1]) == ("Claim", "OperationOutcome")
    told = json.loads(response.data)["entry"][-1]["resource"]["issue"]
    assert "error" in [issue["severity"] for issue in told]


def test_a_bundle_without_a_refill_is_a_422(client):
    assert post(client, CODE, b'{"resourceType": "Bundle", "type": "collection"}').status_code == 422


@pytest.mark.parametrize("path", [CODE, RESTORE, "/fhir/Patient/$validate"])
@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b'{"a": 1, "a": 2}', b'{"a": NaN}', b"[" * 100_000, b'{"a": 1e400}'])
def test_a_body_that_cannot_be_parsed_is_a_400_with_its_place(client, path, data):
    response = post(client, path, data)
    assert response.status_code == 400
    assert all(rule.startswith("json.") for rule in rules(response))


@pytest.mark.parametrize("path", [CODE, RESTORE, "/fhir/Claim/$validate"])
def test_the_text_of_an_837_that_says_it_is_json_is_a_400_that_names_it(client, path):
    response = post(client, path, (SAMPLES / "claim-to-restore.x12").read_bytes())
    assert (response.status_code, rules(response)) == (400, ["document.x12"])


def test_a_claim_becomes_a_clinical_bundle(client):
    response = post(client, RESTORE, post(client, CODE, refill_bytes()).data)
    assert response.status_code == 200
    assert {"Procedure", "Patient", "Coverage", "Provenance"} <= set(types(response))
    assert b"intra-arterial" not in response.data


def test_a_claim_that_was_made_and_kept_here_gives_its_document_back(keeping_client):
    claim = post(keeping_client, CODE, refill_bytes()).data
    response = post(keeping_client, RESTORE, claim)
    assert response.status_code == 200
    assert response.data == refill_bytes()


def test_a_claim_of_a_single_procedure_gives_a_bundle_of_it_back(keeping_client):
    data = (SAMPLES / "single-procedure-contained.json").read_bytes()
    response = post(keeping_client, RESTORE, post(keeping_client, CODE, data).data)
    assert (response.status_code, types(response)) == (200, ["Procedure"])
    assert json.loads(response.data)["entry"][0]["resource"] == json.loads(data)


def test_a_kept_claim_that_bills_something_else_since_is_restored_from_what_was_sent_and_it_is_said(keeping_client):
    claim = post(keeping_client, CODE, refill_bytes()).data
    changed = post(keeping_client, RESTORE, claim.replace(b'"1949-04-11"', b'"1949-04-12"'))
    assert b"1949-04-12" in changed.data
    assert b"1949-04-11" not in changed.data
    assert types(changed)[-1] == "OperationOutcome"
    assert b"claim.kept-differs" in changed.data
    bundle = json.loads(claim)
    bundle["entry"][0]["resource"]["created"] = "2020-01-01"
    assert post(keeping_client, RESTORE, json.dumps(bundle)).data == refill_bytes()  # the same is billed


def test_what_is_no_claim_is_a_422_outcome(client):
    response = post(client, RESTORE, b'{"resourceType": "Patient"}')
    assert response.status_code == 422
    assert outcome(response)


def test_a_valid_resource_is_a_200_that_says_so(client):
    response = post(client, "/fhir/Bundle/$validate", refill_bytes())
    assert (response.status_code, rules(response)) == (200, ["outcome.all-ok"])


def test_an_invalid_resource_is_a_200_that_says_where(client):
    response = post(client, "/fhir/Patient/$validate", b'{"resourceType": "Patient", "gender": "none"}')
    assert response.status_code == 200
    assert outcome(response)["issue"][0]["expression"] == ["Patient.gender"]


def test_a_resource_in_parameters_is_validated_like_a_bare_one(client):
    resource = {"resourceType": "Patient", "gender": "none"}
    wrapped = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": resource}]}
    response = post(client, "/fhir/Patient/$validate", json.dumps(wrapped))
    assert response.status_code == 200
    assert outcome(response)["issue"][0]["expression"] == ["Patient.gender"]


def test_parameters_without_a_resource_are_a_400(client):
    response = post(client, "/fhir/Patient/$validate", b'{"resourceType": "Parameters", "parameter": [1, {"name": "x"}]}')
    assert (response.status_code, rules(response)) == (400, ["parameters.resource-missing"])


@pytest.mark.parametrize("where", ["query", "parameters"])
def test_a_nominated_profile_that_nobody_knows_is_a_400_not_found(client, where):
    profile = "https://nobody.example/profile"
    resource = {"resourceType": "Patient"}
    if where == "query":
        response = post(client, f"/fhir/Patient/$validate?profile={profile}", json.dumps(resource))
    else:
        parameters = [{"name": "resource", "resource": resource}, {"name": "profile", "valueUri": profile}]
        body = {"resourceType": "Parameters", "parameter": parameters}
        response = post(client, "/fhir/Patient/$validate", json.dumps(body))
    assert response.status_code == 400
    assert "not-found" in [issue["code"] for issue in outcome(response)["issue"]]


def test_a_resource_of_another_type_than_the_address_is_said(client):
    assert "validate.other-type" in rules(post(client, "/fhir/Claim/$validate", b'{"resourceType": "Patient"}'))


def test_several_sites_without_the_provider_of_the_document_are_a_422(tmp_path):
    app = create_app(Service(load_rule_book(), {}))
    assert rules(post(app.test_client(), CODE, refill_bytes())) == ["site.not-found"]
