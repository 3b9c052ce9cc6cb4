"""One request and its answer, looked at as FHIR."""

import json

from adapter.issues import IssueType, Severity
from tests.samples import refill_bytes

__all__ = ["CODE", "JSON", "RESTORE", "outcome", "post", "refill", "rules", "types"]

CODE = "/fhir/$refill-to-claim"
RESTORE = "/fhir/Claim/$claim-to-refill"
JSON = "application/fhir+json"


def post(client, path, data, content_type=JSON, **headers):
    return client.post(path, data=data, headers={"Content-Type": content_type, **headers})


def outcome(response):
    """Give the OperationOutcome of an answer, which is sound R4 and nothing else."""
    assert response.content_type.startswith("application/fhir+json")
    tree = json.loads(response.data)
    assert tree["resourceType"] == "OperationOutcome"
    for issue in tree["issue"]:
        assert issue["severity"] in set(Severity)
        assert issue["code"] in set(IssueType)
        assert issue["diagnostics"]
    return tree


def rules(response):
    return [issue["details"]["coding"][0]["code"] for issue in outcome(response)["issue"]]


def types(response):
    return [entry["resource"]["resourceType"] for entry in json.loads(response.data)["entry"]]


def refill(**changes):
    tree = json.loads(refill_bytes())
    for entry in tree["entry"]:
        if entry["resource"]["resourceType"] == "Procedure":
            entry["resource"].update(changes)
    return tree
