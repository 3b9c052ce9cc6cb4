"""The CapabilityStatement says what is served, and what it says is served."""

import json

import pytest

from adapter.http.media import EDI_X12
from tests.web.exchange import JSON, outcome, post, rules


def test_the_capability_statement_tells_the_routes_and_is_valid_itself(client):
    response = client.get("/fhir/metadata")
    tree = json.loads(response.data)
    (rest,) = tree["rest"]
    operations = {resource["type"]: [each["name"] for each in resource["operation"]] for resource in rest["resource"]}
    assert [each["name"] for each in rest["operation"]] == ["refill-to-claim", "x12-acknowledge"]
    assert operations["Claim"] == ["claim-to-refill", "from-x12", "to-x12", "validate"]
    assert operations["Procedure"] == ["validate"]
    checked = outcome(post(client, "/fhir/CapabilityStatement/$validate", response.data))
    assert [issue for issue in checked["issue"] if issue["severity"] in ("error", "fatal")] == []


def test_every_operation_that_the_capability_statement_tells_is_served(client):
    (rest,) = json.loads(client.get("/fhir/metadata").data)["rest"]
    paths = [f"/fhir/${each['name']}" for each in rest["operation"]]
    paths += [f"/fhir/{one['type']}/${each['name']}" for one in rest["resource"] for each in one["operation"]]
    kinds = {path: JSON if path.endswith("to-x12") or "x12" not in path else EDI_X12 for path in paths}
    assert {post(client, path, b"{", kinds[path]).status_code for path in paths} == {400}


def test_every_type_of_r4_is_told_and_validated_and_no_other(client):
    (rest,) = json.loads(client.get("/fhir/metadata").data)["rest"]
    told = {resource["type"] for resource in rest["resource"]}
    assert {"Account", "Bundle", "Claim", "Parameters", "VisionPrescription"} <= told
    assert not told & {"Resource", "DomainResource", "HumanName", "Frob", "SubscriptionStatus", "Citation"}
    for name in sorted(told):
        assert post(client, f"/fhir/{name}/$validate", json.dumps({"resourceType": name})).status_code == 200


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
@pytest.mark.parametrize("name", ["Frob", "Resource", "DomainResource", "HumanName", "patient", "SubscriptionStatus", "Frob$"])
def test_what_is_no_type_of_r4_is_a_404_outcome_whatever_the_method(client, method, name):
    response = client.open(f"/fhir/{name}/$validate", method=method, data=json.dumps({"resourceType": name}), content_type=JSON)
    assert (response.status_code, rules(response)) == (404, ["http.not-found"])


def test_there_are_no_terminology_capabilities(client):
    assert client.get("/fhir/metadata?mode=terminology").status_code == 404
    assert client.get("/fhir/metadata?mode=full").status_code == 200
