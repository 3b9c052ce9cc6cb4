"""`Claim/$submit` keeps a claim once, with all that belongs to it, and says the same thing again whoever asks again."""

import json

import pytest
from sqlalchemy.exc import OperationalError

from adapter.load import load_rule_book
from adapter.store import Unit
from adapter.web import Service, create_app
from tests.samples import SAMPLES, refill_bytes
from tests.web.conftest import NOW

CLAIM = (SAMPLES / "claim-to-restore.json").read_bytes()
FHIR = {"Content-Type": "application/fhir+json"}


def submit(client, data, **headers):
    answer = client.post("/fhir/Claim/$submit", data=data, headers=FHIR | {name.replace("_", "-"): value for name, value in headers.items()})
    return answer.status_code, answer.get_json()


def rules(tree):
    assert tree["resourceType"] == "OperationOutcome"
    return [issue["details"]["coding"][0]["code"] for issue in tree["issue"]]


@pytest.fixture
def kept(store):
    def read(kind, identity):
        with store.reading() as unit:
            found = unit.find(kind, identity)
        return json.loads(found.data) if found and found.data else None

    return read


def counted(store):
    with store.reading() as unit:
        return len(unit.search("Claim", ())), len(unit.search("ClaimResponse", ())), unit.count_queued()


@pytest.mark.parametrize("data", [CLAIM, refill_bytes()], ids=["claim", "refill"])
def test_a_claim_is_kept_with_what_it_refers_to_and_queued(keeping_client, store, kept, data):
    status, response = submit(keeping_client, data)
    assert (status, response["resourceType"], response["outcome"]) == (200, "ClaimResponse", "queued")
    kind, identity = response["request"]["reference"].split("/")
    claim = kept(kind, identity)
    assert (kind, claim["id"], claim["identifier"][0]) == ("Claim", identity, response["request"]["identifier"])
    for reference in (claim["patient"], claim["insurer"], claim["insurance"][0]["coverage"]):
        assert kept(*reference["reference"].split("/")) is not None
    assert kept("ClaimResponse", response["id"]) == response
    assert counted(store) == (1, 1, {"queued": 1})
    number = claim["identifier"][0]["value"]
    (sent,) = store.find_interchanges(identifier=number)
    x12 = keeping_client.get(f"/fhir/Claim/{identity}/$to-x12")
    assert (x12.status_code, x12.mimetype, x12.data) == (200, "application/edi-x12", sent)
    assert f"CLM*{number}*".encode() in sent
    assert keeping_client.get(f"/fhir/Claim/{identity}").get_json()["identifier"] == claim["identifier"]


def test_the_same_body_is_answered_as_before_and_kept_once(keeping_client, store):
    first = keeping_client.post("/fhir/Claim/$submit", data=CLAIM, headers=FHIR)
    again = keeping_client.post("/fhir/Claim/$submit", data=CLAIM, headers=FHIR)
    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert counted(store) == (1, 1, {"queued": 1})


def test_a_key_is_answered_once_and_belongs_to_one_body(keeping_client, store):
    first = submit(keeping_client, CLAIM, Idempotency_Key='"a-key"')
    assert submit(keeping_client, CLAIM, Idempotency_Key="a-key") == first
    status, outcome = submit(keeping_client, refill_bytes(), Idempotency_Key="a-key")
    assert (status, rules(outcome)) == (422, ["submit.key-reused"])
    assert counted(store) == (1, 1, {"queued": 1})


def test_an_identifier_that_is_here_under_another_key_is_a_duplicate_that_names_the_first(keeping_client, store):
    _, response = submit(keeping_client, CLAIM, Idempotency_Key="one")
    status, outcome = submit(keeping_client, CLAIM + b"\n", Idempotency_Key="two")
    assert (status, rules(outcome)) == (409, ["submit.duplicate"])
    assert response["request"]["reference"] in outcome["issue"][0]["details"]["text"]
    again = submit(keeping_client, CLAIM + b"\n", Idempotency_Key="two")
    assert (again[0], again[1]["issue"]) == (status, outcome["issue"])
    assert counted(store) == (1, 1, {"queued": 1})


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "caf\u00e9", 'a"b'])
def test_a_key_of_another_form_is_refused(keeping_client, store, key):
    status, outcome = submit(keeping_client, CLAIM, Idempotency_Key=key)
    assert (status, rules(outcome)) == (400, ["submit.key-form"])
    assert counted(store) == (0, 0, {})


@pytest.mark.parametrize(("data", "status", "rule"), [
    (b"{", 400, "json.syntax"), (b'{"resourceType":"Patient"}', 422, "submit.not-a-claim"),
    (CLAIM.replace(b'"use": "claim"', b'"use": "clam"'), 422, "base.code"),
])
def test_what_is_no_claim_is_refused_and_nothing_is_kept(keeping_client, store, data, status, rule):
    found, outcome = submit(keeping_client, data)
    assert found == status
    assert rule in rules(outcome)
    assert counted(store) == (0, 0, {})


def test_a_claim_of_another_provider_is_refused(keeping_client, store):
    tree = json.loads(CLAIM)
    for entry in tree["entry"]:
        for identifier in entry["resource"].get("identifier", []):
            if identifier.get("system") == "http://hl7.org/fhir/sid/us-npi" and entry["resource"]["resourceType"] == "Organization":
                identifier["value"] = "1245319599"
    status, outcome = submit(keeping_client, json.dumps(tree).encode())
    assert (status, rules(outcome)) == (422, ["submit.site-missing"])
    assert counted(store) == (0, 0, {})


def test_parameters_hold_the_claim_bundle(keeping_client, store):
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": json.loads(CLAIM)}]}
    assert submit(keeping_client, json.dumps(parameters).encode())[0] == 200
    assert counted(store) == (1, 1, {"queued": 1})


def test_a_claim_alone_is_read_with_what_is_kept_of_what_it_refers_to(keeping_client, store, kept):
    _, response = submit(keeping_client, CLAIM)
    claim = kept("Claim", response["request"]["reference"].split("/")[1])
    claim["identifier"][0]["value"] = "ANOTHER1"
    status, again = submit(keeping_client, json.dumps(claim).encode())
    assert (status, again.get("outcome")) == (200, "queued"), again
    assert counted(store)[0] == 2


def test_a_replacement_of_a_kept_claim_is_submitted(keeping_client, store, kept):
    _, response = submit(keeping_client, CLAIM)
    claim = kept("Claim", response["request"]["reference"].split("/")[1])
    claim["identifier"][0]["value"] = "ANOTHER1"
    claim["related"] = [{"claim": {"reference": response["request"]["reference"]}, "relationship": {"coding": [
        {"system": "http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship", "code": "prior"}]}, "reference": {"value": "PAYER1"}}]
    _, outcome = submit(keeping_client, json.dumps(claim).encode())
    assert "claim.one" not in (rules(outcome) if outcome["resourceType"] == "OperationOutcome" else ()), outcome


def test_the_claim_is_found_wherever_it_stands_in_its_bundle(keeping_client):
    tree = json.loads(CLAIM)
    tree["entry"] = tree["entry"][1:] + tree["entry"][:1]
    tree["entry"][-1]["resource"]["id"] = "theirs"
    assert submit(keeping_client, json.dumps(tree).encode())[0] == 200
    number = tree["entry"][-1]["resource"]["identifier"][0]["value"]
    found = keeping_client.get(f"/fhir/Claim/{number}").get_json()
    assert (found["resourceType"], found["id"]) == ("Claim", number)


def test_to_read_the_837_writes_none(keeping_client, store):
    bundle = keeping_client.post("/fhir/$refill-to-claim", data=refill_bytes(), headers=FHIR).get_json()
    number = bundle["entry"][0]["resource"]["identifier"][0]["value"]
    assert keeping_client.get(f"/fhir/Claim/{number}/$to-x12").status_code == 404
    written = keeping_client.post(f"/fhir/Claim/{number}/$to-x12")
    assert [keeping_client.get(f"/fhir/Claim/{number}/$to-x12").data for _ in range(2)] == [written.data] * 2
    assert store.find_interchanges(identifier=number) == [written.data]


def test_a_refusal_that_is_mended_here_does_not_stand_under_its_key(keeping_client, store):
    bare = create_app(Service(load_rule_book(), {}, store, lambda: NOW)).test_client()
    assert submit(bare, CLAIM, Idempotency_Key="a-key")[0] == 422
    assert submit(keeping_client, CLAIM + b" ", Idempotency_Key="a-key")[0] == 422
    assert submit(keeping_client, CLAIM, Idempotency_Key="a-key")[0] == 200


def test_a_store_that_is_busy_is_503_and_the_claim_may_come_again(keeping_client, store, monkeypatch):
    def busy(*_):
        raise OperationalError("select", {}, Exception("locked"))

    with monkeypatch.context() as patch:
        patch.setattr(Unit, "hold", busy)
        answer = keeping_client.post("/fhir/Claim/$submit", data=CLAIM, headers=FHIR)
    assert (answer.status_code, rules(answer.get_json())) == (503, ["http.not-ready"])
    assert answer.headers["Retry-After"]
    assert submit(keeping_client, CLAIM)[0] == 200


def test_nothing_to_bill_is_answered_and_nothing_is_queued(keeping_client, store):
    tree = json.loads(refill_bytes())
    for entry in tree["entry"]:
        if entry["resource"]["resourceType"] == "Procedure":
            entry["resource"]["status"] = "not-done"
    status, outcome = submit(keeping_client, json.dumps(tree).encode())
    assert (status, "act.not-done" in rules(outcome)) == (200, True)
    assert counted(store) == (0, 0, {})


def test_the_document_comes_back_from_the_claim_that_was_submitted(keeping_client, kept):
    _, response = submit(keeping_client, refill_bytes())
    bundle = keeping_client.post("/fhir/$refill-to-claim", data=refill_bytes(), headers=FHIR).data
    restored = keeping_client.post("/fhir/Claim/$claim-to-refill", data=bundle, headers=FHIR).data
    assert restored == refill_bytes()
    assert response["outcome"] == "queued"


def test_without_a_store_nothing_is_submitted(client):
    assert submit(client, CLAIM)[0] == 404
