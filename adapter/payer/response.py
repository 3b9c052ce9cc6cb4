"""ClaimResponse: what a payer says to the one Claim that it was sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from adapter.fhir.json import Tree
from adapter.issues import Issue, IssueType, Outcome, Severity

__all__ = ["ReceivedClaim", "read_received", "write_response"]

# Told to do: FHIR ClaimResponse.outcome, and the words beside it.
_OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "accept": ("complete", "Accepted by a payer to test against; nothing is paid."),
    "reject": ("error", "Rejected by a payer to test against, as it was told to."),
}


@dataclass(frozen=True, slots=True)
class ReceivedClaim:
    """A Claim as it came: the resource, the fullUrl of its entry where it has one, the SHA-256 of the body in hex."""

    resource: Tree
    full_url: str | None
    digest: str


def read_received(tree: Tree, digest: str) -> Outcome[ReceivedClaim]:
    """Read the one Claim of a valid document, a Claim or a Bundle, that an answer can be written to.

    Issues: `claim.one`; `payer.insurer-missing` without Claim.insurer, which the answer must name; `payer.claim-unnamed`
    where neither fullUrl, id nor identifier names the Claim.
    """
    entries: list[Any] = tree.get("entry", []) if tree.get("resourceType") == "Bundle" else [{"resource": tree}]
    claims = [
        (entry, f"Bundle.entry[{at}].resource" if tree.get("resourceType") == "Bundle" else "Claim")
        for at, entry in enumerate(entries)
        if entry.get("resource", {}).get("resourceType") == "Claim"
    ]
    if len(claims) != 1:
        text = f"{len(claims)} Claims were sent; exactly one was expected. Send each in a Bundle of its own."
        return Outcome(None, (Issue(Severity.ERROR, IssueType.REQUIRED, "claim.one", text, ("Resource",)),))
    ((entry, path),) = claims
    received = ReceivedClaim(entry["resource"], entry.get("fullUrl"), digest)
    return Outcome(received, tuple(_missing(received, path)))


def _missing(received: ReceivedClaim, path: str) -> Iterator[Issue]:
    if "insurer" not in received.resource:
        text = "The Claim names no insurer; the payer that is to answer was expected. Add Claim.insurer."
        yield Issue(Severity.ERROR, IssueType.REQUIRED, "payer.insurer-missing", text, (f"{path}.insurer",))
    if not _name(received):
        text = "Nothing names the Claim; an identifier, an id or the fullUrl of its entry was expected. Add Claim.identifier."
        yield Issue(Severity.ERROR, IssueType.REQUIRED, "payer.claim-unnamed", text, (f"{path}.identifier",))


def write_response(received: ReceivedClaim, answer: str, now: datetime) -> Tree:
    """Write the answer to a Claim: `accept`, `slow`, `reject`, or `lie`, which names another claim.

    FHIR: ClaimResponse.request holds fullUrl or id, and the first identifier, of the Claim; .type, .subType, .use, .patient and
    .insurer are the Claim's own, with what it contains of them. The same body has the same id.
    """
    claim = received.resource
    outcome, disposition = _OUTCOMES["reject" if answer == "reject" else "accept"]
    parties = {name: claim[name] for name in ("patient", "insurer")}
    written: Tree = {"resourceType": "ClaimResponse", "id": received.digest}
    if contained := _contained(claim, parties):
        written["contained"] = contained
    written |= {"status": "active", "type": claim["type"]}
    if "subType" in claim:
        written["subType"] = claim["subType"]
    written |= {"use": claim["use"], "patient": parties["patient"], "created": now.isoformat(timespec="seconds")}
    written |= {"insurer": parties["insurer"], "request": _other(received) if answer == "lie" else _name(received)}
    written |= {"outcome": outcome, "disposition": disposition}
    if outcome == "error":
        written["error"] = [{"code": {"text": disposition}}]
    return written


def _name(received: ReceivedClaim) -> Tree:
    """Name a Claim as a Reference does: by its address, and by its own identifier."""
    identity, identifiers = received.resource.get("id"), received.resource.get("identifier")
    address = received.full_url or (f"Claim/{identity}" if identity else None)
    return ({"reference": address} if address else {}) | ({"identifier": identifiers[0]} if identifiers else {})


def _other(received: ReceivedClaim) -> Tree:
    """Name a claim that nobody sent, in the way that the one that was sent is named."""
    other = str(uuid5(NAMESPACE_URL, f"other than {received.digest}"))
    name = {"reference": f"urn:uuid:{other}"}
    identifier = _name(received).get("identifier")
    return name | ({"identifier": {**identifier, "value": other}} if identifier else {})


def _contained(claim: Tree, node: Any) -> list[Tree]:
    """Give the contained resources that a node refers to, and those that they refer to, in the order of the Claim."""
    held = {f"#{each['id']}": each for each in claim.get("contained", []) if "id" in each}
    wanted: list[str] = []
    todo = [node]
    while todo:
        found = [name for name in _local(todo.pop()) if name in held and name not in wanted]
        wanted += found
        todo += [held[name] for name in found]
    return [each for name, each in held.items() if name in wanted]


def _local(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield node["reference"]
        node = list(node.values())
    for each in node if isinstance(node, list) else []:
        yield from _local(each)
