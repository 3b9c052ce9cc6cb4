"""ClaimResponse at the receiving end: what is said to the one Claim that came, before or after it is decided.

Source: http://hl7.org/fhir/R4/claimresponse.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from adapter.fhir.json import Tree
from adapter.issues import Issue, IssueType, Outcome, Severity

__all__ = ["QUEUED", "Receipt", "ReceivedClaim", "name_of_claim", "read_received", "say_count", "write_receipt"]


@dataclass(frozen=True, slots=True)
class ReceivedClaim:
    """A Claim as it came: the resource, the fullUrl of its entry where it has one, the SHA-256 of the body in hex."""

    resource: Tree
    full_url: str | None
    digest: str


class Receipt(NamedTuple):
    """What is said to a Claim: ClaimResponse.outcome, and .disposition in words."""

    outcome: str
    disposition: str


QUEUED: Final = Receipt("queued", "Kept and queued for its payer.")


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
        text = say_count(len(claims))
        return Outcome(None, (Issue(Severity.ERROR, IssueType.REQUIRED, "claim.one", text, ("Resource",)),))
    ((entry, path),) = claims
    received = ReceivedClaim(entry["resource"], entry.get("fullUrl"), digest)
    return Outcome(received, tuple(_missing(received, path)))


def say_count(count: int) -> str:
    """Say that another number of Claims came than one.

    >>> say_count(2)
    '2 Claims were sent; exactly one was expected. Send each in a Bundle of its own.'
    """
    if count:
        return f"{count} Claims were sent; exactly one was expected. Send each in a Bundle of its own."
    return (
        "No Claim is here; exactly one was expected. Send a Claim or a claim Bundle; "
        "of a refill make one first (claim, over HTTP $refill-to-claim)."
    )


def _missing(received: ReceivedClaim, path: str) -> Iterator[Issue]:
    if "insurer" not in received.resource:
        text = "The Claim names no insurer; the payer that is to answer was expected. Add Claim.insurer."
        yield Issue(Severity.ERROR, IssueType.REQUIRED, "payer.insurer-missing", text, (f"{path}.insurer",))
    if not name_of_claim(received):
        text = "Nothing names the Claim; an identifier, an id or the fullUrl of its entry was expected. Add Claim.identifier."
        yield Issue(Severity.ERROR, IssueType.REQUIRED, "payer.claim-unnamed", text, (f"{path}.identifier",))


def write_receipt(received: ReceivedClaim, receipt: Receipt, now: datetime) -> Tree:
    """Write what is said to a Claim.

    FHIR: ClaimResponse.request holds fullUrl or id, and the first identifier, of the Claim; .type, .subType, .use, .patient and
    .insurer are the Claim's own, with what it contains of them; .error where the outcome is error. The same body has the
    same id.
    """
    claim = received.resource
    parties = {name: claim[name] for name in ("patient", "insurer")}
    written: Tree = {"resourceType": "ClaimResponse", "id": received.digest}
    if contained := _contained(claim, parties):
        written["contained"] = contained
    written |= {"status": "active", "type": claim["type"]}
    if "subType" in claim:
        written["subType"] = claim["subType"]
    written |= {"use": claim["use"], "patient": parties["patient"], "created": now.isoformat(timespec="seconds")}
    written |= {"insurer": parties["insurer"], "request": name_of_claim(received)}
    written |= {"outcome": receipt.outcome, "disposition": receipt.disposition}
    if receipt.outcome == "error":
        written["error"] = [{"code": {"text": receipt.disposition}}]
    return written


def name_of_claim(received: ReceivedClaim) -> Tree:
    """Name a Claim as a Reference does: by its address, and by its own identifier."""
    identity, identifiers = received.resource.get("id"), received.resource.get("identifier")
    address = received.full_url or (f"Claim/{identity}" if identity else None)
    return ({"reference": address} if address else {}) | ({"identifier": identifiers[0]} if identifiers else {})


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
