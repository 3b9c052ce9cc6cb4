"""`$x12-acknowledge` over HTTP: X12 in, FHIR out, kept beside the claim."""

import json

import pytest

from adapter.fhir.json import encode_json
from adapter.http.media import EDI_X12
from tests.web.exchange import JSON, outcome, post, rules, types
from tests.x12.answers import ANSWERS, changed

PATH = "/fhir/$x12-acknowledge"


@pytest.mark.parametrize(("name", "found"), [
    ("999 refused", ["OperationOutcome"]), ("277 line", ["ClaimResponse", "OperationOutcome"]),
    ("835 paid", ["ClaimResponse", "PaymentReconciliation", "OperationOutcome"]), ("999 with TA1", ["Task", "OperationOutcome"]),
])
def test_each_answer_becomes_its_resources(client, name, found):
    response = post(client, PATH, ANSWERS[name], EDI_X12)
    assert (response.status_code, types(response)) == (200, found)


def test_an_answer_is_kept_and_the_bundle_is_valid(keeping_client, store):
    response = post(keeping_client, PATH, ANSWERS["835 paid"], EDI_X12)
    (kept,) = store.find_answers("VISIT-0001")
    assert encode_json(json.loads(response.data)["entry"][0]["resource"]) == encode_json(json.loads(kept.resource))
    checked = outcome(post(keeping_client, "/fhir/Bundle/$validate", response.data))
    assert [issue for issue in checked["issue"] if issue["severity"] in ("error", "fatal")] == []


@pytest.mark.parametrize(("body", "status", "rule"), [
    (b"{}", 400, "x12.isa-unreadable"), (b"ISA*\xff", 400, "x12.not-utf8"),
    (changed(ANSWERS["835 paid"], "BPR*I*992.40", "BPR*I*992.41"), 422, "x12.3.ST.BPR02.1"),
])
def test_what_cannot_be_read_is_400_and_what_does_not_balance_422(client, body, status, rule):
    response = post(client, PATH, body, EDI_X12)
    assert (response.status_code, rules(response)) == (status, [rule])


def test_a_body_that_says_it_is_json_is_refused(client):
    assert post(client, PATH, ANSWERS["835 paid"], JSON).status_code == 415


def test_the_answer_is_written_in_xml_where_that_is_asked_for(client):
    response = post(client, PATH, ANSWERS["835 paid"], EDI_X12, Accept="application/fhir+xml")
    assert response.content_type.startswith("application/fhir+xml")
    assert b"<PaymentReconciliation" in response.data
