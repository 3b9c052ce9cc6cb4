"""Claims between FHIR and X12 over HTTP."""

from __future__ import annotations

import json

import pytest

from adapter.x12 import check_837, read_837
from tests.samples import refill_bytes
from tests.web.exchange import CODE, post, rules, types
from tests.x12.checkers import check_with_pyx12
from tests.x12.examples import DEPENDENT, OWN

TO, FROM = "/fhir/Claim/$to-x12", "/fhir/Claim/$from-x12"
EDI = "application/edi-x12"


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
    ((FROM, b"{}", "application/fhir+json"), 415, "http.unsupported-media-type"), ((TO, OWN.encode(), "application/fhir+json"), 400, "json.syntax"),
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
