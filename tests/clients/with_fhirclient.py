"""fhirclient (PyPI) as an EHR: its models are strict on what they read."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def walk(base, refill, poor):
    from fhirclient import client
    from fhirclient.models import bundle, claim, operationoutcome
    from fhirclient.server import FHIRNotFoundException
    from requests import HTTPError
    from steps import claims

    smart = client.FHIRClient(settings={"app_id": "ehr", "api_base": base})
    smart.prepare()
    server = smart.server
    capability = server.capabilityStatement.as_json()
    yield "discover", capability["fhirVersion"]
    yield "validate", operationoutcome.OperationOutcome(server.post_json("Bundle/$validate", refill).json()).resource_type
    made = server.post_json("$refill-to-claim", refill).json()
    first = bundle.Bundle(made).entry[0].resource
    yield "code", first.resource_type
    assert isinstance(first, claim.Claim)
    try:
        server.post_json("$refill-to-claim", poor)
    except HTTPError as refused:
        yield "error", refused.response.json()["issue"][0]["details"]["coding"][0]["code"]
    if claims(capability, "submit"):
        answer = server.post_json("Claim/$submit", made).json()
        yield "submit", answer["outcome"]
        number = answer["request"]["reference"].rpartition("/")[2]
        yield "x12", server.session.get(f"{base}/Claim/{number}/$to-x12").text
    if claims(capability, kind="ClaimResponse", interaction="read"):
        yield "poll", server.request_json(f"ClaimResponse/{answer['id']}")["outcome"]
        yield "read", claim.Claim.read(number, server).resource_type
    if claims(capability, kind="Claim", interaction="search-type"):
        where = claim.Claim.where({"identifier": first.identifier[0].value})
        yield "search", len(where.perform_resources(server))
    try:
        claim.Claim.read("nowhere", server)
    except FHIRNotFoundException as refused:  # it hides what was said
        yield "missing", type(refused).__name__


if __name__ == "__main__":
    from steps import tell

    tell(walk)
