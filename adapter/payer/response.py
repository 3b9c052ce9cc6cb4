"""ClaimResponse: what the payer to test against says, as it was told to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from adapter.fhir.json import Tree
from adapter.fhir.receipt import Receipt, ReceivedClaim, name_of_claim, write_receipt

__all__ = ["write_response"]

_RECEIPTS: Final[Mapping[str, Receipt]] = {
    "accept": Receipt("complete", "Accepted by a payer to test against; nothing is paid."),
    "reject": Receipt("error", "Rejected by a payer to test against, as it was told to."),
}


def write_response(received: ReceivedClaim, answer: str, now: datetime) -> Tree:
    """Write the answer to a Claim: `accept`, `slow`, `reject`, or `lie`, which names another claim."""
    written = write_receipt(received, _RECEIPTS["reject" if answer == "reject" else "accept"], now)
    return written | ({"request": _other(received)} if answer == "lie" else {})


def _other(received: ReceivedClaim) -> Tree:
    """Name a claim that nobody sent, in the way that the one that was sent is named."""
    other = str(uuid5(NAMESPACE_URL, f"other than {received.digest}"))
    name = {"reference": f"urn:uuid:{other}"}
    identifier = name_of_claim(received).get("identifier")
    return name | ({"identifier": {**identifier, "value": other}} if identifier else {})
