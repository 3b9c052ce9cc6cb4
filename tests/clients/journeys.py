"""The refill journeys as scenarios of SEKMET: the EHR discovers, validates, codes, submits, reads and searches."""

import json
import tomllib
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

__all__ = ["JOURNEYS", "read_journeys", "refill_of", "write_scenario"]

JOURNEYS = Path(__file__).parent / "journeys.toml"
SAMPLES = Path(__file__).parents[2] / "samples"


def read_journeys(path=JOURNEYS):
    return tomllib.loads(path.read_text(encoding="utf-8"))["journey"]


def refill_of(journey, run=""):
    """Give the Bundle, or the Procedure, of a journey with its changes; `run` makes it another record than that of another run."""
    tree = json.loads((SAMPLES / f"{journey['sample']}.json").read_bytes())
    resources = [entry["resource"] for entry in tree.get("entry", [{"resource": tree}])]
    for path, value in journey.get("change", {}).items():
        kind, _, key = path.partition(".")
        next(one for one in resources if one["resourceType"] == kind)[key] = value
    acts = [one for one in resources if one["resourceType"] == "Procedure"]
    for place, act in enumerate(acts if run else ()):
        act["identifier"] = [{"system": "urn:ietf:rfc:3986", "value": uuid5(NAMESPACE_URL, f"{run} {journey['name']} {place}").urn}]
    return tree


def request(name, method, path, expect, **more):
    """Give one step: a request and what its answer must be."""
    keys = {key: more.pop(key) for key in ("body", "params") if key in more}
    return {"name": name, "request": {"method": method, "path": path, **keys}, "expect": expect, **more}


def write_scenario(journey, run):
    """Write a journey as SEKMET reads it; steps that the service does not claim are skipped by SEKMET, which says so."""
    refill, then = refill_of(journey, run), journey["then"]
    steps: list[dict[str, Any]] = [
        request("Discover", "GET", "metadata", {"status": 200, "fhirpath": [
            "CapabilityStatement.fhirVersion.startsWith('4.0')",
            "CapabilityStatement.rest.operation.where(name = 'refill-to-claim').exists()",
        ]}),
        request("Validate", "POST", f"{refill['resourceType']}/$validate", {"status": 200, "resource_type": "OperationOutcome"}, body=refill),
    ]
    if "lines" in then:
        steps += bill(refill, then["lines"])
    elif "held" in then:
        rule = f"OperationOutcome.issue.details.coding.where(code = '{then['held']}').exists()"
        steps.append(request("Held", "POST", "$refill-to-claim", {"status": 422, "fhirpath": [rule]}, body=refill))
    else:
        only = "Bundle.entry.count() = 1 and Bundle.entry[0].resource.ofType(OperationOutcome).exists()"
        steps.append(request("Nothing to bill", "POST", "$refill-to-claim", {"status": 200, "fhirpath": [only]}, body=refill))
    steps.append(request("Error", "POST", "$refill-to-claim", {
        "status": [400, 422], "fhirpath": ["OperationOutcome.issue.severity = 'error'", "OperationOutcome.extension.valueString.exists()"],
    }, body={"resourceType": "Patient"}))
    return {"name": journey["name"], "steps": steps}


def bill(refill, lines):
    """Give the steps of a refill that is billed, from its claim to the 837."""
    first = "Bundle.entry[0].resource"
    codes = [f"{first}.item[{place}].productOrService.coding.where(code = '{code}').exists()" for place, code in enumerate(lines)]
    count = f"{first}.item.count() = {len(lines)}"
    submit, read = {"operation": "submit"}, {"resource": "ClaimResponse", "interaction": "read"}
    search = {"resource": "Claim", "interaction": "search-type"}
    number = "${sent.body.request.reference}"
    return [
        request("Code", "POST", "$refill-to-claim", {"status": 200, "fhirpath": [f"{first} is Claim", count, *codes]}, body=refill, save="made"),
        request("837", "POST", "Claim/$to-x12", {"status": 200, "headers": {"content-type": "~edi-x12"}}, body="${made.body}"),
        request("Restore", "POST", "Claim/$claim-to-refill", {
            "status": 200, "fhirpath": ["Bundle.entry.resource.ofType(Procedure).exists()", "(Bundle.entry.resource | Bundle.entry.resource.contained).ofType(Device).exists()"],
        }, body="${made.body}"),
        request("Submit", "POST", "Claim/$submit", {"status": 200, "fhirpath": ["ClaimResponse.outcome = 'queued'"]},
                body="${made.body}", save="sent", requires=submit),
        request("Poll", "GET", "ClaimResponse/${sent.body.id}", {"status": 200, "fhirpath": ["ClaimResponse.outcome.exists()"]}, requires=submit | read),
        request("Read the Claim", "GET", number, {"status": 200, "fhirpath": ["Claim.status = 'active'"]}, requires=submit | read),
        request("Search", "GET", "Claim", {"status": 200, "fhirpath": ["Bundle.entry.resource.ofType(Claim).count() = 1"]},
                params={"identifier": "${made.body.entry.0.resource.identifier.0.value}"}, requires=submit | search),
        request("837 as it was sent", "GET", number + "/$to-x12", {"status": 200, "headers": {"content-type": "~edi-x12"}}, requires=submit),
    ]
