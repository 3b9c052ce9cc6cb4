"""Questions about codes over HTTP: by GET and POST, in JSON and XML, and every error an OperationOutcome."""

import json

import pytest

from adapter.fhir.systems import BASE, CPT, SNOMED, own_code_system
from tests.web.exchange import post, rules

ROUTE = {"url": f"{BASE}/ConceptMap/route", "system": SNOMED, "code": "47625008"}
QUESTIONS = {
    "/fhir/ConceptMap/$translate": ROUTE,
    "/fhir/ValueSet/$validate-code": {"url": f"{BASE}/ValueSet/accepted-route", "system": SNOMED, "code": "47625008"},
    "/fhir/CodeSystem/$lookup": {"system": own_code_system("refill-act"), "code": "refill"},
}


def body(question):
    values = {"url": "valueUri", "system": "valueUri", "code": "valueCode"}
    return json.dumps({"resourceType": "Parameters", "parameter": [{"name": name, values[name]: value} for name, value in question.items()]})


@pytest.mark.parametrize("path", QUESTIONS)
def test_a_query_and_parameters_have_one_answer_and_it_is_sound_fhir(client, path):
    asked, sent = client.get(path, query_string=QUESTIONS[path]), post(client, path, body(QUESTIONS[path]))
    assert (asked.status_code, sent.status_code, asked.data) == (200, 200, sent.data)
    checked = post(client, "/fhir/Parameters/$validate", asked.data)
    assert [issue["severity"] for issue in json.loads(checked.data)["issue"]] == ["information"]


def test_an_answer_in_xml_is_the_same(client):
    response = client.get("/fhir/CodeSystem/$lookup", query_string=QUESTIONS["/fhir/CodeSystem/$lookup"], headers={"Accept": "application/fhir+xml"})
    assert response.content_type.startswith("application/fhir+xml")
    assert b'<valueString value="RefillAct"/>' in response.data


@pytest.mark.parametrize(("path", "question", "status", "rule"), [
    ("/fhir/ConceptMap/$translate", {}, 400, "parameters.code"),
    ("/fhir/ConceptMap/$translate", {**ROUTE, "date": "x"}, 400, "parameters.value"),
    ("/fhir/ConceptMap/$translate", {**ROUTE, "conceptMapVersion": "1"}, 400, "parameters.not-supported"),
    ("/fhir/ConceptMap/$translate", {**ROUTE, "url": "urn:x"}, 404, "terminology.unknown-map"),
    ("/fhir/ValueSet/$validate-code", {"system": SNOMED, "code": "1"}, 404, "terminology.unknown-value-set"),
    ("/fhir/CodeSystem/$lookup", {"system": CPT, "code": "96522"}, 404, "terminology.unknown-code"),
])
def test_what_cannot_be_answered_is_an_outcome(client, path, question, status, rule):
    response = client.get(path, query_string=question)
    assert (response.status_code, rules(response)) == (status, [rule])


@pytest.mark.parametrize(("data", "rule"), [(b"{", "json.syntax"), (b'{"resourceType": "Patient"}', "parameters.none")])
def test_a_body_that_is_no_parameters_is_a_400(client, data, rule):
    response = post(client, "/fhir/ConceptMap/$translate", data)
    assert response.status_code == 400
    assert rules(response) == [rule]


def test_the_capability_statement_tells_the_operations_by_their_official_definitions(client):
    told = {each["type"]: {one["name"]: one["definition"] for one in each["operation"]} for each in json.loads(client.get("/fhir/metadata").data)["rest"][0]["resource"]}
    assert told["ConceptMap"]["translate"] == "http://hl7.org/fhir/OperationDefinition/ConceptMap-translate"
    assert told["ValueSet"]["validate-code"] == "http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code"
    assert told["CodeSystem"]["lookup"] == "http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup"
