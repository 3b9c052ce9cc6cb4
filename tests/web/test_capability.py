"""The CapabilityStatement of the service that keeps: what is claimed works, what is not claimed is refused with an outcome."""

import json

import pytest

from adapter.fhir.search_table import PARAMETERS
from adapter.web import capability
from tests.web.exchange import JSON, outcome, post

METHODS = {
    "create": ("POST", "/fhir/{}"), "read": ("GET", "/fhir/{}/x"), "vread": ("GET", "/fhir/{}/x/_history/1"), "update": ("PUT", "/fhir/{}/x"),
    "delete": ("DELETE", "/fhir/{}/x"), "patch": ("PATCH", "/fhir/{}/x"), "history-instance": ("GET", "/fhir/{}/x/_history"),
    "history-type": ("GET", "/fhir/{}/_history"), "search-type": ("GET", "/fhir/{}"), "search by POST": ("POST", "/fhir/{}/_search"),
    "conditional update": ("PUT", "/fhir/{}"), "conditional delete": ("DELETE", "/fhir/{}"), "operation": ("POST", "/fhir/{}/$nothing"),
    "compartment": ("GET", "/fhir/{}/x/Observation"),
}
VALUES = {"date": "ge2020", "token": "urn:x|a", "reference": "Patient/a", "string": "a", "uri": "urn:x"}


def told(client):
    return json.loads(client.get("/fhir/metadata").data)["rest"][0]


def claimed(resource):
    codes = {one["code"] for one in resource.get("interaction", ())}
    return codes | ({"search by POST"} if {"search-type", "vread"} <= codes else set())


def probe(client, rest):
    """Ask for every interaction with every type, and for every search parameter, known and not; give what is wrong and how many."""
    wrong, asked = [], 0
    for resource in rest["resource"]:
        kind, here = resource["type"], claimed(resource)
        for name, (method, path) in METHODS.items():
            kinds = {"Content-Type": "application/x-www-form-urlencoded" if name == "search by POST" else JSON}
            answer = client.open(path.format(kind), method=method, data=b"" if name == "search by POST" else b"{", headers=kinds)
            missing = answer.status_code == 404 and any(rule in answer.data for rule in (b"resource.not-found", b"claim.not-kept"))
            works = answer.status_code in (200, 204) or missing or (answer.status_code == 400 and b"json." in answer.data)
            refused = answer.status_code in (404, 405, 501) and not missing and outcome(answer)
            asked += 1
            if not (works if name in here else refused):
                wrong.append((kind, name, answer.status_code))
        if "search-type" not in here:
            continue
        for parameter in [*resource["searchParam"], {"name": "frob"}]:
            value = VALUES[parameter.get("type", "string")]
            answer = client.get(f"/fhir/{kind}", query_string={parameter["name"]: value}, headers={"Prefer": "handling=strict"})
            asked += 1
            if answer.status_code != (400 if parameter["name"] == "frob" else 200):
                wrong.append((kind, parameter["name"], answer.status_code))
    return wrong, asked


def test_what_is_claimed_works_and_what_is_not_claimed_is_refused(keeping_client):
    wrong, asked = probe(keeping_client, told(keeping_client))
    assert wrong == []
    assert asked >= 1500


def test_without_a_store_the_statement_claims_and_serves_definitions_and_the_read_of_a_claim(client):
    rest = told(client)
    assert probe(client, rest)[0] == []
    assert {one["type"] for one in rest["resource"] if "interaction" in one} == {"Claim", "CodeSystem", "ConceptMap", "StructureDefinition", "ValueSet"}


@pytest.mark.parametrize("planted", ["claimed too much", "claimed too little", "an unknown parameter"])
def test_the_harness_catches_a_statement_that_is_wrong(keeping_client, planted):
    rest = told(keeping_client)
    task = next(one for one in rest["resource"] if one["type"] == "Task")
    if planted == "claimed too much":
        task["interaction"].append({"code": "update"})
    elif planted == "claimed too little":
        task["interaction"] = [one for one in task["interaction"] if one["code"] != "vread"]
    else:
        task["searchParam"].append({"name": "colour", "type": "string"})
    assert probe(keeping_client, {"resource": [task]})[0] != []


def test_the_statement_is_valid_and_tells_versioning_and_what_is_made_how(keeping_client):
    response = keeping_client.get("/fhir/metadata")
    rest = told(keeping_client)
    found = {one["type"]: one for one in rest["resource"]}
    assert [one["code"] for one in rest["interaction"]] == ["transaction", "batch", "history-system"]
    assert (found["Patient"]["versioning"], found["Patient"]["updateCreate"], found["Patient"]["conditionalCreate"]) == ("versioned", True, True)
    assert (found["Claim"]["updateCreate"], found["Task"]["conditionalCreate"]) == (False, False)
    assert {one["name"] for one in found["Claim"]["searchParam"]} == set(PARAMETERS["Claim"])
    checked = outcome(post(keeping_client, "/fhir/CapabilityStatement/$validate", response.data))
    assert [issue for issue in checked["issue"] if issue["severity"] in ("error", "fatal")] == []


def test_every_route_of_a_resource_is_told(keeping_client):
    served = {rule.endpoint for rule in keeping_client.application.url_map.iter_rules() if "<kept:" in rule.rule or "<published:" in rule.rule}
    assert served - {"search_type_by_post"} == set(capability._INTERACTIONS)
