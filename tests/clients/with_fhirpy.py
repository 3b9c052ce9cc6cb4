"""fhirpy (PyPI) as an EHR."""

import sys
from pathlib import Path
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).parent))


def walk(base, refill, poor):
    from fhirpy import SyncFHIRClient
    from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound
    from steps import claims

    client = SyncFHIRClient(base)
    capability = client.execute("metadata", method="get")
    yield "discover", capability["fhirVersion"]
    yield "validate", client.execute("Bundle/$validate", method="post", data=refill)["resourceType"]
    made = client.execute("$refill-to-claim", method="post", data=refill)
    yield "code", made["entry"][0]["resource"]["resourceType"]
    try:
        client.execute("$refill-to-claim", method="post", data=poor)
    except OperationOutcome as refused:
        yield "error", refused.resource["issue"][0]["details"]["coding"][0]["code"]
    if claims(capability, "submit"):
        answer = client.execute("Claim/$submit", method="post", data=made)
        yield "submit", answer["outcome"]
        number = answer["request"]["reference"].partition("/")[2]
        with urlopen(f"{base}/Claim/{number}/$to-x12") as answer_837:  # noqa: S310 -- fhirpy itself reads JSON and nothing else
            yield "x12", answer_837.read().decode()
    if claims(capability, kind="ClaimResponse", interaction="read"):
        yield "poll", client.reference("ClaimResponse", answer["id"]).to_resource()["outcome"]
        yield "read", client.reference("Claim", number).to_resource()["resourceType"]
    if claims(capability, kind="Claim", interaction="search-type"):
        identifier = made["entry"][0]["resource"]["identifier"][0]["value"]
        yield "search", len(client.resources("Claim").search(identifier=identifier).fetch())
    try:
        client.reference("Claim", "nowhere").to_resource()
    except ResourceNotFound as refused:
        yield "missing", "http" in str(refused) or "not" in str(refused)


if __name__ == "__main__":
    from steps import tell

    tell(walk)
