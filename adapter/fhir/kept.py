"""A resource as it is kept and as it is shown: the server's facts in meta, and parts of it where less is asked for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from adapter.fhir.json import Tree

__all__ = ["cut_resource", "rewrite_references", "stamp_resource", "strip_resource"]

_SUBSETTED: Final = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}


def strip_resource(tree: Tree, identity: str) -> Tree:
    """Give a resource as it is kept: under its id, without the version and the time that another server gave it.

    >>> strip_resource({"resourceType": "Flag", "id": "x", "meta": {"versionId": "3"}}, "a")
    {'resourceType': 'Flag', 'id': 'a'}
    """
    meta = {key: value for key, value in tree.get("meta", {}).items() if key.lstrip("_") not in ("versionId", "lastUpdated")}
    rest = {key: value for key, value in tree.items() if key not in ("resourceType", "id", "meta")}
    return {"resourceType": tree["resourceType"], "id": identity, **({"meta": meta} if meta else {}), **rest}


def stamp_resource(tree: Tree, version: int, at: datetime) -> Tree:
    """Give a resource as it is shown: `meta.versionId` and `meta.lastUpdated` are those of this server."""
    meta = {"versionId": str(version), "lastUpdated": at.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    rest = {key: value for key, value in tree.items() if key not in ("resourceType", "id", "meta")}
    return {"resourceType": tree["resourceType"], "id": tree["id"], "meta": {**meta, **tree.get("meta", {})}, **rest}


def cut_resource(tree: Tree, wanted: Collection[str]) -> Tree:
    """Cut a resource to the elements that are wanted, and tag it so that nobody stores it for the whole.

    >>> sorted(cut_resource({"resourceType": "Flag", "id": "a", "code": {}, "period": {}}, ["code"]))
    ['code', 'id', 'meta', 'resourceType']
    """
    kept = {"resourceType", "id", "meta", *wanted}
    cut = {key: value for key, value in tree.items() if key.removeprefix("_") in kept}
    meta = cut.get("meta", {})
    return {**cut, "meta": {**meta, "tag": [*meta.get("tag", []), _SUBSETTED]}}


def rewrite_references(node: Any, names: dict[str, str]) -> Any:
    """Rewrite what a transaction names otherwise: literal references, and any text that is a URN of an entry.

    >>> rewrite_references({"subject": {"reference": "urn:uuid:1"}}, {"urn:uuid:1": "Patient/a"})
    {'subject': {'reference': 'Patient/a'}}
    """
    if isinstance(node, dict):
        return {
            key: names.get(value, value) if key == "reference" and isinstance(value, str) else rewrite_references(value, names)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [rewrite_references(one, names) for one in node]
    return names.get(node, node) if isinstance(node, str) and node.startswith("urn:") else node
