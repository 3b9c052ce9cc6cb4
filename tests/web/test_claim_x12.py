"""Claims between FHIR and X12 over HTTP."""

from __future__ import annotations

import json

import pytest

from adapter.x12 import check_837, read_837
from adapter.x12.acknowledgement import acknowledge_837
from adapter.x12.answer import AnswerEnvelope
from tests.samples import SAMPLES, refill_bytes
from tests.web.exchange import CODE, post, rules, types
from tests.x12.checkers import check_with_pyx12
from tests.x12.examples import DEPENDENT, OWN, recounted

TO, FROM = "/fhir/Claim/$to-x12", "/fhir/Claim/$from-x12"
EDI = "application/edi-x12"


@pytest.mark.parametrize("accept", ["application/edi-x12", "application/EDI-X12, application/fhir+json;q=0.5", "*/*", "application/fhir+json", "text/plain"])
def test_an_837_is_given_to_who_asks_for_one_and_a_refusal_is_fhir(client, accept):
    headers = {"Content-Type": "application/fhir+json", "Accept": accept}
    given = client.post("/fhir/Claim/$to-x12", data=(SAMPLES / "claim-to-restore.json").read_bytes(), headers=headers)
    refused = client.post("/fhir/Claim/$to-x12", data=b"{}", headers=headers)
    assert (given.status_code, given.mimetype) == (200, "application/edi-x12")
    assert (refused.status_code, refused.mimetype) == (422, "application/fhir+json")
    assert client.post("/fhir/$refill-to-claim", data=b"{}", headers=headers | {"Accept": "application/edi-x12"}).status_code == 406


def test_a_claim_becomes_an_837_that_checkers_take_and_that_reads_back_as_the_same_claim(client):
    made = post(client, CODE, refill_bytes())
    response = post(client, TO, made.data)
    assert (response.status_code, response.content_type.split(";")[0]) == (200, EDI)
    text = response.data.decode()
    assert (check_837(text), check_with_pyx12(text)) == ((), [])
    back = post(client, FROM, response.data, EDI)
    assert back.status_code == 200
    claim, again = (json.loads(one.data)["entry"][0]["resource"] for one in (made, back))
    assert [item["net"] for item in claim["item"]] == [item["net"] for item in again["item"]]
    assert claim["identifier"] == again["identifier"]


def test_each_claim_of_a_file_comes_in_a_bundle_of_its_own(client):
    response = post(client, FROM, DEPENDENT.encode(), EDI)
    assert response.status_code == 200
    assert types(response)[:2] == ["Bundle", "Bundle"]
    assert len(read_837(DEPENDENT).value.claims) == 2


@pytest.mark.parametrize(("sent", "status", "rule"), [
    ((FROM, b"{}", EDI), 400, "x12.isa-unreadable"), ((FROM, OWN.replace("*1310.00*", "*1310.01*").encode(), EDI), 422, "x12.total-differs"),
    ((FROM, b"{}", "application/fhir+json"), 415, "http.unsupported-media-type"), ((TO, OWN.encode(), "application/fhir+json"), 400, "document.x12"),
    ((TO, b"{", "application/fhir+json"), 400, "json.syntax"),
])
def test_what_cannot_be_read_is_refused_by_its_rule(client, sent, status, rule):
    response = post(client, *sent)
    assert (response.status_code, rule in rules(response)) == (status, True)


def test_a_claim_of_a_provider_without_site_file_is_refused(client):
    bundle = post(client, FROM, OWN.replace("1993999907", "1992999908").encode(), EDI).data
    response = post(client, TO, json.dumps(json.loads(bundle)).encode())
    assert response.status_code == 422
    assert "x12.site-missing" in rules(response)


def kept_number(client):
    bundle = json.loads(post(client, CODE, refill_bytes()).data)
    return bundle["entry"][0]["resource"], bundle["entry"][0]["resource"]["identifier"][0]["value"]


def test_a_kept_claim_is_given_and_sent_by_its_number(keeping_client):
    claim, number = kept_number(keeping_client)
    response = keeping_client.get(f"/fhir/Claim/{number}")
    assert (response.status_code, json.loads(response.data)) == (200, {"id": number, **claim})
    sent = keeping_client.post(f"/fhir/Claim/{number}/$to-x12")
    assert (sent.status_code, sent.content_type.split(";")[0]) == (200, EDI)
    assert (check_837(sent.data.decode()), check_with_pyx12(sent.data.decode())) == ((), [])
    assert read_837(sent.data.decode()).value.claims[0].identifier == number


def test_each_837_has_a_control_number_of_its_own_and_is_kept(keeping_client, store):
    _, number = kept_number(keeping_client)
    texts = [keeping_client.post(f"/fhir/Claim/{number}/$to-x12").data for _ in range(3)]
    envelopes = [read_837(text.decode()).value.envelope for text in texts]
    assert [one.interchange_control_number for one in envelopes] == ["000000001", "000000002", "000000003"]
    assert len({one.batch_id for one in envelopes}) == 3
    assert store.find_interchanges(identifier=number) == texts[::-1]


def test_a_999_to_what_was_sent_names_the_element_of_the_claim(keeping_client):
    _, number = kept_number(keeping_client)
    text = keeping_client.post(f"/fhir/Claim/{number}/$to-x12").data.decode()
    stamp = AnswerEnvelope("000000009", "9", "", "", "20261001", "1200", "P")
    refused = acknowledge_837(text, lambda lined: check_837(lined.replace("*UN*1***", "*MJ*1***", 1)), stamp).value
    answer = post(keeping_client, "/fhir/$x12-acknowledge", refused.encode(), EDI)
    assert answer.status_code == 200
    told = [issue["expression"] for issue in json.loads(answer.data)["entry"][-1]["resource"]["issue"] if "expression" in issue]
    assert ["Claim.item[0].quantity"] in told


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_claim_that_is_not_kept_is_not_found(client, keeping_client, method):
    for one in (client, keeping_client):
        path = "/fhir/Claim/R0" + ("/$to-x12" if method == "post" else "")
        response = getattr(one, method)(path)
        assert (response.status_code, rules(response)) == (404, ["claim.not-kept"])


def test_the_statement_tells_the_read(client):
    resources = {one["type"]: one for one in json.loads(client.get("/fhir/metadata").data)["rest"][0]["resource"]}
    assert resources["Claim"]["interaction"] == [{"code": "read"}]
    assert "interaction" not in resources["Patient"]


def test_a_claim_that_its_payer_does_not_take_is_refused_and_uses_no_number(keeping_client, store):
    replaced = recounted(OWN.replace("11:B:1", "11:B:7").replace("REF*G1*AUTH-1~", "REF*G1*AUTH-1~\nREF*F8*P1~"))
    bundle = json.loads(post(keeping_client, FROM, replaced.replace("PI*99999", "PI*60054").encode(), EDI).data)
    response = post(keeping_client, TO, json.dumps(bundle).encode())
    assert response.status_code == 422
    assert "x12.7.2300.CLM05-3.1" in rules(response)
    assert store.take_control_number() == 1
