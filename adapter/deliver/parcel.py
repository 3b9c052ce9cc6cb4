"""Several Bundles as one, and what there is to say of them at its end."""

from __future__ import annotations

from collections.abc import Sequence

from adapter.fhir.json import Tree, decode_json, encode_json
from adapter.fhir.outcome import write_outcome
from adapter.issues import Issue

__all__ = ["gather_bundles", "wrap_document"]


def gather_bundles(bundles: Sequence[bytes], issues: Sequence[Issue] = ()) -> bytes:
    """Gather Bundles into one collection, an OperationOutcome last where there are issues.

    One Bundle stays what it is, without issues byte for byte. Several are one entry each, so that each keeps its own
    parties. FHIR: Bundle.type collection, Bundle.entry.resource.

    >>> gather_bundles([b'{"resourceType":"Bundle"}'])
    b'{"resourceType":"Bundle"}'
    >>> gather_bundles([])
    b'{"resourceType":"Bundle","type":"collection"}'
    """
    if len(bundles) == 1 and not issues:
        return bundles[0]
    trees = [_decode(one) for one in bundles]
    if len(trees) == 1:
        gathered = trees[0]
        entries = list(gathered.get("entry", []))
    else:
        gathered = {"resourceType": "Bundle", "type": "collection"}
        entries = [{"resource": tree} for tree in trees]
    if issues:
        entries.append({"resource": write_outcome(issues)})
    return encode_json({**gathered, "entry": entries} if entries else gathered)


def wrap_document(document: bytes) -> bytes:
    """Wrap a document that is no Bundle into one, its only entry; a Bundle stays byte for byte.

    >>> wrap_document(b'{"resourceType":"Procedure"}')
    b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Procedure"}}]}'
    """
    tree = _decode(document)
    if tree.get("resourceType") == "Bundle":
        return document
    return encode_json({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": tree}]})


def _decode(bundle: bytes) -> Tree:
    outcome = decode_json(bundle)
    if outcome.value is None:
        raise ValueError("a document that was written or kept here does not read back")
    return outcome.value
