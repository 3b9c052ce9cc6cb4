"""A batch does each of its entries for itself, a transaction all of them or none."""

import json

import pytest

from adapter.store import Unit
from tests.web.exchange import outcome, post, rules

URN = "urn:uuid:11111111-1111-4111-8111-111111111111"
PATIENT = {"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": "1"}], "gender": "male"}
COVERAGE = {"resourceType": "Coverage", "status": "active", "beneficiary": {"reference": URN}, "payor": [{"display": "x"}]}


def entry(method, url, resource=None, full_url=None, **request):
    return {**({"fullUrl": full_url} if full_url else {}), **({"resource": resource} if resource else {}), "request": {"method": method, "url": url, **request}}


def send(client, *entries, kind="transaction", **headers):
    return post(client, "/fhir", json.dumps({"resourceType": "Bundle", "type": kind, **({"entry": list(entries)} if entries else {})}), **headers)


def statuses(response):
    return [one["response"]["status"][:3] for one in response.json["entry"]]


def total(client, kind="Patient"):
    return client.get(f"/fhir/{kind}?_summary=count").json["total"]


def test_a_transaction_rewrites_references_and_answers_in_the_order_of_its_entries(keeping_client):
    answer = send(keeping_client, entry("GET", "Coverage/c"), entry("PUT", "Coverage/c", {**COVERAGE, "id": "c"}), entry("POST", "Patient", PATIENT, URN), Prefer="return=representation")
    assert (answer.status_code, statuses(answer)) == (200, ["200", "201", "201"])
    patient = answer.json["entry"][2]["resource"]["id"]
    assert answer.json["entry"][2]["response"]["location"] == f"Patient/{patient}/_history/1"
    assert keeping_client.get("/fhir/Coverage/c").json["beneficiary"]["reference"] == f"Patient/{patient}"
    assert answer.json["entry"][0]["resource"]["beneficiary"]["reference"] == f"Patient/{patient}"


@pytest.mark.parametrize(("bad", "status", "rule", "place"), [
    (entry("GET", "Patient/nope"), 404, "resource.not-found", "Bundle.entry[1]"),
    (entry("PUT", "Claim/a", {"resourceType": "Claim", "id": "a"}), 422, None, "Bundle.entry[1].resource"),
    (entry("POST", "Task", {"resourceType": "Task", "status": "ready", "intent": "order"}), 405, "resource.interaction", "Bundle.entry[1]"),
    (entry("POST", "Patient", {"resourceType": "Patient", "gender": "none"}), 422, None, "Bundle.entry[1].resource.gender"),
    (entry("POST", "Device", PATIENT), 400, "resource.other-type", "Bundle.entry[1].resource"),
    (entry("PUT", "Patient/a", PATIENT), 400, "resource.other-id", "Bundle.entry[1].resource.id"),
    (entry("PATCH", "Patient/a"), 400, "bundle.request", "Bundle.entry[1].request"),
    (entry("POST", "Frob", {"resourceType": "Frob"}), 400, "bundle.request", "Bundle.entry[1].request"),
    (entry("POST", "Coverage", {**COVERAGE, "beneficiary": {"reference": URN[:-1] + "9"}}), 422, "bundle.reference", "Bundle.entry[1]"),
    (entry("POST", "Coverage", {**COVERAGE, "beneficiary": {"reference": "Patient?identifier=urn:x|nobody"}}), 412, "bundle.reference", "Bundle.entry[1]"),
    (entry("PUT", "Patient/a", {**PATIENT, "id": "a"}, ifMatch='W/"4"'), 412, "resource.version-conflict", "Bundle.entry[1]"),
])
def test_a_transaction_that_fails_keeps_nothing_and_names_the_entry(keeping_client, bad, status, rule, place):
    refused = send(keeping_client, entry("POST", "Patient", PATIENT, URN), bad)
    assert refused.status_code == status
    issue = outcome(refused)["issue"][0]
    assert issue["expression"][0].startswith(place)
    if rule:
        assert rules(refused) == [rule]
    assert total(keeping_client) == 0


def test_the_harness_of_transactions_catches_a_unit_that_takes_nothing_back(keeping_client, monkeypatch):
    monkeypatch.setattr(Unit, "take_back", lambda _: None)
    send(keeping_client, entry("POST", "Patient", PATIENT, URN), entry("GET", "Patient/nope"))
    assert total(keeping_client) == 1


def test_a_batch_does_what_it_can_and_tells_of_each_entry(keeping_client):
    answer = send(keeping_client, entry("POST", "Patient", PATIENT), entry("GET", "Patient/nope"), entry("POST", "Patient", {"resourceType": "Patient", "gender": "none"}), entry("PATCH", "x"), kind="batch")
    assert (answer.json["type"], statuses(answer)) == ("batch-response", ["201", "404", "422", "400"])
    assert [("outcome" in one["response"]) for one in answer.json["entry"]] == [False, True, True, True]
    assert total(keeping_client) == 1


def test_a_conditional_create_in_a_transaction_leads_its_references_to_what_is_here(keeping_client):
    entries = entry("POST", "Patient", PATIENT, URN, ifNoneExist="identifier=urn:x|1"), entry("POST", "Coverage", COVERAGE)
    assert statuses(send(keeping_client, *entries)) == ["201", "201"]
    assert statuses(send(keeping_client, *entries)) == ["200", "201"]
    assert (total(keeping_client), total(keeping_client, "Coverage")) == (1, 2)
    assert len({one["resource"]["beneficiary"]["reference"] for one in keeping_client.get("/fhir/Coverage").json["entry"]}) == 1


def test_a_conditional_reference_is_rewritten_to_the_one_that_it_meets(keeping_client):
    send(keeping_client, entry("PUT", "Patient/p", {**PATIENT, "id": "p"}))
    send(keeping_client, entry("PUT", "Coverage/c", {**COVERAGE, "id": "c", "beneficiary": {"reference": "Patient?identifier=urn:x|1"}}))
    assert keeping_client.get("/fhir/Coverage/c").json["beneficiary"]["reference"] == "Patient/p"


def test_two_entries_that_write_one_resource_are_refused(keeping_client):
    twice = entry("PUT", "Patient/p", {**PATIENT, "id": "p"})
    assert rules(send(keeping_client, twice, twice)) == ["bundle.repeated"]


def test_other_bundles_and_too_many_entries_are_refused(keeping_client):
    assert rules(send(keeping_client, kind="collection")) == ["bundle.type"]
    assert rules(post(keeping_client, "/fhir/", json.dumps(PATIENT))) == ["bundle.type"]
    many = send(keeping_client, *[entry("GET", "Patient/p")] * 501, kind="batch")
    assert (many.status_code, rules(many)) == (413, ["bundle.too-many"])
    assert send(keeping_client).json == {"resourceType": "Bundle", "type": "transaction-response"}
