"""The description in OpenAPI is sound, tells every route and no other, and tells the truth about what they answer."""

import json

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from adapter.http.openapi import write_openapi
from adapter.http.routes import list_routes
from tests.http.asked import ask_schemathesis
from tests.web.served import Served


@pytest.fixture
def described(client):
    return json.loads(client.get("/openapi.json").data)


def faults(described):
    return [error.message for error in OpenAPIV31SpecValidator(described).iter_errors()]


def test_the_description_is_sound_openapi_3_1(described):
    assert described["openapi"] == "3.1.0"
    assert faults(described) == []


def test_a_planted_fault_of_the_description_is_caught(described):
    del described["paths"]["/fhir/{resource_type}/$validate"]["post"]["parameters"][0]["required"]
    assert faults(described) != []


def test_every_route_is_described_and_nothing_else(client, described):
    told = {(method.upper(), path) for path, item in described["paths"].items() for method in item}
    assert told == {(route.method, route.path) for route in list_routes(client.application.url_map)}
    assert {path.rstrip("/") or "/" for _, path in told} == {path for _, path in told}
    ids = [operation["operationId"] for item in described["paths"].values() for operation in item.values()]
    assert len(set(ids)) == len(ids)


def test_every_operation_of_the_capability_statement_is_described(client, described):
    (rest,) = json.loads(client.get("/fhir/metadata").data)["rest"]
    names = {one["name"] for one in rest.get("operation", ())} | {each["name"] for one in rest["resource"] for each in one.get("operation", ())}
    assert names == {path.rpartition("$")[2] for path in described["paths"] if "$" in path}


def test_every_operation_says_its_media_types_and_that_each_refusal_is_an_outcome(described):
    for path, item in described["paths"].items():
        for operation in item.values():
            refusals = {status: told for status, told in operation["responses"].items() if status >= "400"}
            assert "400" in refusals
            for told in refusals.values():
                assert told["content"]["application/fhir+json"]["schema"] == {"$ref": "#/components/schemas/OperationOutcome"}
            if "requestBody" in operation:
                assert {"413", "415", "422", "503"} <= refusals.keys()
                taken = set(operation["requestBody"]["content"])
                assert taken in ({"application/fhir+json", "application/fhir+xml"}, {"application/edi-x12"}), path


def test_an_application_without_routes_is_described_as_such(client):
    empty = type(client.application.url_map)()
    assert write_openapi(empty, "nothing")["paths"] == {}
    assert faults(write_openapi(empty, "nothing")) == []


@pytest.fixture(scope="module")
def served():
    service = Served()
    yield service
    assert service.end()[0] == 0


@pytest.mark.server
def test_what_is_described_is_answered_so_whatever_is_asked(served, tmp_path):
    code, cases, said = ask_schemathesis(served.port, tmp_path, "--max-examples", "5", "--generation-deterministic")
    assert code == 0, said
    assert cases > 500


@pytest.mark.server
def test_a_description_that_leaves_a_status_out_is_caught(client, served, described, tmp_path):
    path = tmp_path / "described.json"
    wrong = described["paths"]["/fhir/$refill-to-claim"]["post"]
    del wrong["responses"]["400"]
    path.write_text(json.dumps({**described, "paths": {"/fhir/$refill-to-claim": {"post": wrong}}}))
    code, _, said = ask_schemathesis(served.port, tmp_path, "--max-examples", "5", "--generation-deterministic", description=path)
    assert code == 1
    assert "Undocumented status code" in said, said
