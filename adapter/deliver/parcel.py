"""Several claims of one document as one Bundle, and what there is to say of them at its end."""

from __future__ import annotations

from collections.abc import Sequence

from adapter.fhir.json import Tree, decode_json, encode_json
from adapter.fhir.outcome import write_outcome
from adapter.issues import Issue

__all__ = ["gather_claims"]


def gather_claims(claims: Sequence[bytes], issues: Sequence[Issue] = ()) -> bytes:
    """Gather claim Bundles into one collection, an OperationOutcome last where there are issues.

    One claim stays the Bundle that it is, without issues byte for byte. Several are one entry each, so that each
    claim keeps its own parties. FHIR: Bundle.type collection, Bundle.entry.resource.

    >>> gather_claims([b'{"resourceType":"Bundle"}'])
    b'{"resourceType":"Bundle"}'
    >>> gather_claims([])
    b'{"resourceType":"Bundle","type":"collection"}'
    """
    if len(claims) == 1 and not issues:
        return claims[0]
    if len(claims) == 1:
        bundle: Tree = dict(_decode(claims[0]))
        entries = list(bundle.get("entry", []))
    else:
        bundle = {"resourceType": "Bundle", "type": "collection"}
        entries = [{"resource": _decode(claim)} for claim in claims]
    if issues:
        entries.append({"resource": write_outcome(issues)})
    if entries:
        bundle["entry"] = entries
    return encode_json(bundle)


def _decode(claim: bytes) -> Tree:
    outcome = decode_json(claim)
    if outcome.value is None:
        raise ValueError("a claim Bundle that this adapter wrote does not read back")
    return outcome.value
